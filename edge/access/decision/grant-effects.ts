import type { PassClaims } from '@dipper/contract/pass';
import type { AccessMemory, MemoryChange } from './access-memory.ts';
import type { AccessPoint, Permit } from './decision-policy.ts';

/** One use more of what is limited: the permit, and the pass, whose permit it may be. */
export function usesAfter(
  memory: AccessMemory,
  pass: PassClaims | undefined,
  permit: Permit | undefined,
): MemoryChange[] {
  const limited = new Set<string>();
  if (permit?.uses !== undefined) limited.add(permit.id);
  if (pass !== undefined) limited.add(pass.permit);
  return [...limited].map((id) => ({ kind: 'used', permit: id, uses: (memory.uses.get(id) ?? 0) + 1 }));
}

/** Who is granted counts as gone through until it turns out otherwise: a card handed back meanwhile is of no use. */
export function passageUnderWay(
  memory: AccessMemory,
  { device, fromArea, toArea }: AccessPoint,
  { correlation, holder }: { readonly correlation: string; readonly holder: string | undefined },
  nowMs: number,
): MemoryChange[] {
  const underWay: MemoryChange = { kind: 'under-way', device, grant: correlation };
  if (holder === undefined || (fromArea === undefined && toArea === undefined)) return [underWay];
  const where = memory.whereabouts.get(holder);
  const before = where && { area: where.area, sinceMs: where.sinceMs };
  const to = { area: toArea ?? null, sinceMs: nowMs, grant: correlation, before };
  return [underWay, { kind: 'moved', holder, to }];
}

/** A grant has come to its end. Nobody was seen to go through: they are where they were. Somebody was: they are where it led. */
export function passageOver(
  memory: AccessMemory,
  grant: { readonly correlation: string; readonly device: string; readonly holder: string | undefined },
  isTaken: boolean,
): MemoryChange[] {
  const over: MemoryChange = { kind: 'over', device: grant.device, grant: grant.correlation };
  const where = grant.holder === undefined ? undefined : memory.whereabouts.get(grant.holder);
  // Something later has moved them already.
  if (grant.holder === undefined || where?.grant !== grant.correlation) return [over];
  const to = isTaken ? { area: where.area, sinceMs: where.sinceMs } : where.before;
  return [over, { kind: 'moved', holder: grant.holder, to }];
}
