import { sql } from 'kysely';
import type { Tx } from '../database/pool.ts';
import type { ChangeSet } from '../domains/change/change-set.ts';
import type { Refusal } from './incoming.ts';

export interface DeadLetter {
  readonly refusal: Refusal;
  readonly position: { readonly epoch: string; readonly sequence: number } | undefined;
}

/**
 * Keeps dead letters; the same bytes refused again on the same topic are counted. One statement for all of them: an agent that
 * sends nothing but nonsense must not make the others wait.
 */
export async function insertDeadLetters(
  tx: Tx,
  changes: ChangeSet,
  letters: readonly DeadLetter[],
  knownAgents: ReadonlySet<string>,
): Promise<void> {
  if (letters.length === 0) return;
  // One statement may touch a row only once, so what is the same is counted here first.
  const groups = Map.groupBy(letters, ({ refusal }) => `${refusal.sha256.toString('hex')} ${refusal.topic}`);
  // Sorted, so that two transactions with the same letters never wait for each other in a circle.
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  const first = sorted.map(([letter]) => letter as DeadLetter);
  const column = <T>(of: (letter: DeadLetter) => T): T[] => first.map(of);
  await sql`
    insert into dipper.dead_letter as known
      (agent, topic, reason, sha256, bytes, epoch, sequence, times, first_at, last_at)
    select agent, topic, reason, decode(sha256, 'hex'), bytes, epoch, sequence, times, at, at
      from unnest(${column(({ refusal }) => refusal.agent)}::text[], ${column(({ refusal }) => refusal.topic)}::text[],
                  ${column(({ refusal }) => refusal.reason)}::text[],
                  ${column(({ refusal }) => refusal.sha256.toString('hex'))}::text[],
                  ${column(({ refusal }) => refusal.bytes)}::integer[],
                  ${column(({ position }) => position?.epoch ?? null)}::uuid[],
                  ${column(({ position }) => position?.sequence ?? null)}::bigint[],
                  ${sorted.map(({ length }) => length)}::integer[],
                  ${column(({ refusal }) => refusal.receivedAt)}::timestamptz[]) with ordinality
             as letter (agent, topic, reason, sha256, bytes, epoch, sequence, times, at, place)
     order by place
    on conflict (topic, sha256) do update set
      times = known.times + excluded.times, last_at = excluded.last_at, reason = excluded.reason`.execute(tx);
  for (const { refusal } of letters) {
    if (refusal.agent !== null && knownAgents.has(refusal.agent)) changes.updated('agent', refusal.agent);
  }
}
