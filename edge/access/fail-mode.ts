import type { GateHold } from '@dipper/contract/door-action';
import type { GateConfig } from './gate-config.ts';

type Wiring = Pick<GateConfig, 'kind' | 'driver' | 'failMode' | 'relay'>;

/**
 * What `failMode` decides. The lock or the barrier fails one way or the other by how it is built; what is left to Dipper is
 * which way it errs where it does not know, or cannot end what it has begun. It opens nothing because of it.
 */

/** Whoever declares nothing is taken to want people out. */
export function isFailSafe({ failMode }: Wiring): boolean {
  return failMode !== 'fail-secure';
}

/**
 * How the contact of a relay that feeds a lock has to be at rest. A fail-safe lock holds while it has current: closed. A
 * fail-secure one lets go while it has: open. Undefined where the relay feeds none, or nothing is declared: an input of a
 * board may be wired either way.
 */
export function idleOfLock({ kind, driver, failMode, relay }: Wiring): 'open' | 'closed' | undefined {
  const feedsLock = (relay?.drives ?? (kind === 'door' ? 'lock' : 'board')) === 'lock';
  if (!feedsLock || (driver ?? 'relay') !== 'relay' || failMode === undefined) return undefined;
  return failMode === 'fail-safe' ? 'closed' : 'open';
}

/**
 * What a relay is kept as when a gate process begins.
 *
 * @param noted what was written down of it: `unknown` when that cannot be read any more, undefined when there was nothing
 * @param can what may be commanded: what nobody could end is not kept
 */
export function holdAtStart(
  noted: GateHold | undefined,
  can: { readonly lock: boolean; readonly release: boolean; readonly isFailSafe: boolean },
): GateHold {
  if (!can.release) return 'normal';
  if (noted === 'held-open') return 'held-open';
  const isLocked = noted === 'locked' || (noted === 'unknown' && !can.isFailSafe);
  return isLocked && can.lock ? 'locked' : 'normal';
}
