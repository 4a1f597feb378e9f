import type { VideoClock } from './clock.ts';

export interface PictureTime {
  /**
   * By the camera's own clock, ms since 1970, once it has sent an RTCP sender report (cameras do within seconds); until
   * then by this machine's clock when the picture arrived.
   */
  readonly senderAtMs: number;
  /** The same instant by this machine's wall clock, ms since 1970. */
  readonly atMs: number;
}

export interface PictureArrival {
  readonly senderAtMs: number;
  /** Position on the stream's own time line, ms from any start. */
  readonly mediaMs: number;
  /** Until the next picture on that line, ms. */
  readonly durationMs: number;
}

/** The smallest delay seen in this time counts; it covers several sender reports and forgets a camera that drifts. */
const WINDOW_MS = 60_000;
/** Resolution of the window: one minimum is kept for each slice. */
const SLICE_MS = 5_000;
/**
 * A sender report moves sender time against media time by a few ms (drift). More means that the camera's clock was set,
 * or that its first report came, and what was learnt before is void. A congested network does not look like this: it
 * delays the arrival and leaves the stamps alone.
 */
const STEP_MS = 40;

/**
 * Maps the time a camera stamps on its pictures to this machine's time. A camera's clock may be an hour off, but no
 * picture arrives before it was taken: the smallest difference between arrival and stamp over the last minute is taken
 * as the difference of the clocks (minimum filter; RFC 5905 §10 does the same). It errs by the delay of the fastest
 * picture, some milliseconds in a local network.
 *
 * What arrives is not the picture that is given out. ffmpeg's H.264 parser knows that a picture is whole when the next one
 * begins, and its MP4 muxer knows how long one lasts when the next one is whole: a picture comes out as the second one
 * after it begins to arrive (measured: 134 ms at 15 a second). So the arrival of one is compared with the stamp of the
 * second after it, which is known as soon as the one in between is there.
 */
export class SenderClock {
  readonly #clock: VideoClock;
  /** Newest last; an offset is monotonic arrival minus stamp. */
  #slices: { readonly startMs: number; offsetMs: number }[] = [];
  #leadMs: number | undefined;
  /** When the picture before came out, which is when the one after the next began to arrive. */
  #arrivedMs: number | undefined;

  constructor(clock: VideoClock) {
    this.#clock = clock;
  }

  /**
   * Takes pictures that have just arrived together and says when each was taken. Together matters at the start: what
   * ffmpeg held back while it was probing is old, and only the last of them tells how old.
   */
  observe(pictures: readonly PictureArrival[]): PictureTime[] {
    const arrivedMs = this.#clock.monotonicMs();
    const nowMs = this.#clock.nowMs();
    for (const { senderAtMs, mediaMs, durationMs } of pictures) {
      const leadMs = senderAtMs - mediaMs;
      if (this.#leadMs !== undefined && Math.abs(leadMs - this.#leadMs) > STEP_MS) this.#slices = [];
      this.#leadMs = leadMs;
      if (this.#arrivedMs !== undefined) this.#note(arrivedMs, this.#arrivedMs - (senderAtMs + durationMs));
      this.#arrivedMs = arrivedMs;
    }
    const newest = pictures.at(-1);
    if (newest === undefined) return [];
    const known = this.#slices.map((slice) => slice.offsetMs);
    // Of pictures that were held back together only the last has just arrived, and the second after it is guessed.
    const guessedMs = arrivedMs - newest.senderAtMs - 2 * newest.durationMs;
    const offsetMs = Math.min(...known, ...(pictures.length > 1 || known.length === 0 ? [guessedMs] : []));
    const newestLeadMs = newest.senderAtMs - newest.mediaMs;
    return pictures.map(({ senderAtMs, mediaMs }) => ({
      senderAtMs,
      // By the line of the stream: before the first sender report the stamps of what was held back say when it was let go.
      // Monotonic until here: a step of the wall clock moves the result and leaves the filter alone.
      atMs: nowMs - (arrivedMs - (mediaMs + newestLeadMs) - offsetMs),
    }));
  }

  #note(nowMs: number, offsetMs: number): void {
    const newest = this.#slices.at(-1);
    if (newest !== undefined && nowMs - newest.startMs < SLICE_MS) {
      newest.offsetMs = Math.min(newest.offsetMs, offsetMs);
      return;
    }
    this.#slices = this.#slices.filter((slice) => nowMs - slice.startMs < WINDOW_MS);
    this.#slices.push({ startMs: nowMs, offsetMs });
  }
}
