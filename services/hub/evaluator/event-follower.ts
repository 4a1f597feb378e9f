import type { EventType } from '@dipper/contract/events';
import type { Tx } from '../database/pool.ts';
import type { EventRow } from '../database/schema.ts';

/**
 * Takes in what some events say, beside the rules: each once, in the sequence of its agent, in the transaction that notes
 * that it was judged. What fails is tried again and in the end passed over, as with rules; the agent waits for it.
 */
export interface EventFollower {
  readonly types: readonly EventType[];
  follow(tx: Tx, event: EventRow): Promise<void>;
}
