/** Time as decisions go by it. */
export interface GateClock {
  /** Milliseconds since 1970. Never earlier than the highest time this edge has known, whatever the wall clock says. */
  nowMs(): number;
  /**
   * While a leap of the wall clock is not believed yet: what it would be without it. A grant has to stand by both, so that
   * tomorrow's permits do not open today because somebody has set a clock. After `nowMs()`; undefined at all other times.
   */
  readonly doubtedMs: number | undefined;
  /** What to remember on disk: the highest time that is certain. */
  readonly floorMs: number;
  /** It is at least so late, for somebody has signed that it is: the hub in a policy. */
  raise(atLeastMs: number): void;
}

export interface GateClockOptions {
  /** The machine's wall clock, milliseconds since 1970; may jump. */
  readonly wallMs: () => number;
  /** Never jumps. */
  readonly monotonicMs: () => number;
  /** The highest time known before this process. */
  readonly floorMs: number | undefined;
}

/** What the daemons that keep time move a clock by; more is a step. Ours, by reasoning: NTP steps from 128 ms on. */
const SLEW_MS = 2_000;
/**
 * A wall clock that has jumped ahead is believed for good once it has run steadily for so long. Until then a step back undoes
 * it: somebody who mistyped the year must not lock everybody out until then.
 */
const STEADY_MS = 600_000;
/** A wall clock that is behind by no more than this is waited for: time goes on at this share of its pace. */
const WAIT_FOR_MS = 120_000;
const WAITING_PACE = 0.99;

/**
 * A clock that does not go back: an edge whose wall clock is set back, by accident or by somebody with an expired pass, goes on
 * from where it was. Ahead it follows at once, which ends sooner what was valid; what was not valid yet waits until it is believed.
 * A clock that was ahead when this process began is not doubted: machines are off for nights.
 */
export function createGateClock(options: GateClockOptions): GateClock {
  const { wallMs, monotonicMs } = options;
  let readAtMs = monotonicMs();
  let floorMs = options.floorMs ?? wallMs();
  /** A jump ahead that is not believed yet. */
  let jump: { readonly wallMs: number; readonly atMs: number; readonly isDoubted: boolean } | undefined;
  let isFirstReading = true;

  function nowMs(): number {
    const atMs = monotonicMs();
    const wall = wallMs();
    const elapsedMs = atMs - readAtMs;
    readAtMs = atMs;
    const isFirst = isFirstReading;
    isFirstReading = false;
    const behindMs = floorMs + elapsedMs - wall;
    floorMs += elapsedMs * (behindMs > 0 && behindMs <= WAIT_FOR_MS ? WAITING_PACE : 1);
    if (wall <= floorMs) {
      jump = undefined;
      return floorMs;
    }
    if (wall - floorMs <= SLEW_MS) {
      jump = undefined;
      floorMs = wall;
      return floorMs;
    }
    const isSame = jump !== undefined && Math.abs(wall - jump.wallMs - (atMs - jump.atMs)) <= SLEW_MS;
    if (!isSame || jump === undefined) jump = { wallMs: wall, atMs, isDoubted: !isFirst };
    else if (atMs - jump.atMs >= STEADY_MS) {
      floorMs = wall;
      jump = undefined;
    }
    return wall;
  }

  return {
    nowMs,
    get doubtedMs() {
      return jump?.isDoubted === true ? floorMs : undefined;
    },
    get floorMs() {
      return floorMs;
    },
    raise(atLeastMs) {
      nowMs();
      floorMs = Math.max(floorMs, atLeastMs);
    },
  };
}
