import { DatabaseSync } from 'node:sqlite';
import { packGroups, unpackGroups } from './group-list.ts';
import type { GroupEntry } from './segment-format.ts';

/** A file of one stream: some seconds of it, in whole groups. */
export interface SegmentRow {
  readonly id: number;
  readonly device: string;
  /** Below the folder of the recordings. */
  readonly path: string;
  readonly startedAtMs: number;
  /** When its last picture had been shown. */
  readonly endedAtMs: number;
  /** Init segment and whole groups; whatever the file holds beyond that is not part of it. */
  readonly bytes: number;
  readonly pictures: number;
  readonly groups: readonly GroupEntry[];
  /** Whether it is still being written. */
  readonly isOpen: boolean;
}

/** What a case needs as evidence: nothing in this time goes until the lock is over. */
export interface EvidenceLock {
  readonly id: string;
  readonly device: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly expiresAtMs: number;
  readonly reason: string;
}

/** Why recordings went. `evicted` is before their time, to make room. */
export type RemovalReason = 'expired' | 'over-budget' | 'evicted' | 'damaged' | 'disk-replaced';

export interface RecordingIndex {
  insert(row: Pick<SegmentRow, 'device' | 'path' | 'startedAtMs'>): number;
  /** Notes that a segment has grown by whole groups. */
  grow(id: number, grown: Pick<SegmentRow, 'endedAtMs' | 'bytes' | 'pictures' | 'groups'>): void;
  close(id: number): void;
  /** Forgets a segment of which nothing was written. */
  discard(id: number): void;
  listOpen(): SegmentRow[];
  /** Segments of a device that show anything of [fromMs, untilMs), oldest first. */
  listBetween(device: string, fromMs: number, untilMs: number): SegmentRow[];
  /** The same without their groups, for whoever looks at a month of them. */
  listTimesBetween(
    device: string,
    fromMs: number,
    untilMs: number,
  ): Pick<SegmentRow, 'startedAtMs' | 'endedAtMs' | 'bytes'>[];
  /** From the beginning of the oldest to the end of the newest; undefined where nothing is recorded. */
  extentOf(device: string): { readonly fromMs: number; readonly untilMs: number } | undefined;
  /** When the first segment behind this time begins. */
  nextStart(device: string, atMs: number): number | undefined;
  listAll(): SegmentRow[];
  /** Oldest first, over all devices or of one; those being written and those under a lock left out. */
  listRemovable(
    filter: { readonly device?: string; readonly endedBeforeMs?: number; readonly limit: number },
    nowMs: number,
  ): SegmentRow[];
  /** Forgets segments whose files are gone, and keeps account of it. */
  remove(rows: readonly SegmentRow[], reason: RemovalReason, atMs: number): void;
  bytesOf(device: string): number;
  isEmpty(): boolean;
  lock(lock: EvidenceLock): void;
  unlock(id: string): boolean;
  listLocks(): EvidenceLock[];
  removals(): {
    readonly device: string;
    readonly reason: RemovalReason;
    readonly segments: number;
    readonly bytes: number;
    readonly fromMs: number;
    readonly untilMs: number;
    readonly atMs: number;
  }[];
  diskId(): string | undefined;
  setDiskId(id: string): void;
  end(): void;
}

const SCHEMA = `
  create table if not exists segment (
    id integer primary key autoincrement,
    device text not null,
    path text not null unique,
    started_at_ms real not null,
    ended_at_ms real not null,
    bytes integer not null default 0,
    pictures integer not null default 0,
    groups blob not null default x'',
    is_open integer not null default 1 check (is_open in (0, 1))
  ) strict;
  create index if not exists segment_time on segment (device, started_at_ms);
  create index if not exists segment_bytes on segment (device, bytes);
  create index if not exists segment_end on segment (ended_at_ms);
  create index if not exists segment_open on segment (id) where is_open = 1;
  create table if not exists evidence_lock (
    id text primary key,
    device text not null,
    from_ms real not null,
    until_ms real not null,
    expires_at_ms real not null,
    reason text not null
  ) strict;
  create table if not exists removal (
    id integer primary key,
    device text not null,
    reason text not null,
    segments integer not null,
    bytes integer not null,
    from_ms real not null,
    until_ms real not null,
    at_ms real not null
  ) strict;
  create table if not exists disk (one integer primary key check (one = 1), id text not null) strict;
`;

/** Nothing is open longer: a segment is found although it began before the time that is asked for. */
export const LONGEST_SEGMENT_MS = 10 * 60_000;
/** The account of what went, as proof of deletion. */
const REMOVALS_KEPT_MS = 400 * 24 * 3_600_000;

interface RawSegment {
  id: number;
  device: string;
  path: string;
  started_at_ms: number;
  ended_at_ms: number;
  bytes: number;
  pictures: number;
  groups: Uint8Array;
  is_open: number;
}

interface RawLock {
  id: string;
  device: string;
  from_ms: number;
  until_ms: number;
  expires_at_ms: number;
  reason: string;
}

const NOT_LOCKED = `not exists (select 1 from evidence_lock l where l.device = s.device and l.expires_at_ms > :now
                                   and l.from_ms < s.ended_at_ms and l.until_ms > s.started_at_ms)`;

/** Opens the index of the recordings, a SQLite file; better on another disk than they are. */
export function openRecordingIndex(path: string): RecordingIndex {
  const db = new DatabaseSync(path);
  // synchronous normal: a power cut may undo the last entries, and the files' own times are read instead (see segment-check).
  db.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma busy_timeout = 2000;');
  db.exec(SCHEMA);
  const insert = db.prepare('insert into segment (device, path, started_at_ms, ended_at_ms) values (?, ?, ?, ?)');
  const grow = db.prepare('update segment set ended_at_ms = ?, bytes = ?, pictures = ?, groups = ? where id = ?');
  const close = db.prepare('update segment set is_open = 0 where id = ?');
  const open = db.prepare('select * from segment where is_open = 1 order by id');
  const all = db.prepare('select * from segment order by id');
  const isBetween = `device = :device and started_at_ms < :until and started_at_ms > :from - ${LONGEST_SEGMENT_MS}
        and ended_at_ms > :from and bytes > 0 order by started_at_ms, id`;
  const between = db.prepare(`select * from segment where ${isBetween}`);
  const timesBetween = db.prepare(
    `select started_at_ms as startedAtMs, ended_at_ms as endedAtMs, bytes from segment where ${isBetween}`,
  );
  // Each by the index over device and time; the newest to begin is the newest to end.
  const oldest = db.prepare(
    'select started_at_ms as ms from segment where device = ? and bytes > 0 order by started_at_ms limit 1',
  );
  const newest = db.prepare(
    'select ended_at_ms as ms from segment where device = ? and bytes > 0 order by started_at_ms desc limit 1',
  );
  const next = db.prepare(
    'select started_at_ms as ms from segment where device = ? and started_at_ms > ? and bytes > 0 order by started_at_ms limit 1',
  );
  const msFrom = (row: unknown): number | undefined => (row as { ms: number } | undefined)?.ms;
  // A segment ends after it began: the second bound on time is what the index over it understands, so that looking for
  // what is over its time does not read a month of segments when nothing is.
  const removableOf = db.prepare(
    `select * from segment s where is_open = 0 and device = :device and ended_at_ms < :before and started_at_ms < :before
        and ${NOT_LOCKED} order by started_at_ms limit :limit`,
  );
  const removable = db.prepare(
    `select * from segment s where is_open = 0 and ended_at_ms < :before and ${NOT_LOCKED} order by ended_at_ms limit :limit`,
  );
  const remove = db.prepare('delete from segment where id = ?');
  const account = db.prepare(
    'insert into removal (device, reason, segments, bytes, from_ms, until_ms, at_ms) values (?, ?, ?, ?, ?, ?, ?)',
  );
  const forget = db.prepare('delete from removal where at_ms < ?');
  const bytes = db.prepare('select coalesce(sum(bytes), 0) as bytes from segment where device = ?');
  const lock = db.prepare(
    `insert into evidence_lock values (?, ?, ?, ?, ?, ?) on conflict (id) do update set
       device = excluded.device, from_ms = excluded.from_ms, until_ms = excluded.until_ms,
       expires_at_ms = excluded.expires_at_ms, reason = excluded.reason`,
  );
  const unlock = db.prepare('delete from evidence_lock where id = ?');

  const rowsFrom = (rows: unknown): SegmentRow[] => (rows as RawSegment[]).map(segmentFromRow);

  return {
    insert: ({ device, path: file, startedAtMs }) =>
      Number(insert.run(device, file, startedAtMs, startedAtMs).lastInsertRowid),
    grow: (id, grown) => void grow.run(grown.endedAtMs, grown.bytes, grown.pictures, packGroups(grown.groups), id),
    close: (id) => void close.run(id),
    discard: (id) => void remove.run(id),
    listOpen: () => rowsFrom(open.all()),
    listBetween: (device, fromMs, untilMs) => rowsFrom(between.all({ device, from: fromMs, until: untilMs })),
    listTimesBetween: (device, fromMs, untilMs) =>
      timesBetween.all({ device, from: fromMs, until: untilMs }) as unknown as ReturnType<
        RecordingIndex['listTimesBetween']
      >,
    extentOf(device) {
      const [fromMs, untilMs] = [msFrom(oldest.get(device)), msFrom(newest.get(device))];
      return fromMs === undefined || untilMs === undefined ? undefined : { fromMs, untilMs };
    },
    nextStart: (device, atMs) => msFrom(next.get(device, atMs)),
    listAll: () => rowsFrom(all.all()),
    listRemovable({ device, endedBeforeMs = Number.MAX_VALUE, limit }, nowMs) {
      const common = { before: endedBeforeMs, now: nowMs, limit };
      return rowsFrom(device === undefined ? removable.all(common) : removableOf.all({ ...common, device }));
    },
    remove(rows, reason, atMs) {
      if (rows.length === 0) return;
      db.exec('begin immediate');
      try {
        for (const [device, gone] of Map.groupBy(rows, (row) => row.device)) {
          for (const { id } of gone) remove.run(id);
          const total = gone.reduce((sum, row) => sum + row.bytes, 0);
          const fromMs = Math.min(...gone.map((row) => row.startedAtMs));
          const untilMs = Math.max(...gone.map((row) => row.endedAtMs));
          account.run(device, reason, gone.length, total, fromMs, untilMs, atMs);
        }
        forget.run(atMs - REMOVALS_KEPT_MS);
        db.exec('commit');
      } catch (error) {
        if (db.isTransaction) db.exec('rollback');
        throw error;
      }
    },
    bytesOf: (device) => Number((bytes.get(device) as unknown as { bytes: number }).bytes),
    isEmpty: () => db.prepare('select 1 from segment limit 1').get() === undefined,
    lock: (row) => void lock.run(row.id, row.device, row.fromMs, row.untilMs, row.expiresAtMs, row.reason),
    unlock: (id) => Number(unlock.run(id).changes) > 0,
    listLocks: () =>
      (db.prepare('select * from evidence_lock order by from_ms').all() as unknown as RawLock[]).map(lockFromRow),
    removals: () =>
      db
        .prepare(
          `select device, reason, segments, bytes, from_ms as fromMs, until_ms as untilMs, at_ms as atMs
             from removal order by id`,
        )
        .all() as unknown as ReturnType<RecordingIndex['removals']>,
    diskId: () => (db.prepare('select id from disk').get() as unknown as { id: string } | undefined)?.id,
    setDiskId: (id) =>
      void db.prepare('insert into disk values (1, ?) on conflict (one) do update set id = excluded.id').run(id),
    end: () => db.close(),
  };
}

function segmentFromRow(row: RawSegment): SegmentRow {
  return {
    id: row.id,
    device: row.device,
    path: row.path,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    bytes: row.bytes,
    pictures: row.pictures,
    groups: unpackGroups(row.groups),
    isOpen: row.is_open === 1,
  };
}

function lockFromRow(row: RawLock): EvidenceLock {
  return {
    id: row.id,
    device: row.device,
    fromMs: row.from_ms,
    untilMs: row.until_ms,
    expiresAtMs: row.expires_at_ms,
    reason: row.reason,
  };
}
