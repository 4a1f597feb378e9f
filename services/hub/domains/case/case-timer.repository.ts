import type { CaseStepAction } from '@dipper/contract/api/case';
import { sql } from 'kysely';
import type { Tx } from '../../database/pool.ts';
import type { CaseTimerKind, GridCaseRow } from './case.tables.ts';
import { isEnded } from './case-states.ts';
import type { CaseTerms } from './case-terms.ts';

export type TimedCase = Pick<GridCaseRow, 'id' | 'state' | 'category' | 'deadline_at' | 'suspended_at' | 'leader'>;

/**
 * Sets what the clock has to do to a case anew: nothing once it has ended or while it is suspended, a reminder unless
 * its time has passed, the escalation at the deadline, and the leader after that unless it has one. What is due already
 * and has not been done yet stays due: a step that comes before the clock does not stand for it. The caller holds the
 * case's row and has written the step.
 */
export async function scheduleTimers(tx: Tx, gridCase: TimedCase, terms: CaseTerms, now: Date): Promise<void> {
  const waiting = await tx
    .deleteFrom('dipper.case_timer')
    .where('grid_case', '=', gridCase.id)
    .returning('kind')
    .execute();
  if (isEnded(gridCase.state) || gridCase.suspended_at !== null) return;
  const { deadline_at: deadline } = gridCase;
  const isWaiting = (kind: CaseTimerKind): boolean => waiting.some((timer) => timer.kind === kind);
  const timers: [CaseTimerKind, Date][] = [];
  const remindAt = terms.remindAt(gridCase.category, deadline);
  if (remindAt > now || (isWaiting('remind') && deadline > now)) timers.push(['remind', remindAt]);
  if (deadline > now || !(await isEscalated(tx, gridCase.id))) timers.push(['escalate', deadline]);
  if (gridCase.leader === null) timers.push(['entrust', terms.entrustAt(deadline)]);
  if (timers.length === 0) return;
  await tx
    .insertInto('dipper.case_timer')
    .values(timers.map(([kind, due_at]) => ({ grid_case: gridCase.id, kind, due_at })))
    .execute();
}

/** Whether a case has been escalated since time was last allowed for it: when it was opened, reopened or extended. */
async function isEscalated(tx: Tx, gridCase: string): Promise<boolean> {
  const { rows } = await sql<{ action: CaseStepAction }>`
    select action from dipper.case_step
     where grid_case = ${gridCase}
       and (action in ('report', 'reopen', 'escalate') or (action = 'approve' and request = 'extend'))
     order by ordinal desc limit 1`.execute(tx);
  return rows[0]?.action === 'escalate';
}

/** Puts off what could not be done. The caller holds the case's row. */
export async function putOffTimer(tx: Tx, gridCase: string, kind: CaseTimerKind, until: Date): Promise<void> {
  await tx.insertInto('dipper.case_timer').values({ grid_case: gridCase, kind, due_at: until }).execute();
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
