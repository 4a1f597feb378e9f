import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataClassName } from '@dipper/contract/api/retention';
import { RETENTION_CLASSES } from '@dipper/contract/events';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { isDatabaseUnavailable, isTransactionConflict } from '../database/errors.ts';
import type { Db, Tx } from '../database/pool.ts';
import { hasTimescale } from './chunks.ts';
import type { DataClass } from './data-class.ts';
import { createDataClasses } from './data-classes.ts';
import { insertDeletions } from './deletion.repository.ts';
import { type ClockLeap, leapText, readDeletionTime } from './deletion-clock.ts';
import { createHourCounter } from './hour-counts.ts';
import { claimJob, endJob, keepJob, RUN_EVERY_MS } from './job.repository.ts';
import type { LateHours } from './late-hours.ts';
import type { RetentionMetrics } from './metrics.ts';
import type { RetentionDb, RetentionTables } from './retention.tables.ts';
import type { Keep, RetentionPolicy } from './retention-file.ts';

const LOOK_EVERY_MS = 1_000;
/** Between two slices, so that what waits for the database gets its turn: the embedded one serves one at a time. */
const PAUSE_MS = 20;
/** A hub that stops waits so long for a slice; one that is cut off is undone, and its class is free again after a while. */
const STOP_PATIENCE_MS = 1_000;
/** Any number that nothing else takes: one slice at a time deletes or compresses. */
const ADVISORY_LOCK = 7_700_003;
const DAY_MS = 24 * 3_600_000;

export interface MaintenanceOptions {
  readonly db: Db;
  readonly policy: RetentionPolicy;
  readonly lateHours: LateHours;
  /** What removes audit rows; without it they stay. */
  readonly audit?: DataClass;
  /** Classes of what is kept of cases. */
  readonly cases: readonly DataClass[];
  readonly metrics: RetentionMetrics;
  readonly log: Logger;
  readonly now: () => number;
}

export interface Maintenance {
  /** Looks after every class when it is due, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Looks after every class that is due and that no other copy of the hub has in hand. */
  runDue(signal: AbortSignal): Promise<void>;
}

/**
 * Counts hours, compresses what is old and deletes what is too old, in short transactions; no background worker of the
 * database has a part in it. Each class is in the hands of one copy of the hub at a time, and goes on where it stopped.
 */
export function createMaintenance(options: MaintenanceOptions): Maintenance {
  const { policy, metrics, log, now } = options;
  const db = options.db;
  const rows: RetentionDb = db.$extendTables<RetentionTables>();
  const counter = createHourCounter(rows, options.lateHours);
  let classes: readonly DataClass[] | undefined;
  let leap: ClockLeap | undefined;

  /** By when something has to be old enough, in the transaction that goes by it. */
  const timeOf = async (tx: Tx): Promise<Date> => {
    const time = await readDeletionTime(tx, new Date(now()));
    if (time.leap !== undefined && leap === undefined) log.error(leapText(time.leap));
    if (time.leap === undefined && leap !== undefined) log.warn({ at: time.at }, 'clocks are believed again');
    leap = time.leap;
    metrics.clockLeapSec.set(leap === undefined ? 0 : (leap.clockAt.getTime() - leap.knownAt.getTime()) / 1_000);
    return time.at;
  };

  /** Runs a slice by itself, after the slice that another copy of the hub is in; undefined when asked to stop. */
  const inSlice = async <T>(signal: AbortSignal, work: (tx: Tx) => Promise<T>): Promise<T | undefined> => {
    while (!signal.aborted) {
      const done = await db.transaction().execute(async (tx) => {
        const { rows: locks } = await sql<{ ours: boolean }>`
          select pg_try_advisory_xact_lock(${ADVISORY_LOCK}) as ours`.execute(tx);
        return locks[0]?.ours === true ? { result: await work(tx) } : undefined;
      });
      if (done !== undefined) return done.result;
      await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  };

  const count = async ({ name }: DataClass): Promise<boolean> => {
    const retention = RETENTION_CLASSES.find((known) => known === name);
    return retention !== undefined && counter.countNext(retention, new Date(now()));
  };

  const compress = async (data: DataClass, { compressAfterDays }: Keep, signal: AbortSignal): Promise<boolean> => {
    if (compressAfterDays === undefined || data.compressNext === undefined) return false;
    const compressed = await inSlice(signal, async (tx) =>
      data.compressNext?.(tx, new Date((await timeOf(tx)).getTime() - compressAfterDays * DAY_MS)),
    );
    return compressed === true;
  };

  const remove = async (data: DataClass, keep: Keep, signal: AbortSignal): Promise<boolean> => {
    const removals = await inSlice(signal, async (tx) => {
      const removed = await data.removeNext(tx, new Date((await timeOf(tx)).getTime() - keep.keepDays * DAY_MS));
      await insertDeletions(tx.$extendTables<RetentionTables>(), data.name, keep, removed ?? [], new Date(now()));
      return removed;
    });
    for (const removal of removals ?? []) metrics.deletedRows.inc({ class: data.name }, removal.rows);
    return removals !== undefined;
  };

  const runClass = async (data: DataClass, holder: string, signal: AbortSignal): Promise<void> => {
    const keep = policy[data.name];
    const steps = {
      // What is too old is not counted and compressed first.
      remove: () => remove(data, keep, signal),
      count: () => count(data),
      compress: () => compress(data, keep, signal),
    };
    for (const [step, next] of Object.entries(steps)) {
      while (!signal.aborted && (await next())) {
        metrics.slices.inc({ class: data.name, step });
        if (!(await keepJob(rows, data.name, holder, new Date(now())))) return;
        await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  };

  const look = async (data: DataClass, signal: AbortSignal): Promise<void> => {
    const holder = randomUUID();
    if (!(await claimJob(rows, data.name, holder, new Date(now())))) return;
    let error: string | null = null;
    let bytes: number | undefined;
    try {
      await runClass(data, holder, signal);
      bytes = await db.transaction().execute((tx) => data.measureBytes(tx));
      metrics.succeededAt.set({ class: data.name }, now() / 1_000);
      if (leap !== undefined) error = leapText(leap);
    } catch (cause) {
      error = (cause as Error).message;
      metrics.failures.inc({ class: data.name });
      tell(data.name, cause);
    }
    await endJob(rows, data.name, holder, { now: new Date(now()), error, bytes });
  };

  const tell = (name: DataClassName, error: unknown): void => {
    const isExpected = isDatabaseUnavailable(error) || isTransactionConflict(error);
    log[isExpected ? 'warn' : 'error']({ err: error, class: name }, 'maintenance ended early; it is tried again');
  };

  const runDue = async (signal: AbortSignal): Promise<void> => {
    classes ??= createDataClasses(await db.transaction().execute(hasTimescale), options.audit, options.cases);
    for (const data of classes) {
      if (signal.aborted) return;
      await look(data, signal);
    }
  };

  return {
    runDue,
    async run(signal) {
      let lookedAt = Number.NEGATIVE_INFINITY;
      const stopped = once(signal, 'abort').then(() => delay(STOP_PATIENCE_MS));
      while (!signal.aborted) {
        if (Math.abs(now() - lookedAt) >= RUN_EVERY_MS) {
          lookedAt = now();
          const looked = runDue(signal).catch((error: unknown) => {
            lookedAt = Number.NEGATIVE_INFINITY;
            log.debug({ err: error }, 'maintenance could not begin');
          });
          await Promise.race([looked, stopped]);
        }
        await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}
