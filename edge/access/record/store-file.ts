import { renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Restored, StoreWrite } from './store-messages.ts';

/** Decisions' memory on disk. All calls block; a thread of its own makes them. */
export interface StoreFile {
  readonly restored: Restored;
  /** @param isFlushed true when it has to survive a loss of power from then on */
  write(write: StoreWrite, isFlushed: boolean): void;
  close(): void;
}

/** A permit is good for a year at most; what was used of one is of no use after it. */
const USES_KEPT_MS = 400 * 86_400_000;

const TABLES = `
  create table if not exists used (permit text primary key, uses integer not null, noted_at_ms integer not null) strict;
  create table if not exists whereabouts (holder text primary key, area text, since_ms real not null) strict;
  create table if not exists kept (name text primary key, value text not null) strict;
`;

/**
 * Opens the memory, or makes one. A damaged file is moved aside: it knows nothing of uses and places any more, and a door that
 * never opens again helps nobody.
 */
export function openStoreFile(path: string, nowMs: number): StoreFile {
  try {
    return openOnce(path, nowMs, undefined);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = `${path}.corrupt-${nowMs}`;
    renameSync(path, aside);
    return openOnce(path, nowMs, aside);
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB (https://www.sqlite.org/rescode.html). */
function isDamage(error: unknown): boolean {
  const code = (error as { errcode?: unknown }).errcode;
  return code === 11 || code === 26;
}

function openOnce(path: string, nowMs: number, movedCorruptTo: string | undefined): StoreFile {
  const file = new DatabaseSync(path);
  try {
    file.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma busy_timeout = 2000');
    file.exec(TABLES);
    file.prepare('delete from used where noted_at_ms < ?').run(nowMs - USES_KEPT_MS);
    return createStoreFile(file, readRestored(file, movedCorruptTo));
  } catch (error) {
    file.close();
    throw error;
  }
}

function readRestored(file: DatabaseSync, movedCorruptTo: string | undefined): Restored {
  const kept = (name: string): string | undefined => {
    const row = file.prepare('select value from kept where name = ?').get(name) as { value: string } | undefined;
    return row?.value;
  };
  const used = file.prepare('select permit, uses from used').all() as { permit: string; uses: number }[];
  const places = file.prepare('select holder, area, since_ms from whereabouts').all() as {
    holder: string;
    area: string | null;
    since_ms: number;
  }[];
  const version = kept('policy_version');
  const floorMs = kept('floor_ms');
  return {
    uses: used.map(({ permit, uses }) => [permit, uses]),
    whereabouts: places.map(({ holder, area, since_ms }) => [holder, { area, sinceMs: since_ms }]),
    policy: version === undefined ? undefined : { version: Number(version), sha256: kept('policy_sha256') ?? '' },
    floorMs: floorMs === undefined ? undefined : Number(floorMs),
    movedCorruptTo,
  };
}

function createStoreFile(file: DatabaseSync, restored: Restored): StoreFile {
  const setUses = file.prepare(
    'insert into used values (?, ?, ?) on conflict (permit) do update set uses = excluded.uses, noted_at_ms = excluded.noted_at_ms',
  );
  const setPlace = file.prepare(
    'insert into whereabouts values (?, ?, ?) on conflict (holder) do update set area = excluded.area, since_ms = excluded.since_ms',
  );
  const dropPlace = file.prepare('delete from whereabouts where holder = ?');
  const dropPlaces = file.prepare('delete from whereabouts where area = ? and since_ms < ?');
  const keep = file.prepare('insert into kept values (?, ?) on conflict (name) do update set value = excluded.value');

  function put({ uses, whereabouts, forgotten, policy, floorMs }: StoreWrite): void {
    for (const [permit, count] of uses ?? []) setUses.run(permit, count, Date.now());
    if (forgotten !== undefined) dropPlaces.run(forgotten.area, forgotten.untilMs);
    for (const [holder, place] of whereabouts ?? []) {
      if (place === undefined) dropPlace.run(holder);
      else setPlace.run(holder, place.area, place.sinceMs);
    }
    if (policy !== undefined) {
      keep.run('policy_version', String(policy.version));
      keep.run('policy_sha256', policy.sha256);
    }
    if (floorMs !== undefined) keep.run('floor_ms', String(Math.floor(floorMs)));
  }

  return {
    restored,
    write(write, isFlushed) {
      // In write-ahead mode `full` syncs the log at each commit, with all that was written before (sqlite.org/pragma.html).
      file.exec(`pragma synchronous = ${isFlushed ? 'full' : 'normal'}`);
      file.exec('begin immediate');
      try {
        put(write);
        file.exec('commit');
      } catch (error) {
        file.exec('rollback');
        throw error;
      }
    },
    close: () => file.close(),
  };
}
