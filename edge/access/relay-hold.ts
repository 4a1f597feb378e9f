import type { DoorAction, GateHold } from '@dipper/contract/door-action';
import type { GateCapabilities } from './driver.ts';
import { holdAtStart, isFailSafe } from './fail-mode.ts';
import { closeAfterMsOf } from './gate-abilities.ts';
import type { GateConfig } from './gate-config.ts';

export interface RelayHoldOptions {
  readonly config: GateConfig;
  readonly capabilities: GateCapabilities;
  /** What was written down before this process, see FollowGates. */
  readonly noted: GateHold | undefined;
  readonly isFire: () => boolean;
  readonly onChange: (state: GateHold) => void;
}

/** What Dipper keeps a gate's relay as; a door of ONVIF door control is kept by its controller. */
export interface RelayHold {
  /** Whether this gate can be kept as anything; where not it is `normal` for good. */
  readonly isPossible: boolean;
  readonly state: GateHold;
  /** An action was seen to succeed. */
  done(action: DoorAction): void;
  /** The relay has said what it is. @returns whether this is an opening of before that is to be closed as usual */
  relaySeen(state: 'active' | 'inactive'): boolean;
  /** A fire has begun, or is over. */
  fireChanged(): void;
}

/** Keeps a relay's hold, from what was written down on. */
export function createRelayHold(options: RelayHoldOptions): RelayHold {
  const { config, capabilities, noted, isFire, onChange } = options;
  const can = (...actions: readonly DoorAction[]) => actions.some((action) => capabilities.actions.includes(action));
  const isRelay = (config.driver ?? 'relay') === 'relay';
  const staysUp = isRelay && config.relay?.mode === 'bistable';
  const canBeEnded = can('close', 'release');
  const isPossible = isRelay && (can('hold-open', 'lock') || (staysUp && canBeEnded));
  const failSafe = isFailSafe(config);
  let state: GateHold = isPossible
    ? holdAtStart(noted, { lock: can('lock'), release: canBeEnded, isFailSafe: failSafe })
    : 'normal';
  let isUp: boolean | undefined;

  function set(next: GateHold): void {
    if (!isPossible || state === next) return;
    state = next;
    onChange(next);
  }

  /** What stands open in a fire is not closed by itself when it is over: of a fail-safe gate people decide that. */
  function stayOpenInFire(): void {
    if (isFire() && failSafe && staysUp && canBeEnded && isUp === true && state === 'normal') set('held-open');
  }

  /**
   * The relay is up and nothing holds it: somebody was let through, and the gate process before this one did not live to
   * close. A fail-secure gate is closed as it would have been; a fail-safe one, and one that nothing closes, is held open
   * until somebody ends it.
   */
  function takeOver(): boolean {
    const isNobodys = state === 'normal' || (state === 'locked' && noted === 'unknown');
    if (!staysUp || !isNobodys) return false;
    const isClosed = closeAfterMsOf(config) !== undefined && !(failSafe && canBeEnded);
    set(isClosed ? 'normal' : 'held-open');
    return isClosed;
  }

  return {
    isPossible,
    get state() {
      return state;
    },
    done(action) {
      set(holdAfter(action, state));
      stayOpenInFire();
    },
    relaySeen(relay) {
      const isFirst = isUp === undefined;
      isUp = relay === 'active';
      // Somebody else has let it fall.
      if (!isUp && state === 'held-open') set('normal');
      if (isFirst && isUp) return takeOver();
      stayOpenInFire();
      return false;
    },
    fireChanged: stayOpenInFire,
  };
}

/** What a relay is kept as, after an action that was seen to succeed. */
function holdAfter(action: DoorAction, before: GateHold): GateHold {
  switch (action) {
    case 'hold-open':
      return 'held-open';
    case 'lock':
      return 'locked';
    case 'close':
      return before === 'held-open' ? 'normal' : before;
    case 'open':
      // It was let through all the same, which ends a lock.
      return before === 'locked' ? 'normal' : before;
    case 'release':
      return 'normal';
    default:
      return before;
  }
}
