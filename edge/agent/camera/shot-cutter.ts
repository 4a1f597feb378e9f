import type { Logger } from 'pino';
import { decodeWindow, msAfter, picturesSinceKey } from '../../video/decode-window.ts';
import type { DecodedFrame } from '../../video/decoded-frame.ts';
import type { PictureRegion, PictureSize } from '../../video/decoder-process.ts';
import type { Ring } from '../../video/ring.ts';
import { isVideoError } from '../../video/video-error.ts';
import { clipBox, type PixelBox, scaleBox } from '../../vision/box.ts';
import type { FaceLook, FaceShot } from '../../vision/face-capture.ts';
import type { FaceBox, FaceModels } from '../../vision/face-models.ts';
import { assessFace, type FaceAssessment } from '../../vision/face-quality.ts';
import { matchFace } from '../../vision/match-face.ts';

/** A face in the frame that its picture is to be cut from. */
export interface CutShot extends FaceAssessment {
  readonly source: 'main' | 'sub';
  /** The picture, or what surrounds the face in it. */
  readonly frame: DecodedFrame;
  /** In pixels of `frame`. */
  readonly box: FaceBox;
  /** The whole picture, and where the face lies in it. */
  readonly picture: PictureSize;
  readonly place: PixelBox;
}

export interface ShotCutterOptions {
  readonly mainRing: Ring;
  /** For pictures of the main stream only: those of the sub-stream must not take their place in the queue. */
  readonly models: FaceModels;
  readonly ffmpegPath: string;
  /** How much of the main stream's picture is looked at around where a face must be. Default: some faces to each side. */
  readonly regionAround?: typeof surroundingsOf;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface ShotCutter {
  /** Finds the face of a shot in the main stream; gives the sub-stream's own frame when main does not have it. */
  cut(shot: FaceShot<DecodedFrame>): Promise<CutShot>;
}

interface Window {
  readonly beforeMs: number;
  readonly afterMs: number;
  /** Pictures closer together are passed over. */
  readonly gapMs: number;
  /** How long its end may be late in the ring. */
  readonly waitMs: number;
}

/** The shot shows the tracked moment: so many pictures of main on either side are as good as the very one. */
const NEAR_PICTURES = 1;
/** Timestamps jitter: a window reaches by so much of an interval further than its last picture. */
const REACH_MARGIN = 0.4;
/** A look with this share of the best one's score is as good, where main gives it for less decoding. */
const AS_GOOD = 0.85;
/** Where main lacks that moment or shows no face in it, a moment beside it is better than the sub-stream. */
const WIDE_MS = 600;
/** Pictures of the wide window that are looked at, at least this far apart: five a second, as in the sub-stream. */
const WIDE_GAP_MS = 190;
/** Main may reach us later than sub: its pictures are larger. */
const WAIT_MS = 1_500;
/**
 * What is taken out of the decoder, in faces: the picture's margin and what the face may have moved by, in the shape that the
 * detector was trained on. A whole 1080p picture is forty times the bytes.
 */
const SURROUNDINGS = { height: 3.6, aspect: 4 / 3 } as const;
/** Smaller than this and the detector has little to go by. */
const MIN_SURROUNDINGS_PX = 240;
/** A camera without usable durations is taken for one of 25 pictures a second. */
const DEFAULT_INTERVAL_MS = 40;

/**
 * Cuts best shots from the main stream. Main is decoded only here, from the last key frame before one of the good looks at a
 * face; the sub-stream says when and where to look.
 */
export function createShotCutter(options: ShotCutterOptions): ShotCutter {
  const { mainRing, models, log, signal, regionAround = surroundingsOf } = options;

  /**
   * The best face of a window that stands where the shot's face stood; undefined when main shows none there. Only the best
   * frame so far is held.
   */
  async function findBest(look: DecodedLook, window: Window): Promise<CutShot | undefined> {
    try {
      return await searchWindow(look, window);
    } catch (error) {
      if (!isVideoError(error, 'WINDOW_UNAVAILABLE')) throw error;
      log.info({ code: error.code, reachMs: window.afterMs }, 'the main stream lacks the moment of a shot');
      return undefined;
    }
  }

  async function searchWindow(look: DecodedLook, window: Window): Promise<CutShot | undefined> {
    const { seenIn } = look;
    let best: CutShot | undefined;
    let nextAtMs = Number.NEGATIVE_INFINITY;
    for await (const frame of decodeWindow({
      ring: mainRing,
      ffmpegPath: options.ffmpegPath,
      instant: seenIn,
      beforeMs: window.beforeMs,
      afterMs: window.afterMs,
      regionOf: (picture) => regionAround(scaleBox(look.box, seenIn, picture), picture),
      waitMs: window.waitMs,
      signal,
    })) {
      const placeMs = msAfter(seenIn, frame);
      if (placeMs < nextAtMs) continue;
      nextAtMs = placeMs + window.gapMs;
      const { picture, region } = frame;
      const expected = moved(scaleBox(look.box, seenIn, picture), -region.leftPx, -region.topPx);
      const box = matchFace(expected, frame, await models.detect(frame), frame);
      if (box === undefined) continue;
      const assessment = await assessFace(frame, box, await models.landmarks(frame, box));
      if (best !== undefined && !isBetter(assessment, best)) continue;
      best = { ...assessment, source: 'main', frame, box, picture, place: moved(box, region.leftPx, region.topPx) };
    }
    return best;
  }

  return {
    async cut(shot) {
      const best = { seenIn: shot.frame, box: shot.box, score: shot.quality.score };
      try {
        const { look, pictures } = cheapestLook(shot.looks, best, mainRing);
        const reachMs = (count: number): number => (count + REACH_MARGIN) * intervalMs(mainRing);
        // The group before is not decoded for the one picture that lies in it.
        const near = { beforeMs: reachMs(Math.min(NEAR_PICTURES, pictures - 1)), afterMs: reachMs(NEAR_PICTURES) };
        const found =
          (await findBest(look, { ...near, gapMs: 0, waitMs: WAIT_MS })) ??
          (await findBest(best, { beforeMs: WIDE_MS, afterMs: WIDE_MS, gapMs: WIDE_GAP_MS, waitMs: WIDE_MS }));
        if (found !== undefined) return found;
        log.info({ track: shot.track }, 'no face in the main stream where the sub-stream shows one');
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, 'no shot from the main stream');
      }
      return cutFromSub(shot);
    },
  };
}

type DecodedLook = FaceLook<DecodedFrame>;

/** The shot as the sub-stream shows it. */
export function cutFromSub({ frame, box, quality, adequate }: FaceShot<DecodedFrame>): CutShot {
  return { source: 'sub', frame, box, quality, adequate, picture: frame, place: box };
}

/** Of the looks that are about as good as the best, the one that fewest pictures of main must be decoded for: so many. */
function cheapestLook(
  looks: readonly DecodedLook[],
  best: DecodedLook,
  mainRing: Ring,
): { readonly look: DecodedLook; readonly pictures: number } {
  const units = mainRing.units();
  const choices = [best, ...looks.filter(({ score }) => score >= AS_GOOD * best.score)].map((look) => ({
    look,
    pictures: picturesSinceKey(units, look.seenIn) ?? Number.POSITIVE_INFINITY,
  }));
  return choices.reduce((chosen, choice) => {
    if (choice.pictures !== chosen.pictures) return choice.pictures < chosen.pictures ? choice : chosen;
    return choice.look.score > chosen.look.score ? choice : chosen;
  });
}

/** What is looked at around a face, within the picture. @param box where the face must be, in pixels of the picture */
export function surroundingsOf(box: PixelBox, picture: PictureSize): PictureRegion {
  const heightPx = Math.max(MIN_SURROUNDINGS_PX, SURROUNDINGS.height * Math.max(box.heightPx, box.widthPx));
  const widthPx = heightPx * SURROUNDINGS.aspect;
  const leftPx = box.leftPx + box.widthPx / 2 - widthPx / 2;
  const topPx = box.topPx + box.heightPx / 2 - heightPx / 2;
  const region = clipBox({ leftPx, topPx, widthPx, heightPx }, picture);
  // Colours are kept for two by two pixels.
  const even = (value: number): number => Math.floor(value / 2) * 2;
  const [left, top] = [even(region.leftPx), even(region.topPx)];
  return { leftPx: left, topPx: top, widthPx: even(region.widthPx), heightPx: even(region.heightPx) };
}

function moved<B extends PixelBox>(box: B, xPx: number, yPx: number): B {
  return { ...box, leftPx: box.leftPx + xPx, topPx: box.topPx + yPx };
}

function isBetter(one: FaceAssessment, other: FaceAssessment): boolean {
  if (one.adequate !== other.adequate) return one.adequate;
  return one.quality.score > other.quality.score;
}

/** Time between two pictures of a stream: the median of the last few, since timestamps jitter. */
function intervalMs(ring: Ring): number {
  const units = ring.units().slice(-16);
  const gaps = units
    .slice(1)
    .map((unit, place) => {
      const before = units[place] ?? unit;
      return ((unit.fragment.presentationTime - before.fragment.presentationTime) / unit.init.timescale) * 1000;
    })
    .filter((gapMs) => gapMs > 0)
    .toSorted((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] ?? DEFAULT_INTERVAL_MS;
}
