import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../database/pool.ts';
import { awaitedAt } from '../domains/consent/awaited-erasures.ts';
import type { HubTrigger } from '../rules/subject.ts';

/** Where an alarm of the hub itself lies: in no estate, so only who sees everything sees it. */
export const HUB_ITSELF = { estate: 'hub', agent: 'hub' } as const;

/** Something that is wrong with an agent, or with the hub itself, at this moment. */
export interface Condition {
  readonly what: ConditionName;
  readonly agent: string;
  readonly estate: string;
  readonly since: Date;
  /** A code that rules may ask for; null where there is only one. */
  readonly cause: string | null;
}

/** What tells the rules that a condition begins, and that it is over. */
export const CONDITION_TRIGGERS = {
  'policy-behind': ['policy.behind', 'policy.current'],
  'erasure-awaited': ['erasure.awaited', 'erasure.signed'],
  'messages-refused': ['messages.refused', 'messages.accepted'],
  'not-judged': ['agent.not-judged', 'agent.judged'],
  'clock-leapt': ['hub.clock-leapt', 'hub.clock-believed'],
} as const satisfies Record<string, readonly [HubTrigger, HubTrigger]>;
export type ConditionName = keyof typeof CONDITION_TRIGGERS;

/** Connected edges have a change within two seconds; what lasts longer is worth being told to the rules. */
const BEHIND_AFTER_MS = 60_000;
/** An agent of whose messages none was refused for so long is taken to be well. */
const REFUSED_LATELY_MS = 10 * 60_000;

/** Everything that is wrong by the hub's clock. */
export async function findConditions(tx: Tx, now: Date): Promise<Condition[]> {
  const { rows } = await sql<Condition>`
    ${sql.join([policyBehind(now), erasureAwaited(now), messagesRefused(now), notJudged, clockLeapt(now)], sql` union all `)}`.execute(
    tx,
  );
  return rows;
}

/** An edge that is offline takes nothing up, and `agent.offline` says so; what began before stays until it is over. */
function policyBehind(now: Date): RawBuilder<unknown> {
  const before = new Date(now.getTime() - BEHIND_AFTER_MS);
  return sql`
    select 'policy-behind' as what, policy.agent, policy.estate, policy.behind_since as since, policy.problem as cause
      from dipper.agent_policy policy
      join dipper.credential_key key on key.agent = policy.agent
      join dipper.agent_status status on status.agent = policy.agent
     where policy.behind_since < ${before}
       and (status.judged_state = 'online'
            or exists (select from dipper.agent_condition known
                        where (known.agent, known.what) = (policy.agent, 'policy-behind')))`;
}

function erasureAwaited(now: Date): RawBuilder<unknown> {
  return sql`
    select 'erasure-awaited', awaited.agent, min(awaited.estate), min(awaited.since), null
      from (${awaitedAt(now)}) awaited group by awaited.agent`;
}

/** Refused here, or never receipted and set aside by the edge itself. */
function messagesRefused(now: Date): RawBuilder<unknown> {
  const since = new Date(now.getTime() - REFUSED_LATELY_MS);
  return sql`
    select 'messages-refused', agent.id, agent.estate, ${now}::timestamptz,
           case when refused.agent is null then 'BATCHES_SET_ASIDE' else 'MESSAGES_REFUSED' end
      from dipper.agent agent
      left join (select distinct agent from dipper.dead_letter where last_at > ${since}) refused on refused.agent = agent.id
      left join dipper.agent_status status on status.agent = agent.id
     where refused.agent is not null or (status.message #>> '{outbox,quarantined}')::integer > 0`;
}

const notJudged: RawBuilder<unknown> = sql`
  select 'not-judged', agent.id, agent.estate, failure.failed_at, null
    from dipper.evaluation_failure failure join dipper.agent agent on agent.id = failure.agent`;

function clockLeapt(now: Date): RawBuilder<unknown> {
  const { agent, estate } = HUB_ITSELF;
  return sql`
    select 'clock-leapt', ${agent}::text, ${estate}::text, ${now}::timestamptz, null
      from dipper.retention_clock where leap_from is not null`;
}
