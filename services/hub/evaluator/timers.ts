import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { isDatabaseUnavailable, isTransactionConflict } from '../database/errors.ts';
import type { Db, Tx } from '../database/pool.ts';
import { clearAlarm } from '../domains/alarm/alarm-clearing.ts';
import type { Response } from '../domains/alarm/response.ts';
import { createChangeSet } from '../domains/change/change-set.ts';
import { holdGrouping, stopGrouping } from '../domains/incident/grouping-gate.ts';
import { endDueOutOfService } from '../domains/out-of-service/out-of-service-ending.ts';
import type { PlaceDirectory } from '../domains/place/place-directory.ts';
import { endDueShelves } from '../domains/shelf/shelf-ending.ts';
import type { RuleBook } from '../rules/rule-book.ts';
import { correctSignsOfLife, judgeAgents } from './agent-watch.ts';
import { createClockWatch } from './clock-watch.ts';
import { judgeClockStep, judgeConditions } from './condition-watch.ts';
import { judgeByClock } from './fact-judge.ts';
import type { Judge } from './judge.ts';
import type { EvaluatorMetrics } from './metrics.ts';
import { settleOrphans } from './orphans.ts';
import { createRuleCopies } from './rule-copies.ts';
import { subjectAt, takeDueTimers } from './rule-fact.repository.ts';
import type { RuleGuard } from './rule-guard.ts';
import { takeEachStep } from './steps.ts';

const TICK_MS = 500;
/** Any number that nothing else takes: one copy of the hub ticks at a time. */
const ADVISORY_LOCK = 7_700_002;
const MAX_PER_TICK = 100;
/** A hub that stops waits so long to say it. */
const LEAVE_PATIENCE_MS = 500;
/**
 * After a start of the hub agents need a moment to connect and to deliver what waited: what lasted when the hub stopped
 * may be long over, and an alarm that is raised before that is heard would be false.
 */
export const CATCH_UP_MS = 30_000;
/** A reader that was away longer starts anew from the lists. */
const CHANGES_KEPT_MS = 3 * 24 * 3_600_000;
const HOUSEKEEPING_EVERY_MS = 10 * 60_000;
const LOOK_AT_CONDITIONS_EVERY_MS = 5_000;
/** Less than this shifts no deadline of anybody, and is corrected by NTP now and then. */
const STEP_WORTH_TELLING_MS = 30_000;

export interface TimersOptions {
  readonly db: Db;
  readonly rules: RuleBook;
  readonly places: PlaceDirectory;
  readonly judge: Judge;
  readonly guard: RuleGuard;
  /**
   * Since when this copy of the hub has heard everything that agents say, by the monotonic clock; undefined while it
   * hears nothing.
   */
  readonly listeningSince: () => number | undefined;
  readonly metrics: Pick<EvaluatorMetrics, 'ticks'>;
  readonly log: Logger;
  readonly now: () => number;
  readonly monotonicNow: () => number;
  /** Called after a commit that wrote changes. */
  readonly onCommit: () => void;
}

export interface Timers {
  run(signal: AbortSignal): Promise<void>;
  /** Does what is due. */
  tick(): Promise<void>;
}

/**
 * What happens because time passes: delays that are over, alarms that clear by themselves, agents that fall silent.
 * All of it stands in the database, so it goes on where it stopped after a restart.
 */
export function createTimers(options: TimersOptions): Timers {
  const { db, rules, places, judge, guard, log, now, monotonicNow } = options;
  const clocks = createClockWatch(now, monotonicNow);
  const copies = createRuleCopies(monotonicNow);
  /** The step of the clock for which what agents' silence is measured by was corrected. */
  let correctedStep: number | undefined;
  let housekeptMs = Number.NEGATIVE_INFINITY;
  let lookedAtConditionsMs = Number.NEGATIVE_INFINITY;
  let untoldStepMs = 0;
  /** The rules whose orphans have been settled. */
  let settledBook: RuleBook | undefined;

  const inTick = async (work: (response: Response) => Promise<void>, gate = holdGrouping): Promise<void> => {
    const wrote = await db.transaction().execute(async (tx) => {
      if (!(await isOurTurn(tx))) return false;
      await gate(tx);
      const changes = createChangeSet();
      const at = new Date(now());
      await work({ tx, changes, now: at, rules: rules.snapshot(), places });
      return changes.write(tx, at);
    });
    if (wrote) options.onCommit();
  };

  /** For how long everything was heard, by clocks that nobody set meanwhile. */
  const listenedMs = (): number => {
    const since = options.listeningSince();
    return since === undefined ? 0 : monotonicNow() - Math.max(since, clocks.steppedAt() ?? since);
  };

  const judgeSilence = async (): Promise<void> => {
    const steppedAt = clocks.steppedAt();
    let isOurs = false;
    await inTick(async (response) => {
      isOurs = true;
      await correctSignsOfLife(response, steppedAt !== correctedStep);
      await judgeAgents(response, judge, listenedMs());
    });
    // Committed, and not by another copy of the hub, whose clock nobody set.
    if (isOurs) correctedStep = steppedAt;
  };

  const settleRules = async (): Promise<void> => {
    let settled: RuleBook | undefined;
    await inTick(async (response) => {
      if (!(await copies.agree(response.tx, response.rules))) return;
      await settleOrphans(response);
      settled = response.rules;
    });
    settledBook = settled ?? settledBook;
  };

  const judgeWhatIsWrong = async (): Promise<void> => {
    if (monotonicNow() - lookedAtConditionsMs < LOOK_AT_CONDITIONS_EVERY_MS) return;
    await inTick((response) => judgeConditions(response, judge));
    lookedAtConditionsMs = monotonicNow();
  };

  /** Whoever's clock was set tells of it, also where another copy of the hub has its turn at this moment. */
  const judgeOwnClock = async (): Promise<void> => {
    const stepMs = clocks.takeStepMs();
    if (Math.abs(stepMs) >= STEP_WORTH_TELLING_MS) untoldStepMs += stepMs;
    if (untoldStepMs === 0) return;
    let isTold = false;
    await inTick(async (response) => {
      await judgeClockStep(response, judge, untoldStepMs);
      isTold = true;
    });
    if (isTold) untoldStepMs = 0;
  };

  const houseKeep = async (): Promise<void> => {
    if (monotonicNow() - housekeptMs < HOUSEKEEPING_EVERY_MS) return;
    housekeptMs = monotonicNow();
    await inTick(forget);
  };

  const tick = (): Promise<void> => {
    clocks.look();
    return takeEachStep([
      () => copies.announce(db, rules.snapshot()),
      async () => settledBook === rules.snapshot() || settleRules(),
      async () => listenedMs() < CATCH_UP_MS || inTick((response) => judgeDue(response, guard)),
      () => inTick(clearDue),
      async () => (await isSilenceDue(db, new Date(now()))) && inTick(endDueSilences, stopGrouping),
      judgeSilence,
      judgeWhatIsWrong,
      judgeOwnClock,
      houseKeep,
    ]);
  };

  return {
    tick,
    async run(signal) {
      while (!signal.aborted) {
        await delay(TICK_MS, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) break;
        try {
          await tick();
          options.metrics.ticks.inc();
        } catch (error) {
          const isExpected = isDatabaseUnavailable(error) || isTransactionConflict(error);
          log[isExpected ? 'debug' : 'error']({ err: error }, 'the clock missed a tick');
        }
      }
      // A copy that cannot say so counts as gone after a while.
      const left = copies.leave(db).catch((error: unknown) => log.debug({ err: error }, 'left without a word'));
      await Promise.race([left, delay(LEAVE_PATIENCE_MS, undefined, { ref: false })]);
    },
  };
}

async function isOurTurn(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ ours: boolean }>`select pg_try_advisory_xact_lock(${ADVISORY_LOCK}) as ours`.execute(tx);
  return rows[0]?.ours === true;
}

async function judgeDue(response: Response, guard: RuleGuard): Promise<void> {
  const { tx, now, rules } = response;
  const known = rules.all().map(({ rule }) => rule.id);
  for (const due of await takeDueTimers(tx, now, known, MAX_PER_TICK)) {
    const ready = rules.find(due.rule);
    const subject = await subjectAt(tx, due, due.dueAt);
    if (ready === undefined || subject === undefined) continue;
    await guard(response, ready, subject, () => judgeByClock(response, ready, due));
  }
}

async function clearDue(response: Response): Promise<void> {
  const due = await response.tx
    .selectFrom('dipper.alarm')
    .selectAll()
    .where('active', '=', true)
    .where('clear_due_at', '<=', response.now)
    .orderBy('clear_due_at')
    .limit(MAX_PER_TICK)
    .forUpdate()
    .skipLocked()
    .execute();
  // At its time, not at that of the tick that came after it.
  for (const alarm of due) await clearAlarm(response, alarm, alarm.clear_due_at ?? response.now);
}

/** Asked beforehand, so that nobody is kept from raising alarms while nothing is due. */
async function isSilenceDue(db: Db, now: Date): Promise<boolean> {
  const { rows } = await sql<{ due: boolean }>`
    select exists (select from dipper.alarm_shelf where ended_at is null and until_at <= ${now})
        or exists (select from dipper.out_of_service where ended_at is null and until_at <= ${now}) as due`.execute(db);
  return rows[0]?.due === true;
}

async function endDueSilences(response: Response): Promise<void> {
  await endDueShelves(response, MAX_PER_TICK);
  await endDueOutOfService(response, MAX_PER_TICK);
}

async function forget({ tx, now }: Response): Promise<void> {
  await tx
    .deleteFrom('dipper.change')
    .where('at', '<', new Date(now.getTime() - CHANGES_KEPT_MS))
    .execute();
}
