import type { AccessFactor } from '@dipper/contract/access-factor';
import type { PassClaims } from '@dipper/contract/pass';
import type { GatePosition } from '../driver.ts';
import type { PinThrottle } from './pin-throttle.ts';

/** Where somebody is, as far as access points know: an area, or outside of all (null). */
export interface Whereabouts {
  readonly area: string | null;
  readonly sinceMs: number;
  /** The grant that it rests on, while nobody has been seen to go through. */
  readonly grant?: string | undefined;
  /** Where they were before that grant, undefined when nobody knew. */
  readonly before?: { readonly area: string | null; readonly sinceMs: number } | undefined;
}

/** A request that has one of two factors. */
export interface PendingRequest {
  readonly correlation: string;
  readonly accessPoint: string;
  readonly holder: string;
  readonly factors: readonly AccessFactor[];
  readonly credentials: readonly string[];
  readonly duress: string | undefined;
  readonly pass: PassClaims | undefined;
  readonly untilMs: number;
}

/** What decisions remember. A decision only reads it; `applyChanges` writes what it says. */
export interface AccessMemory {
  /** Uses of permits that are limited, by permit. On disk before a gate opens. */
  readonly uses: Map<string, number>;
  /** By holder. Restored at start. */
  readonly whereabouts: Map<string, Whereabouts>;
  /** Holders by the area they are in; follows from the above. */
  readonly occupants: Map<string, Set<string>>;
  /** Up to when who is in an area was last forgotten. */
  readonly forgottenUntilMs: Map<string, number>;
  /** By access point; gone after a restart, as the rest is. */
  readonly pending: Map<string, PendingRequest>;
  readonly pinThrottles: Map<string, PinThrottle>;
  /** By gate, as its driver sees it. */
  readonly doors: Map<string, GatePosition>;
  /** Grants under way, by gate: nobody has gone through yet, and somebody may. */
  readonly underWay: Map<string, Set<string>>;
}

export type MemoryChange =
  | { readonly kind: 'used'; readonly permit: string; readonly uses: number }
  /** `area` undefined: nobody knows any more. */
  | { readonly kind: 'moved'; readonly holder: string; readonly to: Whereabouts | undefined }
  /** Who has been in an area since before that is forgotten. */
  | { readonly kind: 'forgot'; readonly area: string; readonly untilMs: number }
  | { readonly kind: 'waits'; readonly request: PendingRequest }
  | { readonly kind: 'waits-no-longer'; readonly accessPoint: string }
  | { readonly kind: 'pin-throttled'; readonly accessPoint: string; readonly throttle: PinThrottle }
  | { readonly kind: 'door'; readonly device: string; readonly position: GatePosition }
  | { readonly kind: 'under-way' | 'over'; readonly device: string; readonly grant: string };

/** What of a memory outlives a restart. */
export interface StoredMemory {
  readonly uses: readonly (readonly [permit: string, uses: number])[];
  readonly whereabouts: readonly (readonly [holder: string, Whereabouts])[];
}

/** @param stored what is restored; grants of before a restart have come to nothing or not: they count as taken */
export function createAccessMemory(stored: StoredMemory = { uses: [], whereabouts: [] }): AccessMemory {
  const memory: AccessMemory = {
    uses: new Map(stored.uses),
    whereabouts: new Map(),
    occupants: new Map(),
    forgottenUntilMs: new Map(),
    pending: new Map(),
    pinThrottles: new Map(),
    doors: new Map(),
    underWay: new Map(),
  };
  applyChanges(
    memory,
    stored.whereabouts.map(([holder, { area, sinceMs }]) => ({ kind: 'moved', holder, to: { area, sinceMs } })),
  );
  return memory;
}

/** Writes down what a decision or an observation changes. */
export function applyChanges(memory: AccessMemory, changes: readonly MemoryChange[]): void {
  for (const change of changes) applyChange(memory, change);
}

function applyChange(memory: AccessMemory, change: MemoryChange): void {
  switch (change.kind) {
    case 'used':
      memory.uses.set(change.permit, change.uses);
      return;
    case 'moved':
      move(memory, change.holder, change.to);
      return;
    case 'forgot':
      forget(memory, change.area, change.untilMs);
      return;
    case 'waits':
      memory.pending.set(change.request.accessPoint, change.request);
      return;
    case 'waits-no-longer':
      memory.pending.delete(change.accessPoint);
      return;
    case 'pin-throttled':
      memory.pinThrottles.set(change.accessPoint, change.throttle);
      return;
    case 'door':
      memory.doors.set(change.device, change.position);
      return;
    case 'under-way':
      setOf(memory.underWay, change.device).add(change.grant);
      return;
    case 'over':
      memory.underWay.get(change.device)?.delete(change.grant);
      return;
  }
}

function setOf(sets: Map<string, Set<string>>, key: string): Set<string> {
  const existing = sets.get(key);
  if (existing !== undefined) return existing;
  const made = new Set<string>();
  sets.set(key, made);
  return made;
}

function move(memory: AccessMemory, holder: string, to: Whereabouts | undefined): void {
  const from = memory.whereabouts.get(holder)?.area;
  if (from != null) memory.occupants.get(from)?.delete(holder);
  if (to === undefined) {
    memory.whereabouts.delete(holder);
    return;
  }
  memory.whereabouts.set(holder, to);
  if (to.area !== null) setOf(memory.occupants, to.area).add(holder);
}

function forget(memory: AccessMemory, area: string, untilMs: number): void {
  memory.forgottenUntilMs.set(area, untilMs);
  for (const holder of [...(memory.occupants.get(area) ?? [])]) {
    const where = memory.whereabouts.get(holder);
    if (where !== undefined && where.sinceMs < untilMs) move(memory, holder, undefined);
  }
}
