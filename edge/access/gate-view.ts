import { FORCED_GRACE_MS } from './gate-config.ts';

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
  take(signals: readonly GateSignal[], nowMs: number): GateFinding[];
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

/**
 * Judges relay and contact of one gate. Times are of one monotonic clock, milliseconds.
 *
 * A gate counts as forced when its contact goes from closed to open and its relay neither is active, nor was within
 * `forcedWindowMs`, nor becomes so within FORCED_GRACE_MS: relay and contact may be told in either order. The first news
 * after a new subscription is never judged: whoever opened the gate meanwhile, the relay may have let them.
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

  const sight = (): GateSight => ({ position: positionOf(relay, contact), relay, contact });

  function finding(forced: GateFinding['forced']): GateFinding {
    const seen = sight();
    const isNews =
      reported === undefined ||
      reported.position !== seen.position ||
      reported.relay !== seen.relay ||
      reported.contact !== seen.contact;
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
    const isExplained = relay === 'active' || nowMs - lastActiveAtMs <= options.forcedWindowMs;
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
      if (signals.some((signal) => signal.line === 'relay' && signal.state === 'active')) lastActiveAtMs = nowMs;
      const taken = signals.map((signal) =>
        signal.line === 'relay' ? takeRelay(signal.state, nowMs) : takeContact(signal.state, nowMs),
      );
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
