import { sql } from 'kysely';
import type { Tx } from '../database/pool.ts';
import { multirangeFrom, rangesFromMultirange } from '../database/sequence-set.ts';
import { writeBundle } from '../database/write-bundle.ts';

/** Sequences of one agent passed in one transaction; most of their events concern no rule and are not read. */
const MAX_STRETCH_SEQUENCES = 2_000;
/** Agents whose events are judged in one transaction: it costs the same round trips for one as for all. */
const MAX_LEASED_AGENTS = 32;
/** An agent whose latest event happened within this time has something live to tell, and goes before backlogs. */
const LIVE_MS = 60_000;
/**
 * A sequence that is missing while later ones are there is on its way: an edge sends a batch again within a minute. One
 * that was set aside at the edge never comes, and must not hold up the others for ever. Gaps that were there together
 * are waited for together, not one after the other.
 */
export const GAP_PATIENCE_MS = 120_000;

/** The next stretch of an agent's events that may be judged. */
export interface Stretch {
  readonly agent: string;
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
  readonly oldest: Date;
  readonly newest: Date;
  /** Sequences before it were given up waiting for. */
  readonly skipsGap: boolean;
}

interface EpochRow {
  agent: string;
  epoch: string;
  pending: string;
  evaluated: string;
  gap_since: Date | null;
  gap_last: string | null;
  oldest_occurred_at: Date;
  newest_occurred_at: Date;
}

/**
 * Locks the agents that have waited longest of those with events to judge, until the transaction ends: first those with
 * live events, then those with a backlog only. The locks are the lease: another copy of the hub passes these agents by,
 * and a copy that dies gives them up with its connection.
 *
 * @param except agents that have nothing to judge at this moment, though something waits behind a gap
 */
export async function leaseAgents(tx: Tx, except: readonly string[], now: Date): Promise<string[]> {
  const liveSince = new Date(now.getTime() - LIVE_MS);
  // No key update: ingest may go on referring to the agents.
  const { rows } = await sql<{ id: string }>`
    select a.id from dipper.agent a
      join (select e.agent, max(e.newest_occurred_at) as newest from dipper.agent_epoch e
              left join dipper.agent_evaluation v on v.agent = e.agent and v.epoch = e.epoch
             where e.seen <> coalesce(v.evaluated, '{}')
             group by e.agent) as pending on pending.agent = a.id
     where a.id <> all(${except}::text[])
       -- What could not be judged is tried by itself.
       and not exists (select from dipper.evaluation_failure f where f.agent = a.id)
     order by pending.newest >= ${liveSince} desc, a.evaluated_at nulls first
     limit ${MAX_LEASED_AGENTS}
       for no key update of a skip locked`.execute(tx);
  return rows.map(({ id }) => id);
}

/** Locks one agent, unless another copy of the hub has it. */
export async function leaseAgent(tx: Tx, agent: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from dipper.agent where id = ${agent} for no key update skip locked`.execute(tx);
  return rows.map(({ id }) => id);
}

/**
 * The stretches of leased agents that come next, in the order of the agents: of each the live epoch before a backlog, in
 * sequence without gaps. An agent whose events all wait behind a gap has none.
 */
export async function nextStretches(tx: Tx, agents: readonly string[], now: Date): Promise<Stretch[]> {
  const { rows } = await sql<EpochRow>`
    select e.agent, e.epoch, (e.seen - coalesce(v.evaluated, '{}'))::text as pending,
           coalesce(v.evaluated, '{}')::text as evaluated, v.gap_since, v.gap_last,
           e.newest_occurred_at, coalesce(e.pending_oldest_at, e.oldest_occurred_at) as oldest_occurred_at
      from dipper.agent_epoch e
      left join dipper.agent_evaluation v on v.agent = e.agent and v.epoch = e.epoch
     where e.agent = any(${agents}::text[]) and e.seen <> coalesce(v.evaluated, '{}')
     order by e.newest_occurred_at desc`.execute(tx);
  const byAgent = Map.groupBy(rows, ({ agent }) => agent);
  const stretches: Stretch[] = [];
  for (const agent of agents) {
    const stretch = await firstStretch(tx, byAgent.get(agent) ?? [], now);
    if (stretch !== undefined) stretches.push(stretch);
  }
  return stretches;
}

async function firstStretch(tx: Tx, rows: readonly EpochRow[], now: Date): Promise<Stretch | undefined> {
  for (const row of rows) {
    const ranges = rangesFromMultirange(row.pending);
    const [pending] = ranges;
    if (pending === undefined) continue;
    const [first, last] = pending;
    const isContiguous = first === 1 || rangesFromMultirange(row.evaluated).some(([, end]) => end === first - 1);
    const waitedMs =
      row.gap_since === null || !isOlderGap(row, first) ? undefined : now.getTime() - row.gap_since.getTime();
    const isWaitedOut = waitedMs !== undefined && waitedMs >= GAP_PATIENCE_MS;
    if (!isContiguous && waitedMs === undefined) await noteGap(tx, row, ranges.at(-1)?.[1] ?? last, now);
    if (!isContiguous && !isWaitedOut) continue;
    return {
      agent: row.agent,
      epoch: row.epoch,
      first,
      last: Math.min(last, first + MAX_STRETCH_SEQUENCES - 1),
      oldest: row.oldest_occurred_at,
      newest: row.newest_occurred_at,
      skipsGap: !isContiguous,
    };
  }
  return undefined;
}

/** Whether what comes behind a gap was there when one was noticed: it has been missed for as long. */
function isOlderGap({ gap_last }: EpochRow, first: number): boolean {
  return gap_last === null || first <= Number(gap_last);
}

async function noteGap(tx: Tx, { agent, epoch }: EpochRow, last: number, now: Date): Promise<void> {
  await sql`
    insert into dipper.agent_evaluation (agent, epoch, gap_since, gap_last)
    values (${agent}, ${epoch}::uuid, ${now}, ${last})
    on conflict (agent, epoch) do update set gap_since = excluded.gap_since, gap_last = excluded.gap_last`.execute(tx);
}

/** Notes that stretches were judged, in the transaction that holds what came of them. */
export async function advance(tx: Tx, stretches: readonly Stretch[], now: Date): Promise<void> {
  const agents = stretches.map(({ agent }) => agent);
  const judged = stretches.map(({ first, last }) => multirangeFrom([[first, last]]));
  await writeBundle(tx, [
    sql`
      insert into dipper.agent_evaluation as known (agent, epoch, evaluated)
      select * from unnest(${agents}::text[], ${stretches.map(({ epoch }) => epoch)}::uuid[], ${judged}::int8multirange[])
      on conflict (agent, epoch) do update set evaluated = known.evaluated + excluded.evaluated,
        -- Until all that was there when it was noticed has been judged, there may be another one as old.
        gap_since = case when known.gap_last >= upper(excluded.evaluated) then known.gap_since end,
        gap_last = case when known.gap_last >= upper(excluded.evaluated) then known.gap_last end`,
    sql`update dipper.agent set evaluated_at = ${now} where id = any(${agents}::text[])`,
  ]);
}
