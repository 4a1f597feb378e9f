import type { StatusMessage } from '@dipper/contract/status';
import type { TopicAddress } from '@dipper/contract/topics';
import { sql } from 'kysely';
import type { Db } from '../database/pool.ts';
import { rangesFromMultirange } from '../database/sequence-set.ts';
import type { Stored } from './event-store.ts';

/** An edge that still waits for receipts of more epochs than this sends the older ones again. */
const RECENT_EPOCHS = 8;

/** Whether an agent that says this may have missed a receipt. Receipts are not retained: what it missed is gone. */
export function mayHaveMissedReceipts(status: StatusMessage): boolean {
  return status.state === 'online' && status.outbox.waiting + status.outbox.quarantined > 0;
}

/** Everything of an agent's recent epochs that has been committed, whoever committed it. */
export async function listSeen(db: Db, address: TopicAddress): Promise<Stored[]> {
  const { rows } = await sql<{ epoch: string; seen: string }>`
    select known.epoch, known.seen
      from dipper.agent_epoch known join dipper.agent on agent.id = known.agent
     where agent.id = ${address.agent} and agent.estate = ${address.estate}
     order by known.newest_occurred_at desc
     limit ${RECENT_EPOCHS}`.execute(db);
  return rows.map(({ epoch, seen }) => ({ address, epoch, ranges: rangesFromMultirange(seen) }));
}
