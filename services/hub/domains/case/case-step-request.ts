import type { CaseAction, CaseStepRequest } from '@dipper/contract/api/case';
import type { GridCaseRow } from './case.tables.ts';
import { needsNote } from './case-states.ts';
import { invalidField } from './invalid-field.ts';

/** More than any class allows at first: whoever needs longer asks again. */
const LONGEST_EXTENSION_MS = 90 * 24 * 3_600_000;

/** Which fields belong to which actions: needed there, and meaningless elsewhere. */
const FIELDS: readonly (readonly ['assignee' | 'until' | 'into', readonly CaseAction[]])[] = [
  ['assignee', ['dispatch', 'entrust']],
  ['until', ['extend']],
  ['into', ['merge']],
];

/**
 * Whether a step says what it needs to say, and nothing that means nothing.
 * @throws DipperError REQUEST_INVALID
 */
export function checkStepRequest(step: CaseStepRequest, { deadline_at: deadline }: GridCaseRow, now: Date): void {
  for (const [field, actions] of FIELDS) {
    const isNeeded = actions.includes(step.action);
    if (isNeeded && step[field] === undefined) throw invalidField(field, `is needed by ${step.action}`);
    if (!isNeeded && step[field] !== undefined) throw invalidField(field, `means nothing to ${step.action}`);
  }
  if (needsNote(step.action) && step.note === undefined) throw invalidField('note', `is needed by ${step.action}`);
  for (const field of ['until', 'takenAt'] as const) {
    const text = step[field];
    if (text !== undefined && Number.isNaN(Date.parse(text))) throw invalidField(field, 'is no point in time');
  }
  if (step.until === undefined) return;
  const until = new Date(step.until);
  if (until <= deadline || until <= now)
    throw invalidField('until', 'has to be later than the deadline, and not in the past');
  const latest = Math.max(deadline.getTime(), now.getTime()) + LONGEST_EXTENSION_MS;
  if (until.getTime() > latest) throw invalidField('until', 'is more than 90 days later than the deadline');
}
