import type { Clip } from '../scene/clip.ts';
import type { ClipPair } from '../scene/clip-library.ts';
import { createSkipSliceMaker, type SkipSliceMaker } from '../scene/skip-slice.ts';
import { FRAMES_PER_GROUP, FRAMES_PER_SEC } from '../scene/walk.ts';

/** What a camera shows at one instant, in both streams. */
export interface FeedFrame {
  readonly main: readonly Buffer[];
  readonly sub: readonly Buffer[];
  readonly isKey: boolean;
}

/** The picture a frozen camera repeats: a key frame of both streams. */
interface FrozenPicture {
  readonly main: readonly Buffer[];
  readonly sub: readonly Buffer[];
  readonly counter: number;
}

/** How a frozen stream of H.264 goes on after its key frame; one of H.265 repeats the key frame itself. */
function skipMaker({ vps, sps, pps }: Clip): SkipSliceMaker | undefined {
  return vps === undefined ? createSkipSliceMaker(sps, pps) : undefined;
}

/**
 * What a camera shows, frame by frame: one position in the loop for both streams, in real time whether or not somebody
 * watches. Clips are exchanged at key frames only, so no decoder ever sees a broken reference; a freeze repeats a key frame
 * and fills the group with skip slices.
 */
export class CameraFeed {
  readonly #skipMakers: { readonly main: SkipSliceMaker | undefined; readonly sub: SkipSliceMaker | undefined };
  readonly #loopFrames: number;
  #clip: ClipPair;
  #nextClip: ClipPair;
  #wantsFreeze = false;
  #frozen: FrozenPicture | undefined;
  #position = 0;
  #group: (readonly Buffer[])[] = [];
  #waiting: (() => void)[] = [];

  constructor(clip: ClipPair) {
    this.#clip = clip;
    this.#nextClip = clip;
    this.#loopFrames = clip.main.frames.length;
    this.#skipMakers = { main: skipMaker(clip.main), sub: skipMaker(clip.sub) };
  }

  /** The number burnt into the picture shown now. */
  get frameCounter(): number {
    return this.#frozen?.counter ?? this.#position;
  }

  /** Shows another clip from the next key frame on. @returns once it is shown */
  show(clip: ClipPair): Promise<void> {
    this.#nextClip = clip;
    return this.#nextKeyFrame();
  }

  /** Repeats the next key frame from then on, or goes on from the next key frame. @returns once it is so */
  freeze(isFrozen: boolean): Promise<void> {
    this.#wantsFreeze = isFrozen;
    return this.#nextKeyFrame();
  }

  /** Since the last key frame, main stream: what a decoder needs for the picture shown now. */
  get groupSoFar(): Clip {
    return { ...this.#clip.main, frames: this.#group };
  }

  /** Moves on to a frame, counted from the camera's start. */
  advance(frame: number): FeedFrame {
    this.#position = frame % this.#loopFrames;
    const inGroup = this.#position % FRAMES_PER_GROUP;
    if (inGroup === 0) this.#startGroup();
    const shown = this.#frozen === undefined ? this.#fromClip() : this.#repeated(this.#frozen, inGroup);
    this.#group.push(shown.main);
    return shown;
  }

  #startGroup(): void {
    this.#group = [];
    this.#clip = this.#nextClip;
    if (!this.#wantsFreeze) this.#frozen = undefined;
    else this.#frozen ??= { ...this.#fromClip(), counter: this.#position };
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #fromClip(): FeedFrame {
    const main = this.#clip.main.frames[this.#position] ?? [];
    const sub = this.#clip.sub.frames[this.#position] ?? [];
    // Both streams have their key frames at the same places.
    return { main, sub, isKey: this.#position % FRAMES_PER_GROUP === 0 };
  }

  #repeated(picture: FrozenPicture, inGroup: number): FeedFrame {
    if (inGroup === 0) return { main: picture.main, sub: picture.sub, isKey: true };
    const { main, sub } = this.#skipMakers;
    return {
      main: main === undefined ? picture.main : [main.make(inGroup)],
      sub: sub === undefined ? picture.sub : [sub.make(inGroup)],
      isKey: false,
    };
  }

  #nextKeyFrame(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Longest time until a change shows: one group of pictures. */
export const CHANGE_TAKES_MS = (FRAMES_PER_GROUP / FRAMES_PER_SEC) * 1_000;
