import { DipperError } from '@dipper/contract/errors';
import type { PolicyState, StatusMessage } from '@dipper/contract/status';
import { parsePayload, type TopicAddress } from '@dipper/contract/topics';
import { sql } from 'kysely';
import type { Tx } from '../../database/pool.ts';
import type { ChangeSet } from '../../domains/change/change-set.ts';
import type { Incoming } from '../incoming.ts';
import { isStorable } from '../refusal.ts';

/** A retained status of unknown age is at most this old; it only has to be older than any patience of ours. */
const MAX_RETAINED_AGE_MS = 24 * 3_600_000;

/** @throws DipperError with the reason for refusing the message */
export function readStatus(message: Incoming): StatusMessage {
  const status = parsePayload('status', message.payload);
  if (!isStorable(status)) throw new DipperError('MESSAGE_INVALID');
  return status;
}

/** Keeps the latest status of an agent, and since when its state is what it is. */
export async function storeStatus(
  tx: Tx,
  changes: ChangeSet,
  { agent }: TopicAddress,
  status: StatusMessage,
  message: Incoming,
): Promise<void> {
  const seenAt = signOfLifeAt(status, message);
  const text = JSON.stringify(status);
  const hubKeys = (status.state === 'online' ? status.hubKeys : undefined) ?? null;
  const { rows } = await sql`
    insert into dipper.agent_status as known (agent, state, message, changed_at, seen_at, hub_keys)
    values (${agent}, ${status.state}, ${text}::jsonb, ${message.receivedAt}, ${seenAt ?? retainedSince(status, message)},
            ${hubKeys}::text[])
    on conflict (agent) do update set
      state = excluded.state,
      message = excluded.message,
      hub_keys = coalesce(excluded.hub_keys, known.hub_keys),
      changed_at = case when known.state = excluded.state then known.changed_at else excluded.changed_at end,
      seen_at = greatest(known.seen_at, ${seenAt ?? null}::timestamptz)
    where known.message <> excluded.message or known.seen_at < ${seenAt ?? null}::timestamptz
    returning agent`.execute(tx);
  if (rows.length > 0) changes.updated('agent', agent);
  if (rows.length > 0 && status.state === 'online' && status.policy !== undefined) {
    await storePolicyState(tx, agent, status.policy, message.receivedAt);
  }
}

/** What the agent tells of its access policy; nothing is kept of one for which there is none. */
async function storePolicyState(tx: Tx, agent: string, { version, problem }: PolicyState, at: Date): Promise<void> {
  await sql`
    update dipper.agent_policy as known set
      acked_version = ${version},
      acked_at = ${at},
      problem = ${problem ?? null},
      behind_since = case when known.version = ${version} then null else coalesce(known.behind_since, ${at}) end
    where agent = ${agent} and (acked_version, problem) is distinct from (${version}, ${problem ?? null}::text)`.execute(
    tx,
  );
}

/** Neither a retained message nor a will was sent by an agent that lives now. */
function signOfLifeAt(status: StatusMessage, { retained, receivedAt }: Incoming): Date | undefined {
  const isWill = status.state === 'offline' && status.reason === 'will';
  return retained || isWill ? undefined : receivedAt;
}

function retainedSince(status: StatusMessage, { receivedAt }: Incoming): Date {
  const toldMs = Date.parse(status.at);
  const latestMs = receivedAt.getTime();
  return new Date(Math.min(Math.max(toldMs || 0, latestMs - MAX_RETAINED_AGE_MS), latestMs));
}
