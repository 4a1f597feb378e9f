import type { FindingCode } from './finding-texts.ts';

/** `unknown`: could not be found out from here, which is no fault. */
export type FindingState = 'ok' | 'unknown' | 'warning' | 'wrong';

/** One thing that was looked at. Values are shown to whoever runs the doctor: never a secret. */
export interface Finding {
  readonly state: FindingState;
  readonly code: FindingCode;
  readonly values: Readonly<Record<string, string | number>>;
}

export function finding(
  state: FindingState,
  code: FindingCode,
  values: Readonly<Record<string, string | number>> = {},
): Finding {
  return { state, code, values };
}

/** What went wrong on the way to something, in a word: the code where there is one. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.message : 'unknown';
}
