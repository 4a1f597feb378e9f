/** What the controller told about one of its lines. */
export type GateSignal =
  | { readonly line: 'relay'; readonly state: 'active' | 'inactive' }
  | { readonly line: 'contact'; readonly state: 'open' | 'closed' };

export interface GateSight {
  readonly position: 'open' | 'closed' | 'moving' | 'unknown';
  readonly relay: 'active' | 'inactive' | 'unknown';
  readonly contact: 'open' | 'closed' | 'unknown';
}

export interface GateFinding {
  readonly sight: GateSight;
  /** Whether this differs from what was found before. */
  readonly isNews: boolean;
  /** `started` when the gate has just been opened by force, `ended` when one so opened has closed. */
  readonly forced: 'started' | 'ended' | undefined;
}

export interface GateView {
  /** Takes in what one reply of the controller told, in its order. @returns a finding for each step */
  take(signals: readonly GateSignal[], nowMs: number): GateFinding[];
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

/**
 * Judges relay and contact of one gate. Times are of one monotonic clock, milliseconds.
 *
 * A gate counts as forced when its contact goes from closed to open and its relay neither is active nor was within
 * `forcedWindowMs`. The first news after a new subscription is never judged: whoever opened the gate meanwhile, the relay
 * may have let them. News in one reply may be in any order, so a relay's activation counts before all of the reply.
 *
 * @param options.isForced true when the gate was forced when its last process ended
 */
export function createGateView(options: { forcedWindowMs: number; isForced: boolean }): GateView {
  let relay: GateSight['relay'] = 'unknown';
  let contact: GateSight['contact'] = 'unknown';
  let lastActiveAtMs = Number.NEGATIVE_INFINITY;
  let isForced = options.isForced;
  let isResumed = false;
  let reported: GateSight | undefined;

  function finding(forced: GateFinding['forced']): GateFinding {
    const sight: GateSight = { position: positionOf(relay, contact), relay, contact };
    const isNews =
      reported === undefined ||
      reported.position !== sight.position ||
      reported.relay !== sight.relay ||
      reported.contact !== sight.contact;
    reported = sight;
    return { sight, isNews, forced };
  }

  function takeContact(next: 'open' | 'closed', nowMs: number): GateFinding {
    const wasClosed = contact === 'closed' && !isResumed;
    isResumed = false;
    contact = next;
    if (next === 'closed' && isForced) {
      isForced = false;
      return finding('ended');
    }
    const isExplained = relay === 'active' || nowMs - lastActiveAtMs <= options.forcedWindowMs;
    if (next === 'open' && wasClosed && !isExplained && !isForced) {
      isForced = true;
      return finding('started');
    }
    return finding(undefined);
  }

  function takeRelay(next: 'active' | 'inactive', nowMs: number): GateFinding {
    if (next === 'active' || relay === 'active') lastActiveAtMs = nowMs;
    relay = next;
    return finding(undefined);
  }

  return {
    take(signals, nowMs) {
      if (signals.some((signal) => signal.line === 'relay' && signal.state === 'active')) lastActiveAtMs = nowMs;
      return signals.map((signal) =>
        signal.line === 'relay' ? takeRelay(signal.state, nowMs) : takeContact(signal.state, nowMs),
      );
    },
    resume() {
      isResumed = true;
    },
    forget() {
      relay = 'unknown';
      contact = 'unknown';
      return finding(undefined);
    },
    get sight() {
      return { position: positionOf(relay, contact), relay, contact };
    },
    get isForced() {
      return isForced;
    },
  };
}
