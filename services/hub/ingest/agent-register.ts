import type { TopicAddress } from '@dipper/contract/topics';
import { sql } from 'kysely';
import type { Tx } from '../database/pool.ts';
import type { ChangeSet } from '../domains/change/change-set.ts';

/** Enters agents that speak for the first time. Ids are unique across estates. */
export interface AgentRegister {
  /** Ids of those whose estate is the one they were entered with; the others use somebody else's name. */
  enter(tx: Tx, changes: ChangeSet, addresses: readonly TopicAddress[]): Promise<ReadonlySet<string>>;
}

/** `estate/agent`, as a topic has it. */
export function addressKey({ estate, agent }: TopicAddress): string {
  return `${estate}/${agent}`;
}

/** An agent that a configuration has moved to another estate is known under the old one for so long. */
const KNOWN_FOR_MS = 10_000;

/** @param monotonicNow milliseconds that pass evenly */
export function createAgentRegister(monotonicNow: () => number = () => performance.now()): AgentRegister {
  /** Committed entries by `estate/agent`, and until when they are believed. */
  const believed = new Map<string, number>();
  return {
    async enter(tx, changes, addresses) {
      const distinct = new Map(addresses.map((address) => [addressKey(address), address]));
      if (distinct.size === 0) return new Set();
      const nowMs = monotonicNow();
      if ([...distinct.keys()].every((key) => (believed.get(key) ?? 0) > nowMs)) return new Set(distinct.keys());
      const rows = [...distinct.values()];
      const known = await findAgents(tx, rows);
      for (const [agent, estate] of known) believed.set(addressKey({ estate, agent }), nowMs + KNOWN_FOR_MS);
      const missing = rows.filter(({ agent }) => !known.has(agent));
      if (missing.length > 0) {
        for (const { id } of await insertAgents(tx, missing)) changes.created('agent', id);
        // Whoever entered them, this copy of the hub or another.
        for (const [agent, estate] of await findAgents(tx, missing)) known.set(agent, estate);
      }
      return new Set(
        [...known].map(([agent, estate]) => addressKey({ estate, agent })).filter((key) => distinct.has(key)),
      );
    },
  };
}

async function findAgents(tx: Tx, addresses: readonly TopicAddress[]): Promise<Map<string, string>> {
  const ids = addresses.map(({ agent }) => agent);
  const rows = await tx
    .selectFrom('dipper.agent')
    .select(['id', 'estate'])
    .where('id', '=', sql<string>`any(${ids}::text[])`)
    .execute();
  return new Map(rows.map(({ id, estate }) => [id, estate]));
}

function insertAgents(tx: Tx, addresses: readonly TopicAddress[]): Promise<{ id: string }[]> {
  // Sorted, so that two copies of the hub never wait for each other in a circle.
  const sorted = addresses.toSorted((a, b) => (a.agent < b.agent ? -1 : 1));
  return tx
    .insertInto('dipper.agent')
    .values(sorted.map(({ estate, agent }) => ({ id: agent, estate, configured: false, evaluated_at: null })))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .execute();
}
