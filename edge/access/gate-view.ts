import type { GateHold, LockState } from '@dipper/contract/door-action';
import type { GateSight } from './driver.ts';
import { FORCED_GRACE_MS } from './gate-config.ts';
import type { DoorMode, GateSignal } from './gate-signal.ts';

/** What the view takes in: what the controller told, and what the gate has been told to stay as. */
export type ViewSignal = GateSignal | { readonly line: 'hold'; readonly state: GateHold };

export interface GateFinding {
  readonly sight: GateSight;
  /** Whether this differs from what was found before. */
  readonly isNews: boolean;
  readonly forced: GateForced | undefined;
}

export interface GateForced {
  /** `started` when the gate has been opened by force, `ended` when one so opened has closed. */
  readonly phase: 'started' | 'ended';
  /** Relay and contact when that happened. */
  readonly relay: GateSight['relay'];
  readonly contact: GateSight['contact'];
  /** How long ago it happened, milliseconds: an opening is called forced only after a grace. */
  readonly ageMs: number;
}

export interface GateView {
  /** Takes in what one reply of the controller told, in its order. @returns a finding for each step */
  take(signals: readonly ViewSignal[], nowMs: number): GateFinding[];
  /** Judges an opening whose grace is over. To be called at `verdictAtMs`; Infinity judges at once what is open. */
  judge(nowMs: number): GateFinding[];
  /** When an opening without the relay is to be judged; undefined while there is none. */
  readonly verdictAtMs: number | undefined;
  /** A new subscription begins: its first news of the contact is not judged. */
  resume(): void;
  /** The controller is gone: nothing is known of the gate. */
  forget(): GateFinding;
  readonly sight: GateSight;
  /** Whether the gate was opened by force and has not been seen closed since. */
  readonly isForced: boolean;
}

/** The arm is moving while its relay is active and it has not left its rest; without a contact nothing is known. */
function positionOf(relay: GateSight['relay'], contact: GateSight['contact']): GateSight['position'] {
  if (contact === 'unknown') return 'unknown';
  if (contact === 'open') return 'open';
  return relay === 'active' ? 'moving' : 'closed';
}

/** Modes in which a door may be opened, and those that it keeps until it is released. */
const MODES_THAT_LET: readonly DoorMode[] = ['Accessed', 'Unlocked', 'LockedOpen'];
const HOLD_OF_MODE: Readonly<Record<DoorMode, GateHold>> = {
  Unknown: 'unknown',
  Locked: 'normal',
  DoubleLocked: 'normal',
  Accessed: 'normal',
  Unlocked: 'held-open',
  LockedOpen: 'held-open',
  LockedDown: 'locked',
  Blocked: 'blocked',
};

function isLeave(signal: ViewSignal): boolean {
  if (signal.line === 'relay') return signal.state === 'active';
  if (signal.line === 'mode') return MODES_THAT_LET.includes(signal.state);
  return signal.line === 'input' && signal.isActive && (signal.role === 'exit-button' || signal.role === 'fire');
}

/** What a door's mode amounts to. */
export function holdOf(mode: DoorMode): GateHold {
  return HOLD_OF_MODE[mode];
}

/**
 * Judges relay and contact of one gate. Times are of one monotonic clock, milliseconds.
 *
 * A gate counts as forced when its contact goes from closed to open and its relay neither is active, nor was within
 * `forcedWindowMs`, nor becomes so within FORCED_GRACE_MS: relay and contact may be told in either order. The first news
 * after a new subscription is never judged: whoever opened the gate meanwhile, the relay may have let them. A door's mode
 * that lets somebody through, the exit button and the fire input explain an opening as the relay does.
 *
 * @param options.isForced true when the gate was forced when its last process ended, or may have been: the first time
 *   that it is seen closed then ends that
 */
export function createGateView(options: { forcedWindowMs: number; isForced: boolean }): GateView {
  let relay: GateSight['relay'] = 'unknown';
  let contact: GateSight['contact'] = 'unknown';
  let lastActiveAtMs = Number.NEGATIVE_INFINITY;
  let isForced = options.isForced;
  let isResumed = false;
  let suspected: (GateSight & { readonly atMs: number }) | undefined;
  let reported: GateSight | undefined;
  let lock: LockState | undefined;
  let hold: GateHold | undefined;
  const leaves = new Set<string>();

  const sight = (): GateSight => ({
    position: positionOf(relay, contact),
    relay,
    contact,
    ...(lock === undefined ? {} : { lock }),
    ...(hold === undefined ? {} : { hold }),
  });

  function finding(forced: GateFinding['forced']): GateFinding {
    const seen = sight();
    const isNews =
      reported === undefined ||
      reported.position !== seen.position ||
      reported.relay !== seen.relay ||
      reported.contact !== seen.contact ||
      reported.lock !== seen.lock ||
      reported.hold !== seen.hold;
    reported = seen;
    return { sight: seen, isNews, forced };
  }

  function takeContact(next: 'open' | 'closed', nowMs: number): GateFinding {
    const wasClosed = contact === 'closed' && !isResumed;
    isResumed = false;
    contact = next;
    if (next === 'closed' && isForced) {
      isForced = false;
      return finding({ phase: 'ended', relay, contact, ageMs: 0 });
    }
    const isExplained = relay === 'active' || leaves.size > 0 || nowMs - lastActiveAtMs <= options.forcedWindowMs;
    // A contact that bounces opens more than once; the first time counts.
    if (next === 'open' && wasClosed && !isExplained && !isForced) suspected ??= { ...sight(), atMs: nowMs };
    return finding(undefined);
  }

  function takeRelay(next: 'active' | 'inactive', nowMs: number): GateFinding {
    if (next === 'active' || relay === 'active') lastActiveAtMs = nowMs;
    if (next === 'active') suspected = undefined;
    relay = next;
    return finding(undefined);
  }

  /** Something besides the relay lets somebody through, or does so no more. */
  function takeLeave(by: string, isGiven: boolean, nowMs: number): void {
    if (isGiven || leaves.has(by)) lastActiveAtMs = nowMs;
    if (!isGiven) {
      leaves.delete(by);
      return;
    }
    leaves.add(by);
    suspected = undefined;
  }

  function takeOne(signal: ViewSignal, nowMs: number): GateFinding {
    switch (signal.line) {
      case 'relay':
        return takeRelay(signal.state, nowMs);
      case 'contact':
        return takeContact(signal.state, nowMs);
      case 'lock':
        lock = signal.state;
        break;
      case 'hold':
        hold = signal.state;
        break;
      case 'mode':
        hold = holdOf(signal.state);
        takeLeave('mode', MODES_THAT_LET.includes(signal.state), nowMs);
        break;
      case 'input':
        if (signal.role === 'exit-button' || signal.role === 'fire') takeLeave(signal.role, signal.isActive, nowMs);
    }
    return finding(undefined);
  }

  function judge(nowMs: number): GateFinding[] {
    if (suspected === undefined || nowMs - suspected.atMs < FORCED_GRACE_MS) return [];
    const opened = suspected;
    suspected = undefined;
    const ageMs = nowMs === Number.POSITIVE_INFINITY ? 0 : nowMs - opened.atMs;
    const started = finding({ phase: 'started', relay: opened.relay, contact: opened.contact, ageMs });
    isForced = contact !== 'closed';
    return isForced ? [started] : [started, finding({ phase: 'ended', relay, contact, ageMs: 0 })];
  }

  return {
    take(signals, nowMs) {
      const judged = judge(nowMs);
      // Within one reply news may be in any order.
      if (signals.some(isLeave)) lastActiveAtMs = nowMs;
      const taken = signals.map((signal) => takeOne(signal, nowMs));
      return [...judged, ...taken];
    },
    judge,
    get verdictAtMs() {
      return suspected && suspected.atMs + FORCED_GRACE_MS;
    },
    resume() {
      isResumed = true;
    },
    forget() {
      relay = 'unknown';
      contact = 'unknown';
      if (lock !== undefined) lock = 'unknown';
      if (hold !== undefined) hold = 'unknown';
      leaves.clear();
      return finding(undefined);
    },
    get sight() {
      return sight();
    },
    get isForced() {
      return isForced;
    },
  };
}
