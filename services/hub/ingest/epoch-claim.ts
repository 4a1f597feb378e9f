import type { TopicAddress } from '@dipper/contract/topics';
import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../database/pool.ts';
import {
  hasSequence,
  multirangeFrom,
  rangesFrom,
  rangesFromMultirange,
  type SequenceRanges,
} from '../database/sequence-set.ts';
import type { Element } from './handlers/events.handler.ts';

/** What one transaction has of one epoch, by sequence. */
export interface EpochGroup {
  readonly address: TopicAddress;
  readonly epoch: string;
  readonly bySequence: ReadonlyMap<number, Element>;
}

/** Sequences that were claimed, and the statement that enters them among those seen, in the same transaction. */
export interface Claim {
  readonly groups: readonly ClaimedGroup[];
  /** Undefined when nothing was new. */
  readonly entry: RawBuilder<unknown> | undefined;
}

export interface ClaimedGroup extends EpochGroup {
  /** The elements whose sequences had not been seen. */
  readonly fresh: readonly Element[];
}

export function epochKey(agent: string, epoch: string): string {
  return `${agent} ${epoch}`;
}

/**
 * Says which sequences of a transaction had not been seen. Each epoch's row is locked until the transaction ends: another
 * copy of the hub that has the same batch waits, and then finds it seen.
 */
export async function claimUnseen(tx: Tx, groups: readonly EpochGroup[], now: Date): Promise<Claim> {
  if (groups.length === 0) return { groups: [], entry: undefined };
  const seen = await lockEpochs(tx, groups);
  const missing = groups.filter(({ address, epoch }) => !seen.has(epochKey(address.agent, epoch)));
  if (missing.length > 0) {
    await insertEpochs(tx, missing, now);
    for (const [key, ranges] of await lockEpochs(tx, missing)) seen.set(key, ranges);
  }
  const claimed = groups.map((group): ClaimedGroup => {
    const known = seen.get(epochKey(group.address.agent, group.epoch)) ?? [];
    const fresh: Element[] = [];
    for (const [sequence, element] of group.bySequence) if (!hasSequence(known, sequence)) fresh.push(element);
    return { ...group, fresh };
  });
  const withFresh = claimed.filter(({ fresh }) => fresh.length > 0);
  return { groups: claimed, entry: withFresh.length === 0 ? undefined : entryOf(withFresh, now) };
}

/** Locked in one order by everybody, so that two copies of the hub never wait for each other in a circle. */
async function lockEpochs(tx: Tx, groups: readonly EpochGroup[]): Promise<Map<string, SequenceRanges>> {
  const { rows } = await sql<{ agent: string; epoch: string; seen: string }>`
    select agent, epoch, seen from dipper.agent_epoch
     where (agent, epoch) in (select * from unnest(${agentsOf(groups)}::text[], ${epochsOf(groups)}::uuid[]))
     order by agent, epoch
       for no key update`.execute(tx);
  return new Map(rows.map(({ agent, epoch, seen }) => [epochKey(agent, epoch), rangesFromMultirange(seen)]));
}

async function insertEpochs(tx: Tx, groups: readonly EpochGroup[], now: Date): Promise<void> {
  const times = groups.map(({ bySequence }) => timesOf([...bySequence.values()], now));
  await sql`
    insert into dipper.agent_epoch (agent, epoch, oldest_occurred_at, newest_occurred_at)
    select * from unnest(${agentsOf(groups)}::text[], ${epochsOf(groups)}::uuid[],
                         ${times.map(({ oldest }) => oldest)}::timestamptz[],
                         ${times.map(({ newest }) => newest)}::timestamptz[])
     order by 1, 2
    on conflict (agent, epoch) do nothing`.execute(tx);
}

function entryOf(groups: readonly ClaimedGroup[], now: Date): RawBuilder<unknown> {
  const times = groups.map(({ fresh }) => timesOf(fresh, now));
  const added = groups.map(({ fresh }) =>
    multirangeFrom(rangesFrom(fresh.flatMap(({ position }) => (position === undefined ? [] : [position.sequence])))),
  );
  return sql`
    update dipper.agent_epoch as known set
      seen = known.seen + fresh.seen,
      oldest_occurred_at = least(known.oldest_occurred_at, fresh.oldest),
      newest_occurred_at = greatest(known.newest_occurred_at, fresh.newest),
      -- Where all that came before is judged, only this is left to judge.
      pending_oldest_at = case
        when known.seen = coalesce((select evaluated from dipper.agent_evaluation v
                                     where v.agent = known.agent and v.epoch = known.epoch), '{}') then fresh.oldest
        else least(coalesce(known.pending_oldest_at, known.oldest_occurred_at), fresh.oldest) end
      from unnest(${agentsOf(groups)}::text[], ${epochsOf(groups)}::uuid[], ${added}::int8multirange[],
                  ${times.map(({ oldest }) => oldest)}::timestamptz[],
                  ${times.map(({ newest }) => newest)}::timestamptz[]) as fresh (agent, epoch, seen, oldest, newest)
     where known.agent = fresh.agent and known.epoch = fresh.epoch`;
}

function agentsOf(groups: readonly EpochGroup[]): string[] {
  return groups.map(({ address }) => address.agent);
}

function epochsOf(groups: readonly EpochGroup[]): string[] {
  return groups.map(({ epoch }) => epoch);
}

/** From when to when the events occurred; what is no event counts as now. */
function timesOf(elements: readonly Element[], now: Date): { oldest: Date; newest: Date } {
  let oldestMs = Number.POSITIVE_INFINITY;
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const { content } of elements) {
    const ms = ('event' in content ? content.event.occurredAt : now).getTime();
    oldestMs = Math.min(oldestMs, ms);
    newestMs = Math.max(newestMs, ms);
  }
  return { oldest: new Date(oldestMs), newest: new Date(newestMs) };
}
