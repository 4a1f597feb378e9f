import type { TopicAddress } from '@dipper/contract/topics';
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

export function createAgentRegister(): AgentRegister {
  return {
    async enter(tx, changes, addresses) {
      const distinct = new Map(addresses.map((address) => [addressKey(address), address]));
      if (distinct.size === 0) return new Set();
      // Sorted, so that two copies of the hub never wait for each other in a circle.
      const rows = [...distinct.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, address]) => address);
      const entered = await tx
        .insertInto('dipper.agent')
        .values(rows.map(({ estate, agent }) => ({ id: agent, estate, configured: false, evaluated_at: null })))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returning('id')
        .execute();
      for (const { id } of entered) changes.created('agent', id);
      const known = await tx
        .selectFrom('dipper.agent')
        .select(['id', 'estate'])
        .where(
          'id',
          'in',
          rows.map(({ agent }) => agent),
        )
        .execute();
      return new Set(
        known.map(({ id, estate }) => addressKey({ estate, agent: id })).filter((key) => distinct.has(key)),
      );
    },
  };
}
