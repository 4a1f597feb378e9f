import type { DenialReason } from '@dipper/contract/access-reasons';
import type { PassClaims } from '@dipper/contract/pass';
import type { Holder, Permit } from './decision-policy.ts';
import type { LocalInstant } from './local-time.ts';

/** How far a permit got, from nowhere near to all but good: the furthest of them says why somebody is denied. */
const STAGES = [
  'PERMIT_MISSING',
  'PERMIT_NOT_HERE',
  'PERMIT_EXPIRED',
  'PERMIT_NOT_YET_VALID',
  'OUTSIDE_SCHEDULE',
  'USES_SPENT',
] as const satisfies readonly DenialReason[];
type Stage = (typeof STAGES)[number];

export interface PermitQuestion {
  readonly holder: Holder;
  readonly credentials: readonly string[];
  readonly accessPoint: string;
  readonly nowMs: number;
  readonly local: LocalInstant;
  /** Uses of a permit so far. */
  readonly used: (permit: string) => number;
}

function problemOf(permit: Permit, { accessPoint, nowMs, local, used }: PermitQuestion): Stage | undefined {
  if (!permit.accessPoints.has(accessPoint)) return 'PERMIT_NOT_HERE';
  if (nowMs < permit.fromMs) return 'PERMIT_NOT_YET_VALID';
  if (nowMs >= permit.untilMs) return 'PERMIT_EXPIRED';
  if (permit.schedule !== undefined && !permit.schedule(local)) return 'OUTSIDE_SCHEDULE';
  if (permit.uses !== undefined && used(permit.id) >= permit.uses) return 'USES_SPENT';
  return undefined;
}

/** A permit that lets its holder through here and now, one without limited uses before one with. */
export function choosePermit(question: PermitQuestion): Permit | { readonly reason: Stage } {
  let furthest = 0;
  let limited: Permit | undefined;
  for (const permit of question.holder.permits) {
    if (permit.credential !== undefined && !question.credentials.includes(permit.credential)) continue;
    const problem = problemOf(permit, question);
    if (problem === undefined && permit.uses === undefined) return permit;
    if (problem === undefined) limited ??= permit;
    else furthest = Math.max(furthest, STAGES.indexOf(problem));
  }
  return limited ?? { reason: STAGES[furthest] ?? 'PERMIT_MISSING' };
}

/** What a pass itself says against it. */
export function passProblem(
  { accessPoints, from, until, uses, permit }: PassClaims,
  { accessPoint, nowMs, used }: Pick<PermitQuestion, 'accessPoint' | 'nowMs' | 'used'>,
): DenialReason | undefined {
  if (!accessPoints.includes(accessPoint)) return 'PASS_NOT_HERE';
  if (nowMs < Date.parse(from)) return 'PASS_NOT_YET_VALID';
  if (nowMs >= Date.parse(until)) return 'PASS_EXPIRED';
  return used(permit) >= uses ? 'USES_SPENT' : undefined;
}
