import { EVENT_TYPES } from '@dipper/contract/events';
import type { Logger } from 'pino';
import { isDatabaseUnavailable, isTransactionConflict } from '../database/errors.ts';
import type { Db } from '../database/pool.ts';
import type { EventRow } from '../database/schema.ts';
import { createChangeSet } from '../domains/change/change-set.ts';
import { listEventsInSequence } from '../domains/event/event.repository.ts';
import { holdGrouping } from '../domains/incident/grouping-gate.ts';
import type { PlaceDirectory } from '../domains/place/place-directory.ts';
import type { RuleBook } from '../rules/rule-book.ts';
import { advance, leaseAgents, nextStretches, type Stretch } from './epoch-walk.ts';
import { subjectOf } from './event-subject.ts';
import type { Judge } from './judge.ts';
import type { EvaluatorMetrics } from './metrics.ts';
import { createPulse } from './pulse.ts';

/** Events stored by another copy of the hub are noticed within this time. */
const POLL_MS = 500;
const LAST_WAIT_MS = 10_000;
/** Judged in one transaction; on the embedded database everybody else waits as long. */
const MAX_JUDGED_EVENTS = 100;

export interface EvaluatorOptions {
  readonly db: Db;
  readonly rules: RuleBook;
  readonly places: PlaceDirectory;
  readonly judge: Judge;
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
}

/**
 * Walks the stored events of every agent in their sequence and asks the rules about each. What comes of a stretch is
 * committed together with the note that it was judged, so nothing is judged twice and nothing is passed over.
 */
export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const { db, rules, places, judge, metrics, log, now } = options;
  const pulse = createPulse();

  /** One transaction. Says which agents it had a lease of, and which got no further. */
  const step = (except: readonly string[]): Promise<{ leased: number; idle: readonly string[] }> =>
    db.transaction().execute(async (tx) => {
      const at = new Date(now());
      const book = rules.snapshot();
      const agents = await leaseAgents(tx, except, at);
      if (agents.length === 0) return { leased: 0, idle: [] };
      const stretches = await nextStretches(tx, agents, at);
      const moving = new Set(stretches.map(({ agent }) => agent));
      const idle = agents.filter((agent) => !moving.has(agent));
      if (stretches.length === 0) return { leased: agents.length, idle };
      noteSkippedGaps(stretches);
      const rows = await listEventsInSequence(tx, stretches, concerned(book), MAX_JUDGED_EVENTS);
      if (rows.length > 0) await holdGrouping(tx);
      const changes = createChangeSet();
      for (const row of rows) {
        const subject = subjectOf(row, places);
        if (subject !== undefined) await judge({ tx, changes, now: at, rules: book, places }, subject);
      }
      const judged = judgedOf(stretches, rows);
      await advance(tx, judged, at);
      await changes.write(tx, at);
      metrics.evaluated.inc(judged.reduce((sum, { first, last }) => sum + last - first + 1, 0));
      return { leased: agents.length, idle };
    });

  const noteSkippedGaps = (stretches: readonly Stretch[]): void => {
    for (const { agent, epoch, first, skipsGap } of stretches) {
      if (!skipsGap) continue;
      metrics.gapsSkipped.inc();
      log.warn({ agent, epoch, first }, 'went on without the sequences before');
    }
  };

  const settle = async (signal?: AbortSignal): Promise<void> => {
    const except: string[] = [];
    while (signal?.aborted !== true) {
      const { leased, idle } = await step(except);
      if (leased === 0) return;
      if (leased > idle.length) options.onCommit();
      except.push(...idle);
    }
  };

  return {
    nudge: pulse.beat,
    settle: () => settle(),
    async run(signal) {
      let waitMs = POLL_MS;
      while (!signal.aborted) {
        await pulse.next(waitMs, signal);
        if (signal.aborted) return;
        try {
          await settle(signal);
          waitMs = POLL_MS;
        } catch (error) {
          const isExpected = isDatabaseUnavailable(error) || isTransactionConflict(error);
          log[isExpected ? 'warn' : 'error']({ err: error }, 'cannot judge; trying again');
          waitMs = Math.min(waitMs * 2, LAST_WAIT_MS);
        }
      }
    },
  };
}

/** The types that any rule asks about. Events of the others are passed over without being read. */
function concerned(rules: RuleBook): string[] {
  return EVENT_TYPES.filter((type) => rules.rulesFor(type).length > 0);
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
