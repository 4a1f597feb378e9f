import type { Logger } from 'pino';
import { decodeWindow, msAfter } from '../../video/decode-window.ts';
import type { DecodedFrame } from '../../video/decoded-frame.ts';
import type { Ring } from '../../video/ring.ts';
import { isVideoError } from '../../video/video-error.ts';
import type { FaceShot } from '../../vision/face-capture.ts';
import type { FaceBox, FaceModels } from '../../vision/face-models.ts';
import { assessFace, type FaceAssessment } from '../../vision/face-quality.ts';
import { matchFace } from '../../vision/match-face.ts';

/** A face in the frame that its picture is to be cut from. */
export interface CutShot extends FaceAssessment {
  readonly source: 'main' | 'sub';
  readonly frame: DecodedFrame;
  /** In pixels of `frame`. */
  readonly box: FaceBox;
}

export interface ShotCutterOptions {
  readonly mainRing: Ring;
  /** For pictures of the main stream only: those of the sub-stream must not take their place in the queue. */
  readonly models: FaceModels;
  readonly ffmpegPath: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface ShotCutter {
  /** Finds the face of a shot in the main stream; gives the sub-stream's own frame when main does not have it. */
  cut(shot: FaceShot<DecodedFrame>): Promise<CutShot>;
}

interface Window {
  /** To either side of the shot's instant. */
  readonly reachMs: number;
  /** Pictures closer together are passed over. */
  readonly gapMs: number;
  /** How long its end may be late in the ring. */
  readonly waitMs: number;
}

/** The shot shows the tracked moment: so many pictures of main on either side are as good as the very one. */
const NEAR_PICTURES = 2;
/** Where main lacks that moment or shows no face in it, a moment beside it is better than the sub-stream. */
const WIDE_MS = 600;
/** Pictures of the wide window that are looked at, at least this far apart: five a second, as in the sub-stream. */
const WIDE_GAP_MS = 190;
/** Main may reach us later than sub: its pictures are larger. */
const WAIT_MS = 1_500;
/** A camera without usable durations is taken for one of 25 pictures a second. */
const DEFAULT_INTERVAL_MS = 40;

/**
 * Cuts best shots from the main stream. Main is decoded only here, for a second or two around each shot; the sub-stream
 * says when and where to look.
 */
export function createShotCutter(options: ShotCutterOptions): ShotCutter {
  const { mainRing, models, log, signal } = options;

  /**
   * The best face of a window that stands where the shot's face stood; undefined when main shows none there. Only the best
   * frame so far is held.
   */
  async function findBest(shot: FaceShot<DecodedFrame>, window: Window): Promise<CutShot | undefined> {
    try {
      return await searchWindow(shot, window);
    } catch (error) {
      if (!isVideoError(error, 'WINDOW_UNAVAILABLE')) throw error;
      log.info({ code: error.code, reachMs: window.reachMs }, 'the main stream lacks the moment of a shot');
      return undefined;
    }
  }

  async function searchWindow(shot: FaceShot<DecodedFrame>, window: Window): Promise<CutShot | undefined> {
    let best: CutShot | undefined;
    let nextAtMs = Number.NEGATIVE_INFINITY;
    for await (const frame of decodeWindow({
      ring: mainRing,
      ffmpegPath: options.ffmpegPath,
      instant: shot.frame,
      beforeMs: window.reachMs,
      afterMs: window.reachMs,
      waitMs: window.waitMs,
      signal,
    })) {
      const placeMs = msAfter(shot.frame, frame);
      if (placeMs < nextAtMs) continue;
      nextAtMs = placeMs + window.gapMs;
      const box = matchFace(shot.box, shot.frame, await models.detect(frame), frame);
      if (box === undefined) continue;
      const assessment = await assessFace(frame, box, await models.landmarks(frame, box));
      if (best === undefined || isBetter(assessment, best)) best = { ...assessment, source: 'main', frame, box };
    }
    return best;
  }

  return {
    async cut(shot) {
      const reachMs = (NEAR_PICTURES + 0.4) * intervalMs(mainRing);
      try {
        const found =
          (await findBest(shot, { reachMs, gapMs: 0, waitMs: WAIT_MS })) ??
          (await findBest(shot, { reachMs: WIDE_MS, gapMs: WIDE_GAP_MS, waitMs: WIDE_MS }));
        if (found !== undefined) return found;
        log.info({ track: shot.track }, 'no face in the main stream where the sub-stream shows one');
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, 'no shot from the main stream');
      }
      const { frame, box, quality, adequate } = shot;
      return { source: 'sub', frame, box, quality, adequate };
    },
  };
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
