/** Which instant a media time of the player shows. Recorded pictures are put end to end, so only this knows when they were taken. */
export interface PlaybackClock {
  /** A picture is in the buffer: taken at this instant, shown from the end of the last one to this media time. */
  appended(endSec: number, atMs: number): void;
  /** ms since 1970; undefined before the first picture. */
  instantOf(mediaSec: number): number | undefined;
  /** Media time that shows an instant; undefined where its picture is not in the buffer. Before the first picture: the first. */
  mediaSecOf(atMs: number): number | undefined;
  /** Pictures before this media time are no longer in the buffer. */
  forget(beforeSec: number): void;
}

interface Picture {
  readonly startSec: number;
  readonly endSec: number;
  readonly atMs: number;
}

/** Rounding of media times never shows the picture before the one that is meant. */
const INSIDE_SEC = 0.001;

export function createPlaybackClock(): PlaybackClock {
  let pictures: Picture[] = [];
  return {
    appended(endSec, atMs) {
      const startSec = pictures.at(-1)?.endSec ?? 0;
      // Pictures that are shown before those they come behind add nothing to the end.
      if (endSec > startSec) pictures.push({ startSec, endSec, atMs });
    },
    instantOf(mediaSec) {
      const picture = pictures.findLast(({ startSec }) => startSec <= mediaSec) ?? pictures[0];
      if (picture === undefined) return undefined;
      const { startSec, endSec, atMs } = picture;
      return atMs + Math.max(0, Math.min(mediaSec, endSec) - startSec) * 1_000;
    },
    mediaSecOf(wantedMs) {
      const [first, last] = [pictures[0], pictures.at(-1)];
      if (first === undefined || last === undefined) return undefined;
      if (wantedMs < first.atMs) return first.startSec + INSIDE_SEC;
      if (wantedMs >= last.atMs + (last.endSec - last.startSec) * 1_000) return undefined;
      const { startSec, endSec, atMs } = pictures.findLast((picture) => picture.atMs <= wantedMs) ?? first;
      const intoSec = Math.min((wantedMs - atMs) / 1_000, endSec - startSec - INSIDE_SEC);
      return startSec + Math.max(INSIDE_SEC, intoSec);
    },
    forget(beforeSec) {
      pictures = pictures.filter(({ endSec }) => endSec > beforeSec);
    },
  };
}
