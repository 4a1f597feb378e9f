import { sql } from 'kysely';
import type { Tx } from '../database/pool.ts';
import type { ChangeSet } from '../domains/change/change-set.ts';
import type { Refusal } from './incoming.ts';

export interface DeadLetter {
  readonly refusal: Refusal;
  readonly position: { readonly epoch: string; readonly sequence: number } | undefined;
}

/** Keeps dead letters; the same bytes refused again on the same topic are counted. */
export async function insertDeadLetters(
  tx: Tx,
  changes: ChangeSet,
  letters: readonly DeadLetter[],
  knownAgents: ReadonlySet<string>,
): Promise<void> {
  // One statement may touch a row only once, so what is the same is counted here first.
  const groups = Map.groupBy(letters, ({ refusal }) => `${refusal.sha256.toString('hex')} ${refusal.topic}`);
  // Sorted, so that two transactions with the same letters never wait for each other in a circle.
  for (const [, group] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [letter] = group;
    if (letter === undefined) continue;
    const { refusal, position } = letter;
    await sql`
      insert into dipper.dead_letter as known
        (agent, topic, reason, sha256, bytes, epoch, sequence, times, first_at, last_at)
      values (${refusal.agent}, ${refusal.topic}, ${refusal.reason}, ${refusal.sha256}, ${refusal.bytes},
              ${position?.epoch ?? null}::uuid, ${position?.sequence ?? null}::bigint, ${group.length},
              ${refusal.receivedAt}, ${refusal.receivedAt})
      on conflict (topic, sha256) do update set
        times = known.times + excluded.times, last_at = excluded.last_at, reason = excluded.reason`.execute(tx);
    if (refusal.agent !== null && knownAgents.has(refusal.agent)) changes.updated('agent', refusal.agent);
  }
}
