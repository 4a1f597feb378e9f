import { sql } from 'kysely';
import type { Response } from '../domains/alarm/response.ts';
import type { Subject, TriggerType } from '../rules/subject.ts';
import {
  CONDITION_TRIGGERS,
  type Condition,
  type ConditionName,
  findConditions,
  HUB_ITSELF,
} from './conditions-now.ts';
import type { Judge } from './judge.ts';

/** What began while nobody looked counts from now: told as old as it is, its alarm would be one of the past, without sound. */
const MAX_AGE_MS = 30 * 60_000;

/** Tells the rules of every condition once when it begins, and once when it is over, whichever copy of the hub looks. */
export async function judgeConditions(response: Response, judge: Judge): Promise<void> {
  const { tx, now } = response;
  const { rows: known } = await sql<{ agent: string; what: ConditionName }>`
    select agent, what from dipper.agent_condition`.execute(tx);
  const present = await findConditions(tx, now);
  const nameOf = ({ agent, what }: Pick<Condition, 'agent' | 'what'>): string => `${what} ${agent}`;
  const told = new Set(known.map(nameOf));
  const lasting = new Set(present.map(nameOf));
  for (const condition of present.filter((each) => !told.has(nameOf(each)))) {
    const { agent, what, cause } = condition;
    const isOld = now.getTime() - condition.since.getTime() > MAX_AGE_MS;
    const since = isOld || condition.since > now ? now : condition.since;
    await sql`insert into dipper.agent_condition (agent, what, since) values (${agent}, ${what}, ${since})`.execute(tx);
    await judge(response, subjectFrom(condition, CONDITION_TRIGGERS[what][0], since, response, cause));
  }
  for (const { agent, what } of known.filter((each) => !lasting.has(nameOf(each)))) {
    await sql`delete from dipper.agent_condition where agent = ${agent} and what = ${what}`.execute(tx);
    const triggers: readonly [TriggerType, TriggerType] | undefined = CONDITION_TRIGGERS[what];
    // One of a later version of the hub; nobody here knows what ends it.
    if (triggers === undefined) continue;
    const estate = await estateOf(response, agent);
    if (estate !== undefined) await judge(response, subjectFrom({ agent, estate }, triggers[1], now, response, null));
  }
}

/** Tells the rules that the hub's own clock was set, or that its machine slept. @param stepMs how far, ahead or back */
export async function judgeClockStep(response: Response, judge: Judge, stepMs: number): Promise<void> {
  const subject = subjectFrom(HUB_ITSELF, 'hub.clock-stepped', response.now, response, null);
  await judge(response, { ...subject, data: { stepMs } });
}

function subjectFrom(
  { agent, estate }: Pick<Condition, 'agent' | 'estate'>,
  type: TriggerType,
  occurredAt: Date,
  { now }: Response,
  cause: string | null,
): Subject {
  const data = cause === null ? {} : { cause };
  return { type, event: null, estate, agent, device: null, place: null, occurredAt, receivedAt: now, data };
}

async function estateOf({ tx }: Response, agent: string): Promise<string | undefined> {
  if (agent === HUB_ITSELF.agent) return HUB_ITSELF.estate;
  const { rows } = await sql<{ estate: string }>`select estate from dipper.agent where id = ${agent}`.execute(tx);
  return rows[0]?.estate;
}
