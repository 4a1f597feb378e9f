import type { VideoUnit } from '../ring.ts';

/** Presentation times of MPEG transport streams count 90 kHz and begin anew after 26.5 hours, ISO/IEC 13818-1 §2.4.3.7. */
const TICKS_PER_SEC = 90_000;
const MODULUS = 2 ** 33;
/** Four seconds at 25 pictures a second that ffmpeg may hold at once. */
const MAX_PENDING = 256;

/** Finds, for a picture that comes out of the muxer, when it was taken: the muxer rounds times to its own frame rate. */
export class PictureTimes {
  #pending: { readonly ticks: number; readonly atMs: number }[] = [];

  add({ fragment, init, atMs }: VideoUnit): void {
    const ticks = Math.round((fragment.presentationTime / init.timescale) * TICKS_PER_SEC) % MODULUS;
    this.#pending.push({ ticks, atMs });
    if (this.#pending.length > MAX_PENDING) this.#pending.shift();
  }

  /** @param time 90 kHz, modulo 2^33 @returns ms since 1970, of the picture nearest to this time; undefined before the first */
  atMsOf(time: number): number | undefined {
    let best: { place: number; distance: number } | undefined;
    for (const [place, { ticks }] of this.#pending.entries()) {
      const off = Math.abs(ticks - time);
      const distance = Math.min(off, MODULUS - off);
      if (best === undefined || distance < best.distance) best = { place, distance };
    }
    if (best === undefined) return undefined;
    const atMs = this.#pending[best.place]?.atMs;
    // The next picture may be dated by this one again: a rate that is no divisor of the muxer's makes pictures share one.
    this.#pending.splice(0, best.place);
    return atMs;
  }
}
