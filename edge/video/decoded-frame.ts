import type { RawPicture } from './raw-pictures.ts';
import type { VideoUnit } from './ring.ts';
import type { PictureTime } from './sender-clock.ts';

/** A decoded picture that knows when it was taken. */
export interface DecodedFrame extends RawPicture, PictureTime {
  /** Which unit of the ring it was decoded from. */
  readonly unitIndex: number;
}

/** A decoder that holds more pictures than this has lost some; H.264 allows 16 (table A-1, MaxDpbFrames). */
const MAX_PENDING = 512;

/** Finds, for a picture that comes out of a decoder, the unit that went in: presentation time passes through unchanged. */
export class PendingUnits {
  readonly #units = new Map<number, VideoUnit>();

  add(unit: VideoUnit): void {
    this.#units.set(unit.fragment.presentationTime, unit);
    for (const oldest of this.#units.keys()) {
      if (this.#units.size <= MAX_PENDING) return;
      this.#units.delete(oldest);
    }
  }

  /** @returns undefined when the picture's time is that of no unit */
  date(picture: RawPicture): DecodedFrame | undefined {
    const unit = this.#units.get(picture.presentationTime);
    if (unit === undefined) return undefined;
    for (const time of this.#units.keys()) if (time <= picture.presentationTime) this.#units.delete(time);
    return { ...picture, senderAtMs: unit.senderAtMs, atMs: unit.atMs, unitIndex: unit.index };
  }
}
