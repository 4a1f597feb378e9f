import type { DoorAction, GateHold } from '@dipper/contract/door-action';
import { judgeClearance } from './clearance.ts';
import { type Confirmation, isDone } from './command-confirmation.ts';
import type { CommandOptions, DoorOutcome, DoorRefusal, GateCapabilities, GateSight } from './driver.ts';
import type { GateControl } from './gate-control.ts';
import { GateError, gateErrorFrom } from './gate-error.ts';
import type { GateMemory } from './gate-memory.ts';

/** One connection to a gate's controller, as long as it lasts. */
export interface GateLink {
  readonly control: GateControl;
  /** When it began, by the monotonic clock. */
  readonly sinceMs: number;
  /** Has the controller tell the present state of everything anew. */
  resync(): Promise<void>;
  /** Aborts when the connection is lost. */
  readonly signal: AbortSignal;
}

export interface GateDeskOptions {
  readonly capabilities: GateCapabilities;
  readonly driver: 'relay' | 'door';
  readonly hasLock: boolean;
  readonly clearanceMaxAgeMs: number;
  readonly memory: GateMemory;
  /** The connection, undefined while there is none that commands could go by and be seen by. */
  readonly link: () => GateLink | undefined;
  readonly sight: () => GateSight;
  /** What the gate is told to stay as, where it is Dipper that holds it. */
  readonly hold: () => GateHold;
  readonly isFire: () => boolean;
  /** Whether an opening may end a lock or a block: of a fail-safe gate in a fire. */
  readonly endsLock: () => boolean;
  /** A command's turn has come. */
  readonly onStart: (action: DoorAction, options: CommandOptions) => void;
  /** The gate was seen to do it. Called before its state is told to the caller. */
  readonly onDone: (action: DoorAction, options: CommandOptions) => void;
  /** A command was carried out, or refused, or given up. Called before the caller learns of it. */
  readonly onOutcome: (action: DoorAction, outcome: DoorOutcome, options: CommandOptions) => void;
  /** Monotonic, milliseconds. */
  readonly nowMs: () => number;
}

export interface GateDesk {
  /** Whether a command is under way. */
  readonly isBusy: boolean;
  /** Never rejects. */
  command(action: DoorAction, options: CommandOptions): Promise<DoorOutcome>;
  /** Closes after a passage: with the same refusals as a command, whether or not people may command it. Never rejects. */
  closeAfterPassage(deadlineMs: number): Promise<DoorOutcome>;
}

/** More would wait longer than anybody stands before a gate. */
const MAX_WAITING = 8;
/** How long a relay has to show itself before the other service is asked: controllers tell within some 100 ms. */
const ECHO_MS = 1_000;
/** A sensor that is asked tells within two pulls, of which a controller may take one in a second; then it is taken to be silent. */
const CLEARANCE_WAIT_MS = 2_500;
const RECONNECT_MS = 2_000;

/** A refusal on the way, as a value to be thrown within this file and by those it calls. */
class RefusedError extends Error {
  readonly code: DoorRefusal;

  constructor(code: DoorRefusal, message: string) {
    super(message);
    this.name = 'RefusedError';
    this.code = code;
  }
}

const OPENING: readonly DoorAction[] = ['open', 'hold-open'];
const REFUSED_BY_FIRE: readonly DoorAction[] = ['close', 'lock', 'block'];
const MESSAGES: Readonly<Record<DoorRefusal, string>> = {
  GATE_COMMAND_UNCONFIRMED: 'The gate was told, and was not seen to obey in time.',
  GATE_COMMAND_UNSUPPORTED: 'This gate cannot do that, or is not configured to.',
  GATE_UNKNOWN: 'There is no such gate.',
  GATE_UNREACHABLE: 'The controller of the gate cannot be reached.',
  GATE_COMMAND_REFUSED: 'The controller refused.',
  GATE_NOT_CLEAR: 'Something is under the arm.',
  GATE_CLEARANCE_STALE: 'The sensor under the arm has not told lately that nothing is there.',
  GATE_FIRE_ALARM: 'There is a fire alarm: nothing is locked, blocked or closed.',
  GATE_LOCKED: 'The gate is locked or blocked until it is released.',
  GATE_BUSY: 'Other commands are waiting for this gate.',
  GATE_ABORTED: 'The command was given up.',
};

/**
 * Carries out a gate's commands, one at a time. What would lower an arm or shut somebody in is refused while there is a
 * fire, and an arm comes down only on fresh clearance; both are looked at again at the moment of each request. Success is
 * what the gate is seen to do.
 *
 * An opening does not wait for a closing to be confirmed: that one is given up.
 */
export function createGateDesk(options: GateDeskOptions): GateDesk {
  const { capabilities, memory, nowMs } = options;
  const isBarrier = capabilities.kind === 'barrier';
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let current: { readonly action: DoorAction; readonly giveUp: AbortController } | undefined;

  /** What may bring an arm down. From `lock` and `block` nothing is released that holds one up. */
  function mayLower(action: DoorAction): boolean {
    if (!isBarrier) return false;
    if (action === 'close' || action === 'lock') return true;
    return action === 'release' && memory.lines.contact?.state !== 'closed';
  }

  function clearance(): 'clear' | 'occupied' | 'stale' {
    return judgeClearance(memory.lines.inputs.get('arm-loop'), {
      nowMs: nowMs(),
      maxAgeMs: options.clearanceMaxAgeMs,
      followedSinceMs: options.link()?.sinceMs,
    });
  }

  function assertAllowed(action: DoorAction): void {
    const endsHeldOpen = action === 'release' && options.hold() === 'held-open';
    if (options.isFire() && (REFUSED_BY_FIRE.includes(action) || endsHeldOpen || mayLower(action))) {
      throw new RefusedError('GATE_FIRE_ALARM', MESSAGES.GATE_FIRE_ALARM);
    }
    // Also what was locked since the command came.
    if (OPENING.includes(action) && ['locked', 'blocked'].includes(options.hold()) && !options.endsLock()) {
      throw new RefusedError('GATE_LOCKED', MESSAGES.GATE_LOCKED);
    }
    if (!mayLower(action)) return;
    const found = clearance();
    const code = found === 'occupied' ? 'GATE_NOT_CLEAR' : 'GATE_CLEARANCE_STALE';
    if (found !== 'clear') throw new RefusedError(code, MESSAGES[code]);
  }

  /**
   * Has the sensor under the arm speak once more before the arm comes down. Its first word may have been on its way already
   * when it was asked, so it is asked again until it has spoken in a reply that was asked for after that.
   */
  async function refreshClearance(link: GateLink, deadlineAtMs: number, signal: AbortSignal): Promise<void> {
    const askedAtMs = nowMs();
    const untilMs = Math.min(deadlineAtMs, askedAtMs + CLEARANCE_WAIT_MS);
    const wordIn = (lines: GateMemory['lines']) => lines.inputs.get('arm-loop');
    while (nowMs() < untilMs && !signal.aborted) {
      const known = wordIn(memory.lines);
      await Promise.race([link.resync().catch(() => undefined), memory.until(() => false, untilMs - nowMs(), signal)]);
      await memory.until((lines) => wordIn(lines) !== known, untilMs - nowMs(), signal);
      if ((wordIn(memory.lines)?.asOfMs ?? Number.NEGATIVE_INFINITY) >= askedAtMs) return;
    }
  }

  /** Sends it, and gives true once the gate was seen to do it, false when the deadline came first. */
  async function sendAndSee(
    action: DoorAction,
    link: GateLink,
    deadlineAtMs: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { driver, hasLock } = options;
    const sentAtMs = nowMs();
    const before = memory.lines;
    const by: Confirmation = { kind: capabilities.kind, driver, hasLock, before, sentAtMs };
    const over = new AbortController();
    const until = AbortSignal.any([signal, over.signal]);
    const hasMoved = () =>
      memory.until(
        (lines) => lines.relay?.state !== before.relay?.state || lines.contact?.state !== before.contact?.state,
        Math.min(ECHO_MS, deadlineAtMs - nowMs()),
        signal,
      );
    const seen = memory.until((lines) => isDone(action, lines, by), deadlineAtMs - sentAtMs, until);
    const sent = link.control
      .send(action, {
        ...{ lines: before, assertAllowed: () => assertAllowed(action), hasMoved },
        timeoutMs: Math.max(1, Math.round(deadlineAtMs - sentAtMs)),
        signal: AbortSignal.any([link.signal, signal]),
        enough: over.signal,
      })
      // Whoever is already where it should be tells it when asked; for the others it costs one request.
      .then(() => (until.aborted ? undefined : link.resync().catch(() => undefined)));
    try {
      const failed = sent.then(
        () => seen,
        async (cause: unknown) => {
          if (cause instanceof RefusedError) throw cause;
          const { code, message } = gateErrorFrom(cause);
          if (code === 'GATE_UNREACHABLE') throw new RefusedError('GATE_UNREACHABLE', message);
          if (code === 'GATE_REFUSED' || code === 'GATE_FAULT' || code === 'GATE_NOT_SUPPORTED') {
            throw new RefusedError('GATE_COMMAND_REFUSED', message);
          }
          // No answer, or none that makes sense: it may have been obeyed all the same.
          if (await seen) return true;
          throw new RefusedError('GATE_COMMAND_UNCONFIRMED', `${MESSAGES.GATE_COMMAND_UNCONFIRMED} ${message}`);
        },
      );
      // Seen ends it at once; not seen is told with what became of the request.
      return await Promise.race([seen.then((isSeen) => isSeen || failed), failed]);
    } finally {
      over.abort();
    }
  }

  async function carryOut(action: DoorAction, deadlineAtMs: number, signal: AbortSignal): Promise<void> {
    const refuse = (code: DoorRefusal, message = MESSAGES[code]): never => {
      throw new RefusedError(code, message);
    };
    // A subscription that was lost is there again within a second, mostly.
    await memory.until(() => options.link() !== undefined, Math.min(RECONNECT_MS, deadlineAtMs - nowMs()), signal);
    const link = options.link() ?? refuse('GATE_UNREACHABLE');
    const missing = link.control.missing.get(action);
    if (missing !== undefined) refuse('GATE_COMMAND_UNSUPPORTED', missing);
    if (mayLower(action)) await refreshClearance(link, deadlineAtMs, signal);
    assertAllowed(action);
    if (await sendAndSee(action, link, deadlineAtMs, signal)) return;
    refuse(signal.aborted ? 'GATE_ABORTED' : 'GATE_COMMAND_UNCONFIRMED');
  }

  function ended(code: DoorRefusal, message = MESSAGES[code]): DoorOutcome {
    return { ok: false, code, message, ...seenNow() };
  }
  function seenNow(): Pick<GateSight, 'position' | 'lock' | 'hold'> {
    const { position, lock, hold } = options.sight();
    return { position, ...(lock === undefined ? {} : { lock }), ...(hold === undefined ? {} : { hold }) };
  }

  async function run(action: DoorAction, given: CommandOptions, startedAtMs: number): Promise<DoorOutcome> {
    if (given.signal?.aborted === true) return ended('GATE_ABORTED');
    const deadlineAtMs = startedAtMs + given.deadlineMs;
    if (nowMs() >= deadlineAtMs) return ended('GATE_BUSY');
    const giveUp = new AbortController();
    current = { action, giveUp };
    options.onStart(action, given);
    try {
      await carryOut(action, deadlineAtMs, AbortSignal.any([giveUp.signal, ...(given.signal ? [given.signal] : [])]));
      options.onDone(action, given);
      return { ok: true, afterMs: Math.round(nowMs() - startedAtMs), ...seenNow() };
    } catch (error) {
      if (error instanceof RefusedError) return ended(error.code, error.message);
      return ended('GATE_COMMAND_REFUSED', error instanceof GateError ? error.message : gateErrorFrom(error).message);
    } finally {
      current = undefined;
    }
  }

  function enqueue(action: DoorAction, given: CommandOptions): Promise<DoorOutcome> {
    const startedAtMs = nowMs();
    if (OPENING.includes(action) && current !== undefined && !OPENING.includes(current.action)) current.giveUp.abort();
    waiting += 1;
    const done = tail.then(() => {
      waiting -= 1;
      return run(action, given, startedAtMs);
    });
    tail = done;
    return done.then((outcome) => {
      options.onOutcome(action, outcome, given);
      return outcome;
    });
  }

  return {
    get isBusy() {
      return current !== undefined;
    },
    command(action, given) {
      if (!capabilities.actions.includes(action)) return Promise.resolve(ended('GATE_COMMAND_UNSUPPORTED'));
      return waiting >= MAX_WAITING ? Promise.resolve(ended('GATE_BUSY')) : enqueue(action, given);
    },
    closeAfterPassage: (deadlineMs) => enqueue('close', { deadlineMs }),
  };
}
