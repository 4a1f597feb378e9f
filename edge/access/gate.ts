import type { GateHold } from '@dipper/contract/door-action';
import type { GateDriver, GateObserver } from './driver.ts';
import { isFailSafe } from './fail-mode.ts';
import { capabilitiesFrom, closeAfterMsOf } from './gate-abilities.ts';
import { createGateCloser } from './gate-closer.ts';
import {
  DEFAULT_CLEARANCE_MAX_AGE_MS,
  DEFAULT_FORCED_WINDOW_MS,
  DEFAULT_HELD_OPEN_AFTER_MS,
  DEFAULT_TIMEOUT_MS,
  type GateConfig,
} from './gate-config.ts';
import type { GateControl } from './gate-control.ts';
import { createGateDesk, type GateLink } from './gate-desk.ts';
import { createGateMemory } from './gate-memory.ts';
import type { GateReport } from './gate-messages.ts';
import { createGateReporter, type GateReporter } from './gate-reporter.ts';
import type { GateSignal } from './gate-signal.ts';
import { createGateView, holdOf, type ViewSignal } from './gate-view.ts';
import { createHeldOpenWatch } from './held-open.ts';
import { createLane, type LoopRole } from './lane.ts';
import type { Notification } from './notification.ts';
import { createPassageLedger } from './passage-ledger.ts';
import { createRelayHold } from './relay-hold.ts';

export interface GateOptions {
  readonly config: GateConfig;
  /** Since when the gate stands forced open; `unknown` when the hub may hold it for forced, undefined when it is not. */
  readonly forcedSinceMs: number | 'unknown' | undefined;
  /** The same of held open. */
  readonly heldOpenSinceMs: number | 'unknown' | undefined;
  /** What its relay was kept as before this process, see FollowGates. */
  readonly notedHold: GateHold | undefined;
  readonly onReport: (report: GateReport) => void;
  readonly observer: GateObserver;
  /** Whether there is a fire at any gate of this edge. */
  readonly isFire: () => boolean;
  /** The fire input of this gate has gone on or off. */
  readonly onFire: (device: string, isFire: boolean) => void;
}

/** One gate: what it is seen to do, what follows from that, and how it is told. */
export interface Gate {
  readonly driver: GateDriver;
  readonly reporter: GateReporter;
  /** A connection begins whose first news is not judged. @returns how it ends */
  connected(link: GateLink): void;
  /** Commands cannot be sent or seen any more. */
  disconnected(): void;
  /** Takes in what one reply of the controller told. @param asOfMs see PullPointOptions.onNotifications */
  take(notifications: readonly Notification[], control: GateControl, asOfMs: number | undefined): void;
  /** A fire has begun at a gate of this edge, or the last one is over. */
  fireChanged(): void;
  /** Whatever the gate does now, nobody sees it. */
  forget(): void;
  /**
   * This process is about to end in peace: what it would have closed later it closes now, where the gate fails secure, with
   * the refusals of every closing. Never rejects.
   */
  letGo(): Promise<void>;
  /** Judges what still waits to be judged, and ends every timer. */
  close(): void;
}

/** How a signal came. Times are of the monotonic clock. */
interface Told {
  readonly notification: Notification;
  readonly nowMs: number;
  /** See SeenInput. */
  readonly asOfMs: number | undefined;
}

const now = (): number => performance.now();
/** Timers may fire a fraction of a millisecond early. */
const MIN_TIMER_MS = 1;

/** The gate process has three seconds to end, and unsubscribing takes one. */
const LET_GO_DEADLINE_MS = 1_500;

/** Puts one gate together. */
export function createGate(options: GateOptions): Gate {
  const { config, observer } = options;
  const { device } = config;
  const driverKind = config.driver ?? 'relay';
  const capabilities = capabilitiesFrom(config);
  const roles = new Set(config.inputs?.map(({ role }) => role));
  const memory = createGateMemory();
  const ledger = createPassageLedger();
  const lane = createLane({ hasEntry: roles.has('entry-loop'), hasExit: roles.has('exit-loop') });
  const heldOpen = createHeldOpenWatch(
    config.heldOpenAfterMs ?? DEFAULT_HELD_OPEN_AFTER_MS,
    monotonicOf(options.heldOpenSinceMs),
  );
  const view = createGateView({
    forcedWindowMs: config.forcedWindowMs ?? DEFAULT_FORCED_WINDOW_MS,
    isForced: options.forcedSinceMs !== undefined,
  });
  const relayHold = createRelayHold({
    ...{ config, capabilities, noted: options.notedHold, isFire: options.isFire },
    onChange(state) {
      find([{ line: 'hold', state }], now());
      judge();
    },
  });
  let link: GateLink | undefined;
  let correlation: string | undefined;
  let isBurning: boolean | undefined;
  let timer: NodeJS.Timeout | undefined;

  const reporter = createGateReporter({
    config,
    forcedSinceMs: options.forcedSinceMs === 'unknown' ? undefined : options.forcedSinceMs,
    heldOpenSinceMs: options.heldOpenSinceMs === 'unknown' ? undefined : options.heldOpenSinceMs,
    onReport: options.onReport,
    nowMs: () => Date.now(),
    monotonicMs: now,
    correlation: () => correlation,
  });

  function hold(): GateHold {
    if (driverKind === 'relay') return relayHold.state;
    return memory.lines.mode === undefined ? 'unknown' : holdOf(memory.lines.mode.state);
  }

  function find(signals: readonly ViewSignal[], nowMs: number): void {
    for (const finding of view.take(signals, nowMs)) {
      reporter.found(finding);
      if (finding.isNews) observer.doorSeen(device, finding.sight, Date.now());
    }
  }

  /** Looks at what becomes of a gate by time alone. */
  function judge(): void {
    const nowMs = now();
    for (const finding of view.judge(nowMs)) reporter.found(finding);
    const isExcused = hold() === 'held-open' || options.isFire();
    const finding = heldOpen.take(view.sight.contact, isExcused, nowMs);
    if (finding !== undefined) reporter.heldOpen(finding);
    clearTimeout(timer);
    const due = [view.verdictAtMs, heldOpen.dueAtMs].filter((atMs) => atMs !== undefined);
    if (due.length > 0) timer = setTimeout(judge, Math.max(MIN_TIMER_MS, Math.min(...due) - nowMs));
  }

  function takeLoop(role: LoopRole, isActive: boolean, atMs: number): void {
    for (const direction of lane.take(role, isActive, atMs)) {
      const passed = ledger.passed();
      observer.passageSeen(device, direction, Date.now(), passed.correlation);
      if (passed.tailgating !== undefined && hold() !== 'held-open') reporter.tailgated(passed.tailgating);
    }
  }

  function takeFire(isOn: boolean): void {
    if (isBurning === isOn) return;
    isBurning = isOn;
    // Off at the first sight ends what the hub may still hold from before.
    reporter.fire(isOn ? 'started' : 'ended');
    options.onFire(device, isOn);
  }

  function takeInput(signal: Extract<GateSignal, { line: 'input' }>, { notification, nowMs, asOfMs }: Told): void {
    const { role, isActive } = signal;
    const known = memory.lines.inputs.get(role)?.state;
    memory.take(signal, nowMs, asOfMs);
    if (role === 'fire') takeFire(isActive);
    // News of two moments may come in one reply: how far apart they were is for the controller to say.
    else if (role !== 'exit-button') takeLoop(role, isActive, notification.utcMs ?? Date.now());
    if (known === isActive || (known === undefined && !isActive)) return;
    if (role === 'exit-button') reporter.told(notification, { isActive });
    observer.inputSeen(device, role, isActive, Date.now());
  }

  function takeOne(signal: GateSignal, told: Told): void {
    if (signal.line === 'input') {
      takeInput(signal, told);
      return;
    }
    memory.take(signal, told.nowMs, told.asOfMs);
    if (signal.line === 'contact' && signal.state === 'closed') {
      ledger.closed();
      lane.closed();
      if (!desk.isBusy) correlation = undefined;
    }
    if (signal.line === 'relay' && relayHold.relaySeen(signal.state)) closer.told('open');
  }

  const desk = createGateDesk({
    ...{ capabilities, driver: driverKind, memory, hold, isFire: options.isFire, nowMs: now },
    endsLock: () => isFailSafe(config) && options.isFire(),
    hasLock: roles.has('lock') || driverKind === 'door',
    clearanceMaxAgeMs: config.safety?.clearanceMaxAgeMs ?? DEFAULT_CLEARANCE_MAX_AGE_MS,
    link: () => link,
    sight: () => view.sight,
    onStart(action, given) {
      // What is under way now decides what becomes of the gate, not an opening of before.
      if (action !== 'close') closer.stop();
      correlation = given.correlation ?? correlation;
    },
    onDone(action, given) {
      relayHold.done(action);
      if (action === 'open' && given.correlation !== undefined) ledger.granted(given.correlation);
    },
    onOutcome(action, outcome, given) {
      if (!outcome.ok && outcome.code === 'GATE_COMMAND_UNCONFIRMED') {
        reporter.unconfirmed(action, given.deadlineMs, given.correlation);
      }
      closer.told(action);
      if (view.sight.contact === 'closed') correlation = undefined;
    },
  });
  const closer = createGateCloser({
    afterMs: closeAfterMsOf(config),
    close: (deadlineMs) => desk.closeAfterPassage(deadlineMs),
    isOver: () => hold() === 'held-open' || hold() === 'locked',
  });

  if (relayHold.isPossible) find([{ line: 'hold', state: relayHold.state }], now());

  return {
    reporter,
    driver: {
      device,
      capabilities,
      get sight() {
        return view.sight;
      },
      get isFollowed() {
        return link !== undefined;
      },
      get isFire() {
        return options.isFire();
      },
      command: (action, given) => desk.command(action, given),
      async answer(asked, isOpened) {
        const timeoutMs = config.timeoutMs ?? DEFAULT_TIMEOUT_MS;
        if (link !== undefined) await link.control.answer?.(asked, isOpened, { timeoutMs, signal: link.signal });
      },
    },
    connected(next) {
      link = next;
      view.resume();
    },
    disconnected() {
      link = undefined;
    },
    take(notifications, control, asOfMs) {
      const nowMs = now();
      const signals = notifications.flatMap((notification) => {
        if (control.isForPeople(notification)) reporter.told(notification);
        observer.notificationSeen(device, notification);
        return control.signalsFrom(notification).map((signal) => ({ signal, notification }));
      });
      for (const { signal, notification } of signals) takeOne(signal, { notification, nowMs, asOfMs });
      find(
        signals.map(({ signal }) => signal),
        nowMs,
      );
      judge();
    },
    fireChanged() {
      relayHold.fireChanged();
      judge();
    },
    forget() {
      memory.forget();
      lane.forget();
      if (view.sight.position !== 'unknown') {
        const finding = view.forget();
        reporter.found(finding);
        observer.doorSeen(device, finding.sight, Date.now());
      }
      if (relayHold.isPossible) find([{ line: 'hold', state: relayHold.state }], now());
    },
    async letGo() {
      const isOpening = closer.isDue && !isFailSafe(config);
      closer.stop();
      if (isOpening) await desk.closeAfterPassage(LET_GO_DEADLINE_MS);
    },
    close() {
      clearTimeout(timer);
      closer.stop();
      // Nobody will be here when the grace is over.
      for (const finding of view.judge(Number.POSITIVE_INFINITY)) reporter.found(finding);
    },
  };
}

/** A time of the wall clock by the monotonic one. */
function monotonicOf(atMs: number | 'unknown' | undefined): number | 'unknown' | undefined {
  return typeof atMs === 'number' ? now() - (Date.now() - atMs) : atMs;
}
