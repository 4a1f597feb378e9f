import { sql } from 'kysely';
import type { Tx } from '../../database/pool.ts';
import type { CaseTimerKind, GridCaseRow } from './case.tables.ts';
import { isEnded } from './case-states.ts';
import type { CaseTerms } from './case-terms.ts';

export type TimedCase = Pick<GridCaseRow, 'id' | 'state' | 'category' | 'deadline_at' | 'suspended_at' | 'leader'>;

/**
 * Sets what the clock has to do to a case anew: nothing once it has ended or while it is suspended, a reminder unless
 * its time has passed, the escalation at the deadline, and the leader after that unless it has one. The caller holds
 * the case's row.
 */
export async function scheduleTimers(tx: Tx, gridCase: TimedCase, terms: CaseTerms, now: Date): Promise<void> {
  await tx.deleteFrom('dipper.case_timer').where('grid_case', '=', gridCase.id).execute();
  if (isEnded(gridCase.state) || gridCase.suspended_at !== null) return;
  const { deadline_at: deadline } = gridCase;
  const timers: [CaseTimerKind, Date][] = [];
  const remindAt = terms.remindAt(gridCase.category, deadline);
  if (remindAt > now) timers.push(['remind', remindAt]);
  if (deadline > now) timers.push(['escalate', deadline]);
  if (gridCase.leader === null) timers.push(['entrust', terms.entrustAt(deadline)]);
  if (timers.length === 0) return;
  await tx
    .insertInto('dipper.case_timer')
    .values(timers.map(([kind, due_at]) => ({ grid_case: gridCase.id, kind, due_at })))
    .execute();
}

/** Cases with something due, the longest waiting first; nothing is locked yet. */
export async function listDueCases(tx: Tx, now: Date, limit: number): Promise<string[]> {
  const rows = await tx
    .selectFrom('dipper.case_timer')
    .select('grid_case')
    .where('due_at', '<=', now)
    .groupBy('grid_case')
    .orderBy(sql`min(due_at)`)
    .limit(limit)
    .execute();
  return rows.map((row) => row.grid_case);
}

/** Takes what is due of a case whose row the caller holds: whoever deletes it does it. In the order of time. */
export async function takeDueTimers(tx: Tx, gridCase: string, now: Date): Promise<CaseTimerKind[]> {
  const rows = await tx
    .deleteFrom('dipper.case_timer')
    .where('grid_case', '=', gridCase)
    .where('due_at', '<=', now)
    .returning(['kind', 'due_at'])
    .execute();
  return rows.sort((a, b) => a.due_at.getTime() - b.due_at.getTime()).map(({ kind }) => kind);
}
