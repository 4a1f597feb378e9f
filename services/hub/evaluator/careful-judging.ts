import { sql } from 'kysely';
import type { Logger } from 'pino';
import { isDatabaseUnavailable, isTransactionConflict } from '../database/errors.ts';
import type { EventRow } from '../database/schema.ts';
import type { Response } from '../domains/alarm/response.ts';
import { type ChangeSet, createChangeSet } from '../domains/change/change-set.ts';
import type { EvaluatorMetrics } from './metrics.ts';
import { errorText } from './rule-guard.ts';
import { countAttempts, forgetFailure, MAX_ATTEMPTS, noteFailure } from './set-aside.ts';

/** Stands where the name of a rule does: it was not one rule that failed. */
const NO_RULE = '-';

export interface CarefulJudgingOptions {
  readonly metrics: EvaluatorMetrics;
  readonly log: Logger;
  /** Asks the rules about one event. */
  readonly judgeRow: (response: Response, row: EventRow) => Promise<void>;
}

/** What became of events that were to be judged. */
export interface Judged {
  /** The event before which judging ended; undefined when it went on to the last. */
  readonly stoppedAt: EventRow | undefined;
  readonly changes: readonly ChangeSet[];
}

/**
 * Judges the events of one agent one by one, each in a savepoint, after something went wrong outside of what a rule
 * guards. What comes before a bad event is judged; the bad one is tried again later, and once it has failed often enough
 * it is put on record and passed over.
 */
export async function judgeCarefully(
  { metrics, log, judgeRow }: CarefulJudgingOptions,
  response: Omit<Response, 'changes'>,
  agent: string,
  rows: readonly EventRow[],
): Promise<Judged> {
  const { tx, now } = response;
  const attempts = await countAttempts(tx, agent);
  const changes: ChangeSet[] = [];
  for (const [index, row] of rows.entries()) {
    const ofRow = createChangeSet();
    await sql`savepoint event`.execute(tx);
    try {
      await judgeRow({ ...response, changes: ofRow }, row);
      await sql`release savepoint event`.execute(tx);
      changes.push(ofRow);
    } catch (error) {
      if (isDatabaseUnavailable(error) || isTransactionConflict(error)) throw error;
      await sql`rollback to savepoint event`.execute(tx);
      const tried = index === 0 ? attempts + 1 : 1;
      const about = { err: error, agent, event: row.id, tried };
      if (tried < MAX_ATTEMPTS) {
        log.error(about, 'an event cannot be judged; its agent waits, and is tried again');
        metrics.evaluationFailures.inc();
        await noteFailure(tx, agent, tried, error, now);
        return { stoppedAt: row, changes };
      }
      log.error(about, 'an event cannot be judged and is passed over; see the table rule_failure');
      metrics.eventsPassedOver.inc();
      await tx
        .insertInto('dipper.rule_failure')
        .values({ rule: NO_RULE, agent, event: row.id, error: errorText(error), occurred_at: now })
        .execute();
    }
  }
  await forgetFailure(tx, agent);
  return { stoppedAt: undefined, changes };
}
