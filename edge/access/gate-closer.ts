import type { DoorAction } from '@dipper/contract/door-action';
import type { DoorOutcome, DoorRefusal } from './driver.ts';

export interface GateCloserOptions {
  /** How long after an opening the gate is closed; undefined: never. */
  readonly afterMs: number | undefined;
  readonly close: (deadlineMs: number) => Promise<DoorOutcome>;
  /** Whether the gate has been told to stay as it is. */
  readonly isOver: () => boolean;
}

export interface GateCloser {
  /** Something was commanded: an opening begins the time anew. */
  told(action: DoorAction): void;
  /** Whether a closing is still to come. */
  readonly isDue: boolean;
  stop(): void;
}

/** A barrier's arm is down within some five seconds; one that is not is jammed. */
const CLOSE_DEADLINE_MS = 10_000;
const RETRY_MS = 1_000;
/** What passes: the way is not clear now. What does not is left to people: a gate that is held open is told of. */
const PASSING: readonly DoorRefusal[] = [
  'GATE_NOT_CLEAR',
  'GATE_CLEARANCE_STALE',
  'GATE_UNREACHABLE',
  'GATE_FIRE_ALARM',
  'GATE_BUSY',
];

/** Closes a gate some time after it was opened, as soon as it may be closed; without a time, never. */
export function createGateCloser(options: GateCloserOptions): GateCloser {
  const { afterMs, close, isOver } = options;
  let timer: NodeJS.Timeout | undefined;
  let turn = 0;
  let isDue = false;

  function schedule(delayMs: number): void {
    clearTimeout(timer);
    const mine = ++turn;
    isDue = true;
    timer = setTimeout(() => {
      if (isOver()) {
        isDue = false;
        return;
      }
      void close(CLOSE_DEADLINE_MS).then((outcome) => {
        if (mine !== turn) return;
        if (!outcome.ok && PASSING.includes(outcome.code)) schedule(RETRY_MS);
        else isDue = false;
      });
    }, delayMs);
  }

  return {
    told(action) {
      if (action === 'open' && afterMs !== undefined) schedule(afterMs);
      else if (action !== 'close') this.stop();
    },
    get isDue() {
      return isDue;
    },
    stop() {
      turn += 1;
      isDue = false;
      clearTimeout(timer);
    },
  };
}
