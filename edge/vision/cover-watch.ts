import type { DetailedPicture } from './detailed-picture.ts';
import { BLOCK_COUNT } from './luma.ts';

/** Fewer blocks with something to see: covered. See DETAIL_CONTRAST for what was measured. */
const COVERED_SHARE = 0.15;
/** To count as fine again a covered picture must show clearly more than it takes to be covered. */
const UNCOVERED_SHARE = 0.22;

export interface CoverWatch {
  /** @returns whether it is covered, since when it has been as it is, and whether this very picture shows nothing */
  observe(
    atMs: number,
    picture: DetailedPicture,
  ): { readonly isCovered: boolean; readonly sinceMs: number; readonly showsNothing: boolean };
}

/** Says whether a picture has shown nothing for a while: a lens covered, painted over, or pressed against something. */
export function createCoverWatch(options: {
  readonly coveredAfterMs: number;
  readonly clearAfterMs: number;
}): CoverWatch {
  let isCovered = false;
  let sinceMs = Number.NEGATIVE_INFINITY;
  /** Since when the pictures have contradicted the state. */
  let otherwiseSinceMs: number | undefined;

  return {
    observe(atMs, picture) {
      const share = picture.detailed.length / BLOCK_COUNT;
      const showsNothing = share < (isCovered ? UNCOVERED_SHARE : COVERED_SHARE);
      otherwiseSinceMs = showsNothing === isCovered ? undefined : (otherwiseSinceMs ?? atMs);
      const waitMs = isCovered ? options.clearAfterMs : options.coveredAfterMs;
      if (otherwiseSinceMs !== undefined && atMs - otherwiseSinceMs >= waitMs) {
        isCovered = showsNothing;
        sinceMs = otherwiseSinceMs;
        otherwiseSinceMs = undefined;
      }
      return { isCovered, sinceMs, showsNothing };
    },
  };
}
