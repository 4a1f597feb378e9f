import { DatabaseSync } from 'node:sqlite';
import type { ClockStep } from './life-clock.ts';

/** A picture as the index knows it. */
export interface PictureRow {
  readonly ref: string;
  readonly device: string;
  readonly capturedAtMs: number;
  /** When it goes, unless somebody holds it for longer. */
  readonly expiresAtMs: number;
  readonly holdUntilMs: number | undefined;
  readonly sealedBytes: number;
  /** `kept`, or how it ended: at the end of its time, or before it. */
  readonly state: 'kept' | 'expired' | 'erased';
  /** Present exactly while the picture is kept. */
  readonly wrappedKey: Uint8Array | undefined;
}

const SCHEMA = `
  create table if not exists picture (
    ref text primary key,
    device text not null,
    captured_at_ms integer not null,
    expires_at_ms integer not null,
    hold_until_ms integer,
    sealed_bytes integer not null,
    state text not null check (state in ('kept', 'expired', 'erased')),
    wrapped_key blob,
    ended_at_ms integer,
    check ((state = 'kept') = (wrapped_key is not null)),
    check ((state = 'kept') = (ended_at_ms is null))
  ) strict;
  create index if not exists picture_kept on picture (max(expires_at_ms, coalesce(hold_until_ms, 0))) where state = 'kept';
  create table if not exists sealing_key (one integer primary key check (one = 1), key_id text not null) strict;
`;

/** Rows of pictures long gone stay for this long, as proof of deletion and so that `expired` is told from `unknown`. */
const TOMBSTONE_MS = 400 * 24 * 3_600_000;

export interface PictureIndex {
  insert(row: Omit<PictureRow, 'state' | 'holdUntilMs' | 'wrappedKey'> & { readonly wrappedKey: Uint8Array }): void;
  find(ref: string): PictureRow | undefined;
  /** Extends a hold; a shorter one changes nothing. */
  hold(ref: string, untilMs: number): void;
  /**
   * The clock was set: what it dated before keeps the rest of its life, at most `retentionMs`. What seems to be from the
   * future was dated by a better clock, before a restart, and stays. So do holds, which the hub dates.
   */
  redate(step: ClockStep, retentionMs: number): void;
  /** Pictures whose time and hold are over. */
  listDue(nowMs: number): string[];
  /** The oldest pictures that nobody holds, as many as are needed to free so many bytes; fewer when there are no more. */
  listOldest(bytesToFree: number, nowMs: number): string[];
  /** Destroys the keys of pictures, for good: the row stays, its key does not, neither here nor in the log. */
  end(refs: readonly string[], state: 'expired' | 'erased', atMs: number): void;
  keptBytes(): number;
  hasKept(): boolean;
  keyId(): string | undefined;
  setKeyId(keyId: string): void;
  close(): void;
}

interface RawRow {
  ref: string;
  device: string;
  captured_at_ms: number;
  expires_at_ms: number;
  hold_until_ms: number | null;
  sealed_bytes: number;
  state: PictureRow['state'];
  wrapped_key: Uint8Array | null;
}

function pictureFromRow(row: RawRow): PictureRow {
  return {
    ref: row.ref,
    device: row.device,
    capturedAtMs: row.captured_at_ms,
    expiresAtMs: row.expires_at_ms,
    holdUntilMs: row.hold_until_ms ?? undefined,
    sealedBytes: row.sealed_bytes,
    state: row.state,
    wrappedKey: row.wrapped_key ?? undefined,
  };
}

/** Opens the index, a SQLite file. It holds sealed keys and times, never a byte of a picture. */
export function openPictureIndex(path: string): PictureIndex {
  const db = new DatabaseSync(path);
  // secure_delete: what is removed from a page is overwritten with zeros. synchronous full: a reference that went out in
  // an event must not be unknown after a power cut.
  db.exec(
    'pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on; pragma busy_timeout = 2000;',
  );
  db.exec(SCHEMA);

  const insert = db.prepare(
    `insert into picture (ref, device, captured_at_ms, expires_at_ms, sealed_bytes, state, wrapped_key)
     values (?, ?, ?, ?, ?, 'kept', ?)`,
  );
  const find = db.prepare('select * from picture where ref = ?');
  const hold = db.prepare(
    `update picture set hold_until_ms = max(coalesce(hold_until_ms, 0), ?) where ref = ? and state = 'kept'`,
  );
  const redate = db.prepare(
    `update picture set expires_at_ms = min(expires_at_ms + :to - :from, :to + :retention)
     where state = 'kept' and expires_at_ms - :retention <= :from`,
  );
  const due = db.prepare(
    `select ref from picture where state = 'kept' and max(expires_at_ms, coalesce(hold_until_ms, 0)) <= ?`,
  );
  const oldest = db.prepare(
    `select ref, sealed_bytes from picture where state = 'kept' and coalesce(hold_until_ms, 0) <= ?
     order by captured_at_ms, ref`,
  );
  const end = db.prepare(
    `update picture set state = ?, wrapped_key = null, ended_at_ms = ? where ref = ? and state = 'kept'`,
  );
  const forget = db.prepare('delete from picture where ended_at_ms < ?');
  const kept = db.prepare(`select coalesce(sum(sealed_bytes), 0) as bytes from picture where state = 'kept'`);

  return {
    insert: (row) =>
      void insert.run(row.ref, row.device, row.capturedAtMs, row.expiresAtMs, row.sealedBytes, row.wrappedKey),
    find: (ref) => {
      const row = find.get(ref) as unknown as RawRow | undefined;
      return row === undefined ? undefined : pictureFromRow(row);
    },
    hold: (ref, untilMs) => void hold.run(untilMs, ref),
    redate: ({ fromMs, toMs }, retentionMs) =>
      void redate.run({ from: Math.round(fromMs), to: Math.round(toMs), retention: retentionMs }),
    listDue: (nowMs) => (due.all(nowMs) as unknown as { ref: string }[]).map(({ ref }) => ref),
    listOldest: (bytesToFree, nowMs) => {
      const refs: string[] = [];
      let freed = 0;
      for (const row of oldest.iterate(nowMs) as unknown as Iterable<{ ref: string; sealed_bytes: number }>) {
        if (freed >= bytesToFree) break;
        refs.push(row.ref);
        freed += row.sealed_bytes;
      }
      return refs;
    },
    end: (refs, state, atMs) => {
      if (refs.length === 0) return;
      db.exec('begin immediate');
      try {
        for (const ref of refs) end.run(state, atMs, ref);
        forget.run(atMs - TOMBSTONE_MS);
        db.exec('commit');
      } catch (error) {
        if (db.isTransaction) db.exec('rollback');
        throw error;
      }
      // Older frames of the log still show the pages with the keys in them.
      db.exec('pragma wal_checkpoint(truncate)');
    },
    keptBytes: () => Number((kept.get() as unknown as { bytes: number }).bytes),
    hasKept: () => db.prepare(`select 1 from picture where state = 'kept' limit 1`).get() !== undefined,
    keyId: () =>
      (db.prepare('select key_id from sealing_key').get() as unknown as { key_id: string } | undefined)?.key_id,
    setKeyId: (keyId) =>
      void db
        .prepare('insert into sealing_key values (1, ?) on conflict (one) do update set key_id = excluded.key_id')
        .run(keyId),
    close: () => db.close(),
  };
}
