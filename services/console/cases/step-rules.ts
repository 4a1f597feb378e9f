import type { CaseAction } from '@dipper/contract/api/case';

/** The usual way forward; what is not in it is offered beside. */
const FORWARD: readonly CaseAction[] = ['establish', 'dispatch', 'accept', 'handle', 'verify', 'close'];

/** Steps that go back or end a case, or say something: without words nobody could follow them later. */
const NEEDS_NOTE: readonly CaseAction[] = ['return', 'handle', 'reject', 'void', 'reopen', 'comment'];

const NOTE_LABELS = ['dispatch', 'return', 'handle', 'reject', 'void', 'reopen', 'comment'] as const;

/** Whether a step has to be explained. */
export function needsNote(action: CaseAction): boolean {
  return NEEDS_NOTE.includes(action);
}

/** Which label the note of a step has. */
export function noteLabelOf(action: CaseAction): (typeof NOTE_LABELS)[number] | 'other' {
  return NOTE_LABELS.find((label) => label === action) ?? 'other';
}

/** Allowed steps in the order they are offered: forward first. */
export function inOrder(actions: readonly CaseAction[]): readonly CaseAction[] {
  const forward = actions.filter((action) => FORWARD.includes(action));
  return [...forward, ...actions.filter((action) => !FORWARD.includes(action))];
}

/** Whether a step is the usual way forward. */
export function isForward(action: CaseAction): boolean {
  return FORWARD.includes(action);
}
