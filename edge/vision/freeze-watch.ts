import type { DetailedPicture } from './detailed-picture.ts';
import { isSamePicture } from './luma.ts';

/**
 * Two pictures are one if few of their detailed blocks differ: sensor noise survives H.264 where there are edges, so that no
 * two key frames of a living street are alike. Share of differing blocks, best of ten pairs 10 to 20 s apart, measured at
 * 640 x 360 through x264:
 *
 * | street | differing |
 * |---|---|
 * | alive, noise of 1 to 6 steps, day and night, quantiser 24 to 34, 80 to 500 kbit/s, pedestrians | 76 to 100 % |
 * | alive, noise of 1 step at night, quantiser 38: little is left of it | 56 to 75 % |
 * | repeated by the camera as it is, or encoded again with a constant quantiser, a clock running | 0 to 10 % |
 * | encoded again under rate control, a clock running (crf 24 and 28; the simulated camera) | 9 to 38 % in one of four seconds |
 * | the same by an encoder starved of bits (crf 34, 200 kbit/s) | 46 to 100 %: not recognised |
 */
const DIFFERENCE = { minSteps: 2, pixelShare: 0.02 };
const MAX_DIFFERING = 0.45;
/** A picture that is frozen stays so up to here: rate control makes some seconds differ more than others. */
const MAX_DIFFERING_WHILE_FROZEN = 0.7;

/** Pictures are compared with those this much older than `frozenAfterMs` at most: the more pairs, the surer. */
const SEARCH_MS = 10_000;
/** So many seconds with a match, of the last ten, make a freeze. */
const MATCHES_NEEDED = 3;
const MATCHES_WITHIN_MS = 10_000;

export interface FreezeWatch {
  /**
   * @param picture undefined while the picture shows nothing: whether it stands still cannot be said then
   * @returns whether it is frozen, since when it has been as it is, and whether this very picture repeats an earlier one
   */
  observe(
    atMs: number,
    picture: DetailedPicture | undefined,
  ): { readonly isFrozen: boolean; readonly sinceMs: number; readonly isRepeated: boolean };
}

/**
 * Says whether a picture repeats itself: compares each with those from `frozenAfterMs` ago and earlier. It lives again when
 * `clearAfterMs` have passed without a match. Keeps a picture a second for as long as it looks back.
 */
export function createFreezeWatch(options: {
  readonly frozenAfterMs: number;
  readonly clearAfterMs: number;
}): FreezeWatch {
  let past: { readonly picture: DetailedPicture; readonly atMs: number }[] = [];
  let matchedAtMs: number[] = [];
  let lastMatchAtMs = Number.NEGATIVE_INFINITY;
  let isFrozen = false;
  let sinceMs = Number.NEGATIVE_INFINITY;

  /** When the oldest picture was taken that this one repeats. */
  function repeats(atMs: number, picture: DetailedPicture): number | undefined {
    const limit = (isFrozen ? MAX_DIFFERING_WHILE_FROZEN : MAX_DIFFERING) * picture.detailed.length;
    return past
      .filter((each) => atMs - each.atMs >= options.frozenAfterMs)
      .find((each) => isSamePicture(picture, each.picture, picture.detailed, DIFFERENCE, limit))?.atMs;
  }

  function forget(atMs: number): void {
    past = [];
    matchedAtMs = [];
    if (isFrozen) sinceMs = atMs;
    isFrozen = false;
  }

  return {
    observe(atMs, picture) {
      const size = past[0]?.picture;
      const isOtherSize = size?.widthPx !== picture?.widthPx || size?.heightPx !== picture?.heightPx;
      if (size !== undefined && isOtherSize) forget(atMs);
      if (picture === undefined) return { isFrozen, sinceMs, isRepeated: false };

      const repeatedAtMs = repeats(atMs, picture);
      past.push({ picture, atMs });
      past = past.filter((each) => atMs - each.atMs <= options.frozenAfterMs + SEARCH_MS);
      if (repeatedAtMs !== undefined) {
        matchedAtMs.push(atMs);
        lastMatchAtMs = atMs;
      }
      matchedAtMs = matchedAtMs.filter((matched) => atMs - matched <= MATCHES_WITHIN_MS);

      if (!isFrozen && repeatedAtMs !== undefined && matchedAtMs.length >= MATCHES_NEEDED) {
        isFrozen = true;
        sinceMs = repeatedAtMs;
      } else if (isFrozen && atMs - lastMatchAtMs >= options.clearAfterMs) {
        isFrozen = false;
        sinceMs = lastMatchAtMs;
      }
      return { isFrozen, sinceMs, isRepeated: repeatedAtMs !== undefined };
    },
  };
}
