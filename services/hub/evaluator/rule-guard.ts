import { sql } from 'kysely';
import type { Logger } from 'pino';
import { isDatabaseUnavailable, isTransactionConflict } from '../database/errors.ts';
import type { Response } from '../domains/alarm/response.ts';
import type { ReadyRule } from '../rules/rule-book.ts';
import type { Subject } from '../rules/subject.ts';
import type { EvaluatorMetrics } from './metrics.ts';

/** Errors may carry what they choked on: only their beginning is kept. */
const MAX_ERROR_CHARACTERS = 500;

/**
 * Does what a rule asks for in a savepoint of its own. A rule that throws is put on record, and stops neither the
 * other rules nor what comes after; only a database that is gone, or a conflict with another transaction, ends the
 * transaction.
 */
export type RuleGuard = (
  response: Response,
  rule: ReadyRule,
  subject: Subject,
  work: () => Promise<void>,
) => Promise<void>;

export function createRuleGuard({ metrics, log }: { metrics: EvaluatorMetrics; log: Logger }): RuleGuard {
  return async (response, rule, subject, work) => {
    await sql`savepoint rule`.execute(response.tx);
    try {
      await work();
      await sql`release savepoint rule`.execute(response.tx);
    } catch (error) {
      if (isDatabaseUnavailable(error) || isTransactionConflict(error)) throw error;
      await sql`rollback to savepoint rule`.execute(response.tx);
      await recordFailure(response, rule, subject, error);
      metrics.ruleFailures.inc({ rule: rule.rule.id });
      log.error({ err: error, rule: rule.rule.id, event: subject.event, agent: subject.agent }, 'a rule failed');
    }
  };
}

/** What is kept of an error, whatever was thrown. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : textOf(error);
  return text.toWellFormed().replaceAll('\0', '\ufffd').slice(0, MAX_ERROR_CHARACTERS);
}

/** An object without a prototype has no text of its own. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return typeof thrown;
  }
}

async function recordFailure(
  { tx, now }: Response,
  { rule }: ReadyRule,
  subject: Subject,
  error: unknown,
): Promise<void> {
  await tx
    .insertInto('dipper.rule_failure')
    .values({
      rule: rule.id,
      agent: subject.agent,
      event: subject.event,
      error: errorText(error),
      occurred_at: now,
    })
    .execute();
}
