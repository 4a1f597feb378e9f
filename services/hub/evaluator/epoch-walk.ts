import { sql } from 'kysely';
import type { Tx } from '../database/pool.ts';
import { multirangeFrom, rangesFromMultirange } from '../database/sequence-set.ts';

/** Sequences passed in one transaction; most of their events concern no rule and are not read. */
const MAX_STEP_SEQUENCES = 2_000;
/** An agent whose latest event happened within this time has something live to tell, and goes before backlogs. */
const LIVE_MS = 60_000;
/**
 * A sequence that is missing while later ones are there is on its way: an edge sends a batch again within a minute. One
 * that was set aside at the edge never comes, and must not hold up the others for ever.
 */
export const GAP_PATIENCE_MS = 120_000;

/** The next stretch of an agent's events that may be judged. */
export interface Stretch {
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
  readonly oldest: Date;
  readonly newest: Date;
  /** Sequences before it were given up waiting for. */
  readonly skipsGap: boolean;
}

interface EpochRow {
  epoch: string;
  pending: string;
  evaluated: string;
  gap_since: Date | null;
  oldest_occurred_at: Date;
  newest_occurred_at: Date;
}

/**
 * Locks the agent that has waited longest of those with events to judge, until the transaction ends: first of those
 * with live events, then of those with a backlog only. The lock is the lease: another copy of the hub passes the agent
 * by, and a copy that dies gives it up with its connection.
 *
 * @param except agents that have nothing to judge at this moment, though something waits behind a gap
 */
export async function leaseAgent(tx: Tx, except: readonly string[], now: Date): Promise<string | undefined> {
  const liveSince = new Date(now.getTime() - LIVE_MS);
  // No key update: ingest may go on referring to the agent.
  const { rows } = await sql<{ id: string }>`
    select a.id from dipper.agent a
      join (select e.agent, max(e.newest_occurred_at) as newest from dipper.agent_epoch e
              left join dipper.agent_evaluation v on v.agent = e.agent and v.epoch = e.epoch
             where e.seen <> coalesce(v.evaluated, '{}')
             group by e.agent) as pending on pending.agent = a.id
     where a.id <> all(${except}::text[])
     order by pending.newest >= ${liveSince} desc, a.evaluated_at nulls first
     limit 1
       for no key update of a skip locked`.execute(tx);
  return rows[0]?.id;
}

/** The stretch of a leased agent that comes next: the live epoch before a backlog, each in sequence without gaps. */
export async function nextStretch(tx: Tx, agent: string, now: Date): Promise<Stretch | undefined> {
  const { rows } = await sql<EpochRow>`
    select e.epoch, (e.seen - coalesce(v.evaluated, '{}'))::text as pending, coalesce(v.evaluated, '{}')::text as evaluated,
           v.gap_since, e.oldest_occurred_at, e.newest_occurred_at
      from dipper.agent_epoch e
      left join dipper.agent_evaluation v on v.agent = e.agent and v.epoch = e.epoch
     where e.agent = ${agent} and e.seen <> coalesce(v.evaluated, '{}')
     order by e.newest_occurred_at desc`.execute(tx);
  for (const row of rows) {
    const [pending] = rangesFromMultirange(row.pending);
    if (pending === undefined) continue;
    const [first, last] = pending;
    const isContiguous = first === 1 || rangesFromMultirange(row.evaluated).some(([, end]) => end === first - 1);
    if (!isContiguous && row.gap_since === null) await noteGap(tx, agent, row.epoch, now);
    const isWaitedOut = row.gap_since !== null && now.getTime() - row.gap_since.getTime() >= GAP_PATIENCE_MS;
    if (!isContiguous && !isWaitedOut) continue;
    return {
      epoch: row.epoch,
      first,
      last: Math.min(last, first + MAX_STEP_SEQUENCES - 1),
      oldest: row.oldest_occurred_at,
      newest: row.newest_occurred_at,
      skipsGap: !isContiguous,
    };
  }
  return undefined;
}

async function noteGap(tx: Tx, agent: string, epoch: string, now: Date): Promise<void> {
  await sql`
    insert into dipper.agent_evaluation (agent, epoch, gap_since) values (${agent}, ${epoch}::uuid, ${now})
    on conflict (agent, epoch) do update set gap_since = excluded.gap_since`.execute(tx);
}

/** Notes that a stretch was judged, in the transaction that holds what came of it. */
export async function advance(tx: Tx, agent: string, { epoch, first, last }: Stretch, now: Date): Promise<void> {
  const judged = multirangeFrom([[first, last]]);
  await sql`
    insert into dipper.agent_evaluation as known (agent, epoch, evaluated)
    values (${agent}, ${epoch}::uuid, ${judged}::int8multirange)
    on conflict (agent, epoch) do update set evaluated = known.evaluated + excluded.evaluated, gap_since = null`.execute(
    tx,
  );
  await tx.updateTable('dipper.agent').set({ evaluated_at: now }).where('id', '=', agent).execute();
}
