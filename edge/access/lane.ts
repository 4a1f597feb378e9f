import type { PassageDirection } from './driver.ts';

export type LoopRole = 'entry-loop' | 'arm-loop' | 'exit-loop';

/** Counts vehicles that pass under an arm, by the loops in the ground. */
export interface Lane {
  /** Takes in what a loop says; the same again is no news. @returns the passages that this completes */
  take(role: LoopRole, isActive: boolean, atMs: number): PassageDirection[];
  /** The arm is down: nobody is on the way under it, unless the loop says so. */
  closed(): void;
  /** What the loops said is not known any more. A vehicle that was on its way is not counted. */
  forget(): void;
}

/**
 * A vehicle is long, and one loop may let go of it between tractor and trailer. Two vehicles at walking pace and a metre
 * apart leave the loop free for longer than this. Ours, by reasoning.
 */
const SAME_VEHICLE_GAP_MS = 400;

/**
 * Follows vehicles from one side of the arm to the other. A vehicle has passed when it was under the arm and has reached
 * the loop on the far side; without a loop there, when it has left the loop under the arm. One that backs off to where it
 * came from has not passed.
 *
 * @param loops which loops there are besides the one under the arm
 */
export function createLane(loops: { readonly hasEntry: boolean; readonly hasExit: boolean }): Lane {
  const isOn = new Map<LoopRole, boolean>();
  /** The outer loop that was last driven onto: where the next vehicle under the arm comes from. */
  let approached: 'entry-loop' | 'exit-loop' | undefined;
  let vehicle: { readonly from: typeof approached; isCounted: boolean } | undefined;
  let leftAtMs = Number.NEGATIVE_INFINITY;

  const farSideOf = (from: typeof approached): LoopRole | undefined => {
    if (from === 'entry-loop') return loops.hasExit ? 'exit-loop' : undefined;
    if (from === 'exit-loop') return loops.hasEntry ? 'entry-loop' : undefined;
    return undefined;
  };
  const direction = (from: typeof approached, reached?: LoopRole): PassageDirection => {
    if (from === 'entry-loop' || reached === 'exit-loop') return 'in';
    return from === 'exit-loop' || reached === 'entry-loop' ? 'out' : 'unknown';
  };

  function count(reached?: LoopRole): PassageDirection[] {
    if (vehicle === undefined || vehicle.isCounted) return [];
    vehicle.isCounted = true;
    return [direction(vehicle.from, reached)];
  }

  function takeArm(isActive: boolean, atMs: number): PassageDirection[] {
    if (isActive) {
      const isSame = vehicle !== undefined && atMs - leftAtMs < SAME_VEHICLE_GAP_MS;
      if (isSame) return [];
      vehicle = { from: approached, isCounted: false };
      if (approached !== undefined && isOn.get(approached) !== true) approached = undefined;
      return [];
    }
    leftAtMs = atMs;
    if (vehicle === undefined) return [];
    const far = farSideOf(vehicle.from);
    // Without a loop on the far side, leaving is all there is to see; with one that is still held by the vehicle in front,
    // this one has closed up to it.
    const hasPassed =
      far === undefined ? vehicle.from !== undefined || !(loops.hasEntry || loops.hasExit) : isOn.get(far) === true;
    return hasPassed ? count() : [];
  }

  function takeOuter(role: 'entry-loop' | 'exit-loop', isActive: boolean): PassageDirection[] {
    if (!isActive) {
      // Its tail has left: whoever is under the arm next comes from somewhere else, unless the loop says so again.
      if (role === vehicle?.from && isOn.get('arm-loop') === true && approached === role) approached = undefined;
      return [];
    }
    if (vehicle !== undefined && !vehicle.isCounted) {
      if (role !== vehicle.from) return count(role);
      // Back where it came from, unless another one closes up behind it.
      if (isOn.get('arm-loop') !== true) vehicle = undefined;
    }
    approached = role;
    return [];
  }

  return {
    take(role, isActive, atMs) {
      if (isOn.get(role) === isActive) return [];
      const isFirst = !isOn.has(role) && !isActive;
      isOn.set(role, isActive);
      if (isFirst) return [];
      return role === 'arm-loop' ? takeArm(isActive, atMs) : takeOuter(role, isActive);
    },
    closed() {
      if (isOn.get('arm-loop') !== true) vehicle = undefined;
    },
    forget() {
      isOn.clear();
      vehicle = undefined;
      approached = undefined;
      leftAtMs = Number.NEGATIVE_INFINITY;
    },
  };
}
