import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { isDatabaseUnavailable, isTransactionConflict } from '../../database/errors.ts';
import type { AccessDb, AccessTx } from '../policy/access-db.ts';
import { noteAccessChange } from '../policy/access-revision.ts';
import { endOverPasses } from './pass-ending.ts';

/** A pass that was used at one gate is spent at the others after this time and that of a policy's way. */
const COUNT_EVERY_MS = 2_000;
const END_EVERY_MS = 60_000;
/** The visitor's page says for a day that the time is up, and not that there is nothing. */
const SHOWN_FOR_MS = 24 * 3_600_000;
/** Any number that nothing else takes: one copy of the hub counts and ends. */
const ADVISORY_LOCK = 7_700_021;
/** Stands where a person's name would. */
const BY = 'clock';

/** Counts how often passes were used, tells edges what others have seen of them, and ends what is over. */
export interface PassKeeping {
  run(signal: AbortSignal): Promise<void>;
  /** Counts once. Whether a policy has to follow. */
  count(): Promise<boolean>;
  /** Ends what is over. */
  end(): Promise<void>;
}

export interface PassKeepingOptions {
  readonly db: AccessDb;
  readonly onChange: () => void;
  readonly log: Logger;
  readonly now: () => number;
  readonly monotonicNow: () => number;
}

export function createPassKeeping({ db, onChange, log, now, monotonicNow }: PassKeepingOptions): PassKeeping {
  const alone = (work: (tx: AccessTx) => Promise<boolean>): Promise<boolean> =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ ours: boolean }>`select pg_try_advisory_xact_lock(${ADVISORY_LOCK}) as ours`.execute(
        tx,
      );
      return rows[0]?.ours === true && work(tx);
    });

  const count = async (): Promise<boolean> => {
    const changed = await alone(async (tx) => {
      const estates = await countUses(tx);
      for (const estate of estates) await noteAccessChange(tx, estate);
      return estates.length > 0;
    });
    if (changed) onChange();
    return changed;
  };

  const end = async (): Promise<void> => {
    const at = new Date(now());
    await alone(async (tx) => (await endOverPasses(tx, new Date(at.getTime() - SHOWN_FOR_MS), BY, at)) > 0);
  };

  return {
    count,
    end,
    async run(signal) {
      let endedMs = Number.NEGATIVE_INFINITY;
      while (!signal.aborted) {
        await delay(COUNT_EVERY_MS, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) break;
        try {
          await count();
          if (monotonicNow() - endedMs < END_EVERY_MS) continue;
          endedMs = monotonicNow();
          await end();
        } catch (error) {
          const isExpected = isDatabaseUnavailable(error) || isTransactionConflict(error);
          log[isExpected ? 'debug' : 'error']({ err: error }, 'passes could not be looked after');
        }
      }
    },
  };
}

/**
 * Counts grants by permits of open passes from the events that edges have told of: late ones, told twice, stored once, come to
 * the same. Only what was granted since the permit began is looked at.
 *
 * @returns estates whose policies have to say so: those where more than one edge knows the permit
 */
async function countUses(tx: AccessTx): Promise<string[]> {
  const { rows } = await sql<{ estate: string }>`
    with open as (
      select pass.permit, pass.estate, permit.valid_from,
             (select count(distinct device.agent) from dipper.access_point point
                join dipper.device device on device.id = point.device
               where point.id = any(permit.access_points)) as agents
        from dipper.access_pass pass join dipper.access_permit permit on permit.id = pass.permit
       where pass.code_hash is not null and pass.revoked_at is null),
    counted as (
      select open.permit, event.agent, count(*)::int as uses
        from open
        join dipper.event_passage event on event.data ->> 'permit' = open.permit::text
       where event.type = 'access.granted' and event.occurred_at >= open.valid_from - interval '1 hour'
         and event.occurred_at >= (select min(valid_from) from open) - interval '1 hour'
       group by open.permit, event.agent),
    written as (
      insert into dipper.access_permit_use as known (permit, agent, uses)
      select permit, agent, uses from counted
      on conflict (permit, agent) do update set uses = excluded.uses where known.uses is distinct from excluded.uses
      returning known.permit)
    select distinct open.estate from written join open on open.permit = written.permit where open.agents > 1`.execute(
    tx,
  );
  return rows.map(({ estate }) => estate);
}
