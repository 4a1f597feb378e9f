import { AsyncLocalStorage } from 'node:async_hooks';
import { DipperError } from '@dipper/contract/errors';
import { sql, type Transaction } from 'kysely';

/** One attempt to carry out a request that has an idempotency key. */
export interface IdempotentAttempt {
  readonly account: string;
  /** Method and address as the route declares them. */
  readonly route: string;
  readonly key: string;
  /** Of this attempt alone. */
  readonly attempt: string;
}

/**
 * Which attempt the present call chain belongs to. Bound to the call chain rather than passed along: a service makes its
 * change the same way whether or not the request carried a key, and only the place that commits has to know.
 */
const current = new AsyncLocalStorage<IdempotentAttempt>();

/** Calls back; whatever that starts belongs to the attempt. */
export function withinAttempt(attempt: IdempotentAttempt, callback: () => void): void {
  current.run(attempt, callback);
}

/**
 * Notes in the transaction that makes a change that the request's key has been used up: change and note are committed
 * together or not at all. Does nothing for a request without a key. Every change set calls it when it is written; a
 * transaction without change rows calls it by itself, at its end.
 *
 * @throws DipperError IDEMPOTENCY_IN_PROGRESS when this attempt has been overtaken by another, so the transaction ends
 */
// biome-ignore lint/suspicious/noExplicitAny: transactions of every set of tables
export async function noteCarriedOut(tx: Transaction<any>): Promise<void> {
  const attempt = current.getStore();
  if (attempt === undefined) return;
  const { rows } = await sql`
    update dipper.idempotency_key set carried_out_at = coalesce(carried_out_at, clock_timestamp())
     where account = ${attempt.account}::uuid and route = ${attempt.route} and key = ${attempt.key}
       and attempt = ${attempt.attempt}::uuid
    returning 1`.execute(tx);
  if (rows.length === 0) throw new DipperError('IDEMPOTENCY_IN_PROGRESS');
}
