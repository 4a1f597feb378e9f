import type { Grant } from '../decision/request.ts';
import type { DoorOutcome, GateDriver } from '../driver.ts';

/** How a grant ended. */
export interface PassageEnd {
  readonly grant: Grant;
  readonly isTaken: boolean;
  /** Since the grant. */
  readonly afterMs: number;
  /** What showed that somebody went through; undefined where nothing could. */
  readonly by: 'contact' | 'loop' | undefined;
  /** Why the gate did not open. */
  readonly cause: string | undefined;
}

export interface Passages {
  /** Watches what becomes of a grant, from its command on. */
  begin(grant: Grant, driver: GateDriver, outcome: Promise<DoorOutcome>): void;
  /** The gate was seen in a position. */
  doorSeen(device: string, position: DoorOutcome['position']): void;
  /** Somebody has passed; on a grant, or nobody knows on which. */
  passageSeen(device: string, correlation: string | undefined): void;
  /** Gives up the watch; what is under way ends as not taken. */
  close(): void;
}

/** An arm that stays up longer than this after the passage's time stands up for another reason. */
const STANDS_OPEN_MS = 60_000;

interface Watch {
  readonly grant: Grant;
  readonly driver: GateDriver;
  readonly startedAtMs: number;
  /** It stood open when somebody was granted: no contact will open for them. */
  readonly stoodOpen: boolean;
  isConfirmed: boolean;
  cause: string | undefined;
  timer: NodeJS.Timeout;
}

/**
 * Tells for each grant whether somebody went through: a barrier with loops sees the vehicle, a door's contact opens because
 * somebody opens it. Where nothing can tell, a gate that did as it was told counts as gone through.
 */
export function createPassages(options: {
  /** Milliseconds of a monotonic clock. */
  readonly monotonicMs: () => number;
  readonly onEnd: (end: PassageEnd) => void;
}): Passages {
  const { monotonicMs, onEnd } = options;
  /** In the order in which they were granted: who was granted first passes first. */
  const watches = new Set<Watch>();

  function end(watch: Watch, isTaken: boolean, by: PassageEnd['by']): void {
    if (!watches.delete(watch)) return;
    clearTimeout(watch.timer);
    const afterMs = Math.max(0, Math.round(monotonicMs() - watch.startedAtMs));
    onEnd({ grant: watch.grant, isTaken, afterMs, by, cause: isTaken ? undefined : watch.cause });
  }

  /** Whether a loop will tell of a vehicle, so that an open arm alone says nothing. */
  const hasLoops = ({ driver }: Watch): boolean => driver.capabilities.seesPassage;
  const hasContact = ({ driver }: Watch): boolean => driver.capabilities.feedback.includes('contact');

  /** Its time is over. */
  function judge(watch: Watch): void {
    if (!hasLoops(watch) && !hasContact(watch)) {
      end(watch, watch.isConfirmed, undefined);
      return;
    }
    const lateMs = monotonicMs() - watch.startedAtMs - watch.grant.passageMs;
    // A vehicle still stands before the arm, or under it: a loop that sees it pass will say so.
    if (hasLoops(watch) && watch.driver.sight.position === 'open' && lateMs < STANDS_OPEN_MS) {
      watch.timer = setTimeout(() => judge(watch), 1_000);
      return;
    }
    end(watch, false, undefined);
  }

  return {
    begin(grant, driver, outcome) {
      const watch: Watch = {
        ...{ grant, driver, startedAtMs: monotonicMs(), stoodOpen: driver.sight.position === 'open' },
        ...{ isConfirmed: false, cause: undefined },
        timer: setTimeout(() => judge(watch), grant.passageMs),
      };
      watches.add(watch);
      void outcome.then((done) => {
        watch.isConfirmed = done.ok;
        if (done.ok) {
          if (watch.stoodOpen && !hasLoops(watch)) end(watch, true, 'contact');
          return;
        }
        watch.cause = done.code;
        // What was sent may still move the gate; what was refused will not.
        if (done.code !== 'GATE_COMMAND_UNCONFIRMED') end(watch, false, undefined);
      });
    },
    doorSeen(device, position) {
      if (position !== 'open') return;
      for (const watch of [...watches]) {
        if (watch.grant.device === device && !hasLoops(watch) && hasContact(watch)) end(watch, true, 'contact');
      }
    },
    passageSeen(device, correlation) {
      const here = [...watches].filter(({ grant }) => grant.device === device);
      const watch = here.find(({ grant }) => grant.correlation === correlation) ?? here[0];
      if (watch === undefined) return;
      end(watch, true, hasLoops(watch) ? 'loop' : 'contact');
    },
    close() {
      for (const watch of [...watches]) end(watch, false, undefined);
    },
  };
}
