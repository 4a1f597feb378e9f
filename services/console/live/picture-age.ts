/**
 * How old the picture on screen is. Three things can make it old: no frame comes, frames come late (a queue somewhere
 * on the way), or the browser does not show what came. All three are caught by starting from the frame that is shown.
 */
export interface PictureAge {
  /** A frame has been buffered; it ends at this media time. */
  buffered(endSec: number, edgeAtMs: number, arrivedAtMs: number): void;
  /** The browser put the frame at this media time on the screen. */
  presented(mediaTimeSec: number): void;
  /** Milliseconds; undefined while nothing was shown. */
  ageMs(nowMs: number): number | undefined;
  /** When the shown picture was taken, by the page's clock; undefined while nothing was shown. */
  takenAtMs(): number | undefined;
}

/** Edge clock minus page clock, and how far that may be off. */
export interface EdgeOffset {
  readonly ms: number;
  readonly uncertaintyMs: number;
}

interface Arrival {
  readonly endSec: number;
  readonly arrivedAtMs: number;
  readonly delayMs: number;
}

/** A minute at 25 frames a second. */
const MAX_ARRIVALS = 1_500;

/**
 * @param edgeOffset known difference of the clocks, undefined where it is not known: then only a delay that grows
 *   shows, measured against the quickest frame so far
 */
export function createPictureAge(edgeOffset: () => EdgeOffset | undefined): PictureAge {
  const arrivals: Arrival[] = [];
  let quickestMs = Number.POSITIVE_INFINITY;
  let shown: Arrival | undefined;

  const delayOf = (edgeAtMs: number, arrivedAtMs: number): number => {
    const apparentMs = arrivedAtMs - edgeAtMs;
    quickestMs = Math.min(quickestMs, apparentMs);
    const offset = edgeOffset();
    // Only what cannot be explained by the clocks counts as delay.
    const absoluteMs = offset === undefined ? 0 : apparentMs + offset.ms - offset.uncertaintyMs;
    return Math.max(0, apparentMs - quickestMs, absoluteMs);
  };
  return {
    buffered(endSec, edgeAtMs, arrivedAtMs) {
      const previous = arrivals.at(-1);
      // The stream's clock began anew: older entries describe other pictures.
      if (previous !== undefined && endSec < previous.endSec) arrivals.length = 0;
      arrivals.push({ endSec, arrivedAtMs, delayMs: delayOf(edgeAtMs, arrivedAtMs) });
      if (arrivals.length > MAX_ARRIVALS) arrivals.shift();
    },
    presented(mediaTimeSec) {
      shown = arrivals.find(({ endSec }) => endSec > mediaTimeSec) ?? arrivals.at(-1) ?? shown;
    },
    ageMs: (nowMs) => (shown === undefined ? undefined : Math.max(0, nowMs - shown.arrivedAtMs) + shown.delayMs),
    takenAtMs: () => (shown === undefined ? undefined : shown.arrivedAtMs - shown.delayMs),
  };
}
