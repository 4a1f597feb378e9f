import { EVENT_TYPES } from '@dipper/contract/events';
import type { Logger } from 'pino';
import { isDatabaseUnavailable, isTransactionConflict } from '../database/errors.ts';
import type { Db } from '../database/pool.ts';
import type { EventRow } from '../database/schema.ts';
import type { Response } from '../domains/alarm/response.ts';
import { createChangeSet } from '../domains/change/change-set.ts';
import { listEventsInSequence } from '../domains/event/event.repository.ts';
import { holdGrouping } from '../domains/incident/grouping-gate.ts';
import type { PlaceDirectory } from '../domains/place/place-directory.ts';
import type { RuleBook } from '../rules/rule-book.ts';
import { type Judged, judgeCarefully } from './careful-judging.ts';
import { advance, leaseAgent, leaseAgents, nextStretches, type Stretch } from './epoch-walk.ts';
import type { EventFollower } from './event-follower.ts';
import { subjectOf } from './event-subject.ts';
import type { Judge } from './judge.ts';
import type { EvaluatorMetrics } from './metrics.ts';
import { createPulse } from './pulse.ts';
import { countAttempts, forgetFailure, listSetAside, noteFailure } from './set-aside.ts';

/** Events stored by another copy of the hub are noticed within this time. */
const POLL_MS = 500;
const LAST_WAIT_MS = 10_000;
/** Agents that were set aside by another copy of the hub, or are due again, are noticed within this time. */
const LOOK_FOR_SET_ASIDE_EVERY_MS = 500;
/** Judged in one transaction; on the embedded database everybody else waits as long. */
const MAX_JUDGED_EVENTS = 100;

export interface EvaluatorOptions {
  readonly db: Db;
  readonly rules: RuleBook;
  readonly places: PlaceDirectory;
  readonly judge: Judge;
  readonly followers: readonly EventFollower[];
  readonly metrics: EvaluatorMetrics;
  readonly log: Logger;
  readonly now: () => number;
  /** Called after a commit that wrote changes. */
  readonly onCommit: () => void;
}

export interface Evaluator {
  /** To be called when events were stored. */
  nudge(): void;
  /** Judges what is stored until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Judges everything that can be judged now. */
  settle(): Promise<void>;
  /** Agents whose next events could not be judged, as this copy of the hub last saw it. */
  notJudged(): number;
}

/**
 * Walks the stored events of every agent in their sequence and asks the rules about each. What comes of a stretch is
 * committed together with the note that it was judged, so nothing is judged twice and nothing is passed over.
 */
export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const { db, rules, places, judge, followers, metrics, log, now } = options;
  const pulse = createPulse();
  let lookedForSetAsideAt = Number.NEGATIVE_INFINITY;
  let notJudged = 0;

  const judgeRow = async (response: Response, row: EventRow): Promise<void> => {
    for (const { types, follow } of followers) {
      if (types.some((type) => type === row.type)) await follow(response.tx, row);
    }
    const subject = subjectOf(row, places);
    if (subject !== undefined) await judge(response, subject);
  };

  /** Asks the rules about what comes next of leased agents, and says how far their stretches were judged. */
  const walk = async (
    response: Omit<Response, 'changes'>,
    agents: readonly string[],
    judgeRows: (rows: readonly EventRow[]) => Promise<Judged>,
  ): Promise<readonly Stretch[]> => {
    const { tx, now: at } = response;
    const stretches = await nextStretches(tx, agents, at);
    if (stretches.length === 0) return [];
    noteSkippedGaps(stretches);
    const rows = await listEventsInSequence(tx, stretches, concerned(response.rules, followers), MAX_JUDGED_EVENTS);
    if (rows.length > 0) await holdGrouping(tx);
    const { stoppedAt, changes } = await judgeRows(rows);
    const judged = stoppedAt === undefined ? judgedOf(stretches, rows) : judgedBefore(stretches, stoppedAt);
    if (judged.length > 0) await advance(tx, judged, at);
    for (const set of changes) await set.write(tx, at);
    metrics.evaluated.inc(judged.reduce((sum, { first, last }) => sum + last - first + 1, 0));
    return stretches;
  };

  /** One transaction for many agents. Says which it had a lease of, and which got no further. */
  const step = async (except: readonly string[]): Promise<{ leased: readonly string[]; idle: readonly string[] }> => {
    let leased: readonly string[] = [];
    try {
      return await db.transaction().execute(async (tx) => {
        const response = { tx, now: new Date(now()), rules: rules.snapshot(), places };
        leased = await leaseAgents(tx, except, response.now);
        if (leased.length === 0) return { leased, idle: [] };
        const stretches = await walk(response, leased, async (rows) => {
          const changes = createChangeSet();
          for (const row of rows) await judgeRow({ ...response, changes }, row);
          return { stoppedAt: undefined, changes: [changes] };
        });
        const moving = new Set(stretches.map(({ agent }) => agent));
        return { leased, idle: leased.filter((agent) => !moving.has(agent)) };
      });
    } catch (error) {
      if (isExpected(error) || leased.length === 0) throw error;
      log.error({ err: error, agents: leased }, 'cannot judge agents together; each is judged by itself');
      // Whoever is to blame keeps nobody but itself waiting.
      for (const agent of leased) await judgeAlone(agent);
      return { leased, idle: [] };
    }
  };

  /** What fails here is the agent's own: it is noted, and tried again after a while. */
  const judgeAlone = async (agent: string): Promise<void> => {
    try {
      await db.transaction().execute(async (tx) => {
        const response = { tx, now: new Date(now()), rules: rules.snapshot(), places };
        const agents = await leaseAgent(tx, agent);
        if (agents.length === 0) return;
        const judgeRows = (rows: readonly EventRow[]): Promise<Judged> =>
          judgeCarefully({ metrics, log, judgeRow }, response, agent, rows);
        const stretches = await walk(response, agents, judgeRows);
        if (stretches.length === 0) await forgetFailure(tx, agent);
      });
    } catch (error) {
      if (isExpected(error)) throw error;
      metrics.evaluationFailures.inc();
      log.error({ err: error, agent }, 'the events of an agent cannot be judged; it is tried again');
      await db
        .transaction()
        .execute(async (tx) => noteFailure(tx, agent, (await countAttempts(tx, agent)) + 1, error, new Date(now())));
    }
  };

  const retrySetAside = async (): Promise<void> => {
    if (Math.abs(now() - lookedForSetAsideAt) < LOOK_FOR_SET_ASIDE_EVERY_MS) return;
    lookedForSetAsideAt = now();
    const { count, due } = await listSetAside(db, new Date(now()));
    notJudged = count;
    metrics.agentsNotJudged.set(count);
    for (const agent of due) await judgeAlone(agent);
    if (due.length > 0) options.onCommit();
  };

  const noteSkippedGaps = (stretches: readonly Stretch[]): void => {
    for (const { agent, epoch, first, skipsGap } of stretches) {
      if (!skipsGap) continue;
      metrics.gapsSkipped.inc();
      log.warn({ agent, epoch, first }, 'went on without the sequences before');
    }
  };

  const settle = async (signal?: AbortSignal): Promise<void> => {
    await retrySetAside();
    const except: string[] = [];
    while (signal?.aborted !== true) {
      const { leased, idle } = await step(except);
      if (leased.length === 0) return;
      if (leased.length > idle.length) options.onCommit();
      except.push(...idle);
    }
  };

  return {
    nudge: pulse.beat,
    settle: () => settle(),
    notJudged: () => notJudged,
    async run(signal) {
      let waitMs = POLL_MS;
      while (!signal.aborted) {
        await pulse.next(waitMs, signal);
        if (signal.aborted) return;
        try {
          await settle(signal);
          metrics.rounds.inc();
          waitMs = POLL_MS;
        } catch (error) {
          log[isExpected(error) ? 'warn' : 'error']({ err: error }, 'cannot judge; trying again');
          waitMs = Math.min(waitMs * 2, LAST_WAIT_MS);
        }
      }
    },
  };
}

/** The same may succeed later, and it is nobody's fault. */
function isExpected(error: unknown): boolean {
  return isDatabaseUnavailable(error) || isTransactionConflict(error);
}

/** The types that any rule or follower asks about. Events of the others are passed over without being read. */
function concerned(rules: RuleBook, followers: readonly EventFollower[]): string[] {
  const followed = new Set<string>(followers.flatMap(({ types }) => types));
  return EVENT_TYPES.filter((type) => followed.has(type) || rules.rulesFor(type).length > 0);
}

/** How far the stretches were judged: what lies behind the last event that fitted in is for the next step. */
function judgedOf(stretches: readonly Stretch[], rows: readonly EventRow[]): Stretch[] {
  const last = rows.at(-1);
  if (last === undefined || rows.length < MAX_JUDGED_EVENTS) return [...stretches];
  const cut = stretches.findIndex(({ agent, epoch }) => agent === last.agent && epoch === last.epoch);
  return stretches
    .slice(0, cut + 1)
    .map((stretch, index) => (index === cut ? { ...stretch, last: Number(last.sequence) } : stretch));
}

/** How far they were judged when one event could not be; one stretch, for that happens to an agent by itself. */
function judgedBefore(stretches: readonly Stretch[], { sequence }: EventRow): Stretch[] {
  return stretches.flatMap((stretch) =>
    Number(sequence) > stretch.first ? [{ ...stretch, last: Number(sequence) - 1 }] : [],
  );
}
