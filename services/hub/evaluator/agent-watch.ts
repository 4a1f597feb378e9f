import type { Response } from '../domains/alarm/response.ts';
import type { Subject } from '../rules/subject.ts';
import type { Judge } from './judge.ts';

type State = 'online' | 'offline';

/**
 * Tells the rules when an agent goes and comes: by its own word, by the broker's (its will), or because it has said
 * nothing for too long. Silence counts only while this hub has been listening for as long itself.
 */
export async function judgeAgents(response: Response, judge: Judge, listeningSince: number | undefined): Promise<void> {
  const { tx, now, rules } = response;
  const rows = await tx
    .selectFrom('dipper.agent_status as status')
    .innerJoin('dipper.agent as agent', 'agent.id', 'status.agent')
    .select(['status.agent', 'agent.estate', 'status.state', 'status.message', 'status.changed_at'])
    .select(['status.seen_at', 'status.judged_state'])
    .execute();
  const silentBefore = now.getTime() - rules.agentSilenceMs;
  const hasListened = listeningSince !== undefined && listeningSince <= silentBefore;
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

/** An agent that was silent and speaks again never changed its state: it came back when it was heard. */
function laterOf(changedAt: Date, seenAt: Date, state: State): Date {
  return state === 'online' && seenAt > changedAt ? seenAt : changedAt;
}
