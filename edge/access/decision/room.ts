import type { AccessMemory, MemoryChange } from './access-memory.ts';
import type { AccessPoint, DecisionPolicy } from './decision-policy.ts';

/** What where people are says about letting one more through. */
export interface RoomFinding {
  readonly problem: 'ANTI_PASSBACK' | 'OCCUPANCY_FULL' | 'INTERLOCK' | undefined;
  /** Against anti-passback, where that only warns. */
  readonly isWarned: boolean;
  readonly changes: readonly MemoryChange[];
}

/** Anti-passback, occupancy and interlock, in this order. A button names nobody: only the interlock holds for it. */
export function findRoom(
  policy: DecisionPolicy,
  memory: AccessMemory,
  point: AccessPoint,
  holder: string | undefined,
  nowMs: number,
): RoomFinding {
  const isBlocked = isInterlocked(memory, point);
  if (holder === undefined) return { problem: isBlocked ? 'INTERLOCK' : undefined, isWarned: false, changes: [] };
  const isBack = point.antiPassback !== undefined && isPassedBack(policy, memory, point, holder, nowMs);
  if (isBack && point.antiPassback?.mode === 'hard') return { problem: 'ANTI_PASSBACK', isWarned: false, changes: [] };
  const { isFull, changes } = findOccupancy(policy, memory, point, holder, nowMs);
  const problem = isFull ? 'OCCUPANCY_FULL' : isBlocked ? 'INTERLOCK' : undefined;
  return { problem, isWarned: isBack, changes };
}

/** When an area's occupants were last forgotten, by the clock on the wall. */
function lastResetMs({ areas, localTime }: DecisionPolicy, area: string | null | undefined, nowMs: number): number {
  const minute = area == null ? undefined : areas.get(area)?.resetAtMinute;
  return minute === undefined ? Number.NEGATIVE_INFINITY : localTime.lastMinute(minute, nowMs);
}

/**
 * Somebody wants to go where they are already, or comes from where they are not: they have handed their card back over the
 * fence, or went through behind somebody. Who was never seen may pass.
 */
function isPassedBack(
  policy: DecisionPolicy,
  memory: AccessMemory,
  { fromArea, toArea, antiPassback }: AccessPoint,
  holder: string,
  nowMs: number,
): boolean {
  const where = memory.whereabouts.get(holder);
  if (where === undefined) return false;
  const isElsewhere = where.area !== (fromArea ?? null) || where.area === (toArea ?? null);
  if (!isElsewhere) return false;
  const forgiveMs = antiPassback?.minutes === undefined ? Number.POSITIVE_INFINITY : antiPassback.minutes * 60_000;
  if (nowMs - where.sinceMs >= forgiveMs) return false;
  return where.sinceMs >= lastResetMs(policy, where.area, nowMs);
}

function findOccupancy(
  policy: DecisionPolicy,
  memory: AccessMemory,
  { toArea }: AccessPoint,
  holder: string,
  nowMs: number,
): { readonly isFull: boolean; readonly changes: readonly MemoryChange[] } {
  const limit = toArea === undefined ? undefined : policy.areas.get(toArea)?.occupancyLimit;
  if (toArea === undefined || limit === undefined) return { isFull: false, changes: [] };
  const occupants = memory.occupants.get(toArea) ?? new Set<string>();
  const resetMs = lastResetMs(policy, toArea, nowMs);
  if (resetMs <= (memory.forgottenUntilMs.get(toArea) ?? Number.NEGATIVE_INFINITY)) {
    return { isFull: occupants.size - (occupants.has(holder) ? 1 : 0) >= limit, changes: [] };
  }
  // Once after each reset: who has been in there since before it counts no more.
  let remaining = 0;
  for (const occupant of occupants) {
    const sinceMs = memory.whereabouts.get(occupant)?.sinceMs ?? Number.NEGATIVE_INFINITY;
    if (occupant !== holder && sinceMs >= resetMs) remaining += 1;
  }
  return { isFull: remaining >= limit, changes: [{ kind: 'forgot', area: toArea, untilMs: resetMs }] };
}

/** A gate nobody sees counts as open: of two doors of a lock one has to be known closed. */
function isInterlocked({ doors, underWay }: AccessMemory, { interlockedWith }: AccessPoint): boolean {
  return interlockedWith.some((device) => doors.get(device) !== 'closed' || (underWay.get(device)?.size ?? 0) > 0);
}
