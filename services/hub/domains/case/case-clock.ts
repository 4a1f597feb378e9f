import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { isDatabaseUnavailable, isTransactionConflict } from '../../database/errors.ts';
import type { Db, Tx } from '../../database/pool.ts';
import { CASE_LEADERS } from '../../plugins/roles.ts';
import { nameKeyOf } from '../account/account.repository.ts';
import { createChangeSet } from '../change/change-set.ts';
import type { CaseTimerKind } from './case.tables.ts';
import { insertStep } from './case-step.repository.ts';
import type { CaseTerms } from './case-terms.ts';
import { listDueCases, putOffTimer, takeDueTimers } from './case-timer.repository.ts';
import { findCases, type HandledCaseRow } from './grid-case.repository.ts';

/** Stands in steps for what happens because time passes. */
export const CLOCK = 'clock';
const MAX_PER_TICK = 50;
const TICK_MS = 1_000;
const HOUSEKEEPING_EVERY_MS = 10 * 60_000;
/** An account that is missing, disabled or no leader is seldom mended within the minute. */
const LEADER_AGAIN_MS = 3_600_000;

export interface CaseClockOptions {
  readonly db: Db;
  readonly terms: CaseTerms;
  readonly log: Logger;
  readonly now: () => number;
  /** Called at the start, and every ten minutes. */
  readonly housekeep: () => Promise<void>;
  /** Called after a commit that wrote changes. */
  readonly onCommit: () => void;
}

export interface CaseClock {
  /** Does what is due, again and again until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Does what is due. */
  tick(): Promise<void>;
}

/**
 * Reminders (催办), escalations, and leaders for the backlog (包案). Each stands in the database as a timer and is
 * deleted by the transaction that does it: after a crash it is done once, and of two hubs by one.
 */
export function createCaseClock({ db, terms, log, now, housekeep, onCommit }: CaseClockOptions): CaseClock {
  const tellTime = (id: string, at: Date): Promise<boolean> =>
    db.transaction().execute(async (tx) => {
      // The case's row before its timers, as every step does it; one that somebody works on comes with the next tick.
      const held = await tx
        .selectFrom('dipper.grid_case')
        .select('id')
        .where('id', '=', id)
        .forUpdate()
        .skipLocked()
        .executeTakeFirst();
      if (held === undefined) return false;
      const gridCase = (await findCases(tx, [id]))[0];
      if (gridCase === undefined) return false;
      let wrote = false;
      for (const kind of await takeDueTimers(tx, id, at)) {
        wrote = (await apply(tx, gridCase, kind, at, terms, log)) || wrote;
      }
      if (!wrote) return false;
      const changes = createChangeSet();
      changes.updated('case', id);
      return changes.write(tx, at);
    });
  let housekeptAt = 0;
  const tick = async (): Promise<void> => {
    const at = new Date(now());
    const due = await db.transaction().execute((tx) => listDueCases(tx, at, MAX_PER_TICK));
    let wrote = false;
    for (const id of due) {
      try {
        wrote = (await tellTime(id, at)) || wrote;
      } catch (error) {
        // Its timers are as they were. What one case cannot take must not keep the others waiting.
        if (isDatabaseUnavailable(error)) throw error;
        log[isTransactionConflict(error) ? 'debug' : 'error'](
          { err: error, case: id },
          'the clock could not do a case',
        );
      }
    }
    if (wrote) onCommit();
  };
  return {
    tick,
    async run(signal) {
      while (!signal.aborted) {
        await delay(TICK_MS, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
        try {
          await tick();
          // Also where the clock was set back meanwhile.
          if (Math.abs(now() - housekeptAt) < HOUSEKEEPING_EVERY_MS) continue;
          housekeptAt = now();
          await housekeep();
        } catch (error) {
          const isExpected = isDatabaseUnavailable(error) || isTransactionConflict(error);
          log[isExpected ? 'debug' : 'error']({ err: error }, 'the clock of cases missed a tick');
        }
      }
    },
  };
}

/** Whether something was written. */
async function apply(
  tx: Tx,
  gridCase: HandledCaseRow,
  kind: CaseTimerKind,
  at: Date,
  terms: CaseTerms,
  log: Logger,
): Promise<boolean> {
  const by = { by: CLOCK, at };
  if (kind === 'remind') {
    await insertStep(tx, gridCase, { ...by, action: 'remind', assignee: gridCase.assignee });
    return true;
  }
  if (kind === 'escalate') {
    // What is overdue is supervised from then on, without anybody having to notice.
    await tx
      .updateTable('dipper.grid_case')
      .set({ supervised_at: sql<Date>`coalesce(supervised_at, ${at})` })
      .where('id', '=', gridCase.id)
      .execute();
    await insertStep(tx, gridCase, { ...by, action: 'escalate' });
    return true;
  }
  if (gridCase.leader !== null) return false;
  const named = terms.leaderOf(gridCase.platform);
  const leader = named === undefined ? undefined : await findLeader(tx, named);
  if (leader === undefined) {
    const next = new Date(at.getTime() + LEADER_AGAIN_MS);
    await putOffTimer(tx, gridCase.id, kind, next);
    log.warn(
      { case: gridCase.number, leader: named, next },
      'a case is long overdue, and there is no leader to own it',
    );
    return false;
  }
  await tx.updateTable('dipper.grid_case').set({ leader }).where('id', '=', gridCase.id).execute();
  await insertStep(tx, gridCase, { ...by, action: 'entrust', assignee: leader });
  return true;
}

/** The account's own spelling of the name of somebody who may own a case. */
async function findLeader(tx: Tx, name: string): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`
    select name from dipper.account
     where name_key = ${nameKeyOf(name)} and disabled_at is null and roles && ${CASE_LEADERS}::text[]`.execute(tx);
  return rows[0]?.name;
}
