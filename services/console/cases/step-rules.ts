import type { CaseAction } from '@dipper/contract/api/case';

/** The usual way forward; what is not in it is offered beside. A request that waits is decided on before anything else. */
const FORWARD: readonly CaseAction[] = [
  'approve',
  'resume',
  'establish',
  'dispatch',
  'accept',
  'handle',
  'verify',
  'close',
];

/** Steps that go back, ask for something or end a case, or say something: without words nobody could follow them later. */
const NEEDS_NOTE: readonly CaseAction[] = [
  ...(['return', 'void', 'suspend', 'extend', 'refuse', 'supervise'] as const),
  ...(['handle', 'reject', 'reopen', 'comment'] as const),
];

const NOTE_LABELS = [
  ...(['dispatch', 'entrust', 'return', 'void', 'suspend', 'extend', 'refuse', 'supervise'] as const),
  ...(['handle', 'reject', 'reopen', 'comment'] as const),
] as const;

/** What ends something for somebody: drawn in red. */
export const DANGEROUS: readonly CaseAction[] = ['void', 'refuse', 'merge'];

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
  const forward = FORWARD.filter((action) => actions.includes(action));
  return [...forward, ...actions.filter((action) => !FORWARD.includes(action))];
}

/** Whether a step is the usual way forward. */
export function isForward(action: CaseAction): boolean {
  return FORWARD.includes(action);
}
