import { sql } from 'kysely';
import type { Response } from '../domains/alarm/response.ts';
import type { Subject } from '../rules/subject.ts';
import type { Judge } from './judge.ts';

type State = 'online' | 'offline';

/** Copies of the hub may disagree by this much about what time it is. */
const MAX_SKEW_MS = 5_000;

/**
 * Tells the rules when an agent goes and comes: by its own word, by the broker's (its will), or because it has said
 * nothing for too long. Silence counts only while this hub has been listening for as long itself.
 *
 * @param listenedMs for how long this copy of the hub has heard everything, by one and the same clock
 */
export async function judgeAgents(response: Response, judge: Judge, listenedMs: number): Promise<void> {
  const { tx, now, rules } = response;
  const rows = await tx
    .selectFrom('dipper.agent_status as status')
    .innerJoin('dipper.agent as agent', 'agent.id', 'status.agent')
    .select(['status.agent', 'agent.estate', 'status.state', 'status.message', 'status.changed_at'])
    .select(['status.seen_at', 'status.judged_state'])
    .execute();
  const silentBefore = now.getTime() - rules.agentSilenceMs;
  const hasListened = listenedMs >= rules.agentSilenceMs;
  for (const row of rows) {
    const isSilent = row.state === 'online' && row.seen_at.getTime() < silentBefore;
    // Nobody listened: it may have spoken all the time.
    if (isSilent && !hasListened && row.judged_state !== 'offline') continue;
    const state: State = isSilent ? 'offline' : row.state;
    if (state === row.judged_state) continue;
    await tx.updateTable('dipper.agent_status').set({ judged_state: state }).where('agent', '=', row.agent).execute();
    response.changes.updated('agent', row.agent);
    const reason = row.message.state === 'offline' ? row.message.reason : 'silence';
    await judge(response, {
      type: state === 'online' ? 'agent.online' : 'agent.offline',
      event: null,
      estate: row.estate,
      agent: row.agent,
      device: null,
      place: null,
      occurredAt: isSilent ? now : laterOf(row.changed_at, row.seen_at, state),
      receivedAt: now,
      data: state === 'offline' ? { cause: reason.toUpperCase() } : {},
    } satisfies Subject);
  }
}

/**
 * Brings what was noted by another clock into the time of this one. What was heard before the wall clock was set says
 * nothing about silence since, so every agent is given its patience anew, but for those known to be silent. What lies
 * in the future was noted before the clock was set back, perhaps while no hub ran.
 */
export async function correctSignsOfLife({ tx, now, rules }: Response, hasStepped: boolean): Promise<void> {
  const silent = new Date(now.getTime() - rules.agentSilenceMs - 1);
  const latest = new Date(now.getTime() + MAX_SKEW_MS);
  await sql`
    update dipper.agent_status set
      seen_at = case when judged_state = 'offline' then least(seen_at, ${silent}) else ${now}::timestamptz end
    where ${hasStepped} or seen_at > ${latest}`.execute(tx);
}

/** An agent that was silent and speaks again never changed its state: it came back when it was heard. */
function laterOf(changedAt: Date, seenAt: Date, state: State): Date {
  return state === 'online' && seenAt > changedAt ? seenAt : changedAt;
}
