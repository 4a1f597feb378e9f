import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LinkError } from './errors.ts';

/** SQLite result codes (sqlite.org/rescode.html), primary part. */
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;
const SQLITE_IOERR = 10;
/** Extended code of an I/O error whose cause is a full disk or an exhausted quota. */
const SQLITE_IOERR_WRITE = 778;

const SCHEMA_VERSION = 1;

/** Where an event stands. In flight: sent, and no receipt yet. */
export const EVENT_STATE = { waiting: 0, inFlight: 1, receipted: 2, quarantined: 3 } as const;

/**
 * `state`: see `EVENT_STATE`. `sequence` is given when an event is first sent, in the order of `position`, so that what
 * is given up before it was ever sent leaves no hole: the hub judges an epoch without gaps.
 */
const SCHEMA = `
  create table epoch (
    number integer primary key,
    id text not null unique,
    begun_at_ms integer not null,
    next_sequence integer not null default 1
  ) strict;
  create table event (
    position integer primary key autoincrement,
    id text not null unique,
    epoch integer not null references epoch (number),
    sequence integer,
    type text not null,
    give_up_class integer not null,
    time_ms integer not null,
    body text not null,
    bytes integer not null,
    state integer not null default 0,
    quarantines integer not null default 0,
    -- when it was receipted or quarantined
    settled_at_ms integer
  ) strict;
  create unique index event_sequence on event (epoch, sequence) where sequence is not null;
  create index event_state on event (state, epoch, quarantines, position);
  create index event_unsent on event (give_up_class, position) where sequence is null;
  -- kept by the triggers below, so that the budget costs no scan
  create table total (
    state integer primary key,
    events integer not null default 0,
    bytes integer not null default 0
  ) strict;
  insert into total (state) values (0), (1), (2), (3);
  create trigger event_inserted after insert on event begin
    update total set events = events + 1, bytes = bytes + new.bytes where state = new.state;
  end;
  create trigger event_deleted after delete on event begin
    update total set events = events - 1, bytes = bytes - old.bytes where state = old.state;
  end;
  create trigger event_changed after update of state, bytes on event begin
    update total set events = events - 1, bytes = bytes - old.bytes where state = old.state;
    update total set events = events + 1, bytes = bytes + new.bytes where state = new.state;
  end;
  create table given_up (
    type text primary key,
    events integer not null
  ) strict, without rowid;
`;

/** A brake for the case that the reckoning in bytes is wrong: the file never outgrows its budget by more than this. */
const FILE_PER_BUDGET = 1.5;
const FILE_BASE_BYTES = 256 * 1024;

export interface OutboxFile {
  readonly database: DatabaseSync;
  /** Where the unreadable predecessor was moved; undefined in the usual case. */
  readonly movedCorruptTo: string | undefined;
}

/**
 * Opens the outbox's database, or begins one. Write-ahead log with full synchronisation: what a transaction wrote
 * survives the loss of power. The exclusive lock keeps a second agent off; the kernel drops it when we are killed.
 * A file that cannot be read is moved aside, for a person to look at, and a new one is begun: an edge that reports
 * from now on is worth more than one that does not start.
 *
 * @throws LinkError OUTBOX_IN_USE
 */
export function openOutboxFile(path: string, budgetBytes: number, nowMs: number): OutboxFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    return { database: openChecked(path, budgetBytes), movedCorruptTo: undefined };
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    const movedCorruptTo = moveAside(path, nowMs);
    return { database: openChecked(path, budgetBytes), movedCorruptTo };
  }
}

function openChecked(path: string, budgetBytes: number): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 1_000 });
  try {
    database.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full');
    const { page_size: pageBytes } = database.prepare('pragma page_size').get() as { page_size: number };
    database.exec(
      `pragma max_page_count = ${Math.ceil((budgetBytes * FILE_PER_BUDGET + FILE_BASE_BYTES) / pageBytes)}`,
    );
    const check = database.prepare('pragma quick_check(1)').get() as { quick_check: string };
    if (check.quick_check !== 'ok') throw new LinkError('OUTBOX_CORRUPT', check.quick_check);
    const { user_version: version } = database.prepare('pragma user_version').get() as { user_version: number };
    if (version === 0) database.exec(`begin immediate; ${SCHEMA} pragma user_version = ${SCHEMA_VERSION}; commit`);
    // Nothing may be taken for granted about a file that claims another form.
    else if (version !== SCHEMA_VERSION) throw new LinkError('OUTBOX_CORRUPT', `schema version ${version}`);
    return database;
  } catch (error) {
    database.close();
    if (codeOf(error) === SQLITE_BUSY) {
      throw new LinkError('OUTBOX_IN_USE', `${path} belongs to an agent that is still running. Stop that one first.`, {
        cause: error,
      });
    }
    throw error;
  }
}

function moveAside(path: string, nowMs: number): string {
  const target = `${path}.corrupt-${new Date(nowMs).toISOString().replaceAll(':', '')}`;
  for (const suffix of ['', '-wal', '-shm', '-journal']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  }
  return target;
}

function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode;
}

/** Whether the database says that its own file makes no sense. */
export function isCorrupt(error: unknown): boolean {
  if (error instanceof LinkError) return error.code === 'OUTBOX_CORRUPT';
  const primary = (codeOf(error) ?? 0) & 0xff;
  return primary === SQLITE_CORRUPT || primary === SQLITE_NOTADB;
}

/** Whether there was no room to write. */
export function isFull(error: unknown): boolean {
  const code = codeOf(error) ?? 0;
  return (code & 0xff) === SQLITE_FULL || (code === SQLITE_IOERR_WRITE && (code & 0xff) === SQLITE_IOERR);
}
