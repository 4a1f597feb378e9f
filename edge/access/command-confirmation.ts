import type { DoorAction } from '@dipper/contract/door-action';
import type { GateCapabilities } from './driver.ts';
import type { GateLinesSeen, Seen } from './gate-memory.ts';
import { holdOf } from './gate-view.ts';

/** What decides whether a gate was seen to do as told. */
export interface Confirmation {
  readonly kind: GateCapabilities['kind'];
  /** Whether the controller tells a door's mode (ONVIF door control), or moves a relay. */
  readonly driver: 'relay' | 'door';
  /** Whether a sensor tells of the lock. */
  readonly hasLock: boolean;
  /** The lines when the first request was sent, and when that was. */
  readonly before: GateLinesSeen;
  readonly sentAtMs: number;
}

/**
 * Whether the gate has been seen to do it. What a line said before the request was sent proves nothing: the line has to
 * say it anew. The nearest to the way through counts: of a barrier the contact of its arm, of a door its lock; the relay
 * and the mode are the controller's word and count where there is nothing better.
 */
export function isDone(action: DoorAction, lines: GateLinesSeen, by: Confirmation): boolean {
  const { before, sentAtMs } = by;
  const says = <T>(line: Seen<T> | undefined, ...states: readonly T[]) =>
    line !== undefined && line.atMs >= sentAtMs && states.includes(line.state);
  const isBarrier = by.kind === 'barrier';
  const isDoorControl = by.driver === 'door';
  /** A word that was the same before is not enough where it may be repeated for another reason. */
  const wasOpen = before.contact?.state === 'open';

  switch (action) {
    case 'open':
      if (isBarrier) {
        const isGiven = isDoorControl
          ? says(lines.mode, 'Accessed', 'Unlocked', 'LockedOpen')
          : says(lines.relay, 'active');
        return says(lines.contact, 'open') && (!wasOpen || isGiven);
      }
      if (by.hasLock) return says(lines.lock, 'unlocked');
      return isDoorControl ? says(lines.mode, 'Accessed', 'Unlocked', 'LockedOpen') : says(lines.relay, 'active');
    case 'hold-open': {
      const isHeld = isDoorControl ? says(lines.mode, 'LockedOpen', 'Unlocked') : says(lines.relay, 'active');
      if (isBarrier) return isHeld && says(lines.contact, 'open');
      return isHeld && (!by.hasLock || says(lines.lock, 'unlocked'));
    }
    case 'close':
      if (isBarrier) return says(lines.contact, 'closed');
      if (by.hasLock) return says(lines.lock, 'locked');
      return isDoorControl ? says(lines.mode, 'Locked', 'DoubleLocked') : says(lines.relay, 'inactive');
    case 'lock':
      if (isDoorControl && !says(lines.mode, 'LockedDown')) return false;
      return isBarrier ? says(lines.contact, 'closed') : says(lines.lock, 'locked');
    case 'block':
      return says(lines.mode, 'Blocked');
    case 'release': {
      const wasHeldOpen = isDoorControl && before.mode !== undefined && holdOf(before.mode.state) === 'held-open';
      const wasUp = !isDoorControl && before.relay?.state === 'active';
      const isFree = isDoorControl
        ? lines.mode !== undefined && says(lines.mode, lines.mode.state) && holdOf(lines.mode.state) === 'normal'
        : says(lines.relay, 'inactive');
      return isFree && (!isBarrier || !(wasHeldOpen || wasUp) || says(lines.contact, 'closed'));
    }
  }
}
