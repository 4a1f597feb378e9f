import { createBestShots, type ShotCandidate } from './best-shot.ts';
import type { FaceBox, FaceModels, Landmarks } from './face-models.ts';
import { assessFace, type FaceAssessment, type FaceThresholds } from './face-quality.ts';
import { createFaceTracker, type FaceTrack, type FaceTrackerOptions } from './face-tracker.ts';
import type { RgbFrame } from './frame.ts';

/** One adequate look at a face: when it was taken, and where it stood. */
export interface FaceLook<F extends RgbFrame> {
  /** The frame that showed it, without its pixels. */
  readonly seenIn: Omit<F, 'rgb'>;
  /** In pixels of that frame. */
  readonly box: FaceBox;
  readonly score: number;
}

/** The best picture of one face that came by: one per track. */
export interface FaceShot<F extends RgbFrame> extends ShotCandidate {
  /** Identifies the track. */
  readonly track: string;
  readonly firstSeenAtMs: number;
  /** The frame the face was found in, kept until the shot is given out. */
  readonly frame: F;
  /** In pixels of `frame`. */
  readonly box: FaceBox;
  /** All adequate looks at this face until now, this one included, in order of time: others may be almost as good. */
  readonly looks: readonly FaceLook<F>[];
}

/** One face in one frame, as far as capture looks at it. */
export interface SeenFace {
  /** Identifies the track. */
  readonly track: string;
  readonly box: FaceBox;
  readonly landmarks: Landmarks;
  readonly assessment: FaceAssessment;
}

export interface FaceCaptureOptions<F extends RgbFrame> extends FaceTrackerOptions {
  readonly models: FaceModels;
  /**
   * Told of every frame that was looked at, also of one without faces; returns at once. Absent: faces whose shot has been
   * given out are followed and not looked at any more.
   */
  readonly onSeen?: (frame: F, atMs: number, faces: readonly SeenFace[]) => void;
  readonly thresholds?: FaceThresholds;
  /** See `BestShotsOptions`. */
  readonly waitMs?: number;
}

export interface FaceSights<F extends RgbFrame> {
  readonly faces: FaceTrack[];
  readonly shots: FaceShot<F>[];
  /** There are faces, and all have given their shots: until somebody else comes there is nothing to do but to follow them. */
  readonly isDone: boolean;
}

export interface FaceCapture<F extends RgbFrame> {
  /**
   * Looks at the next frame of the stream.
   * @param atMs when it was taken; never earlier than the one before
   * @returns the faces in it, and the shots that are to be sent now
   * @throws VisionError; the tracks are then as they were before
   */
  observe(frame: F, atMs: number): Promise<FaceSights<F>>;
  /** The stream ended, or there will be no frames for a while: ends all tracks. @returns their shots */
  end(): FaceShot<F>[];
}

/**
 * Watches one stream for faces: detects, follows, judges, and gives out the best shot of each track. Frames come one at a
 * time: the caller waits for one before it hands over the next.
 */
export function createFaceCapture<F extends RgbFrame>(options: FaceCaptureOptions<F>): FaceCapture<F> {
  const tracker = createFaceTracker(options);
  const shots = createBestShots<Omit<FaceShot<F>, 'looks'>>(options);
  const looks = new Map<string, FaceLook<F>[]>();

  function withLooks(track: string, shot: Omit<FaceShot<F>, 'looks'> | undefined): FaceShot<F>[] {
    const known = looks.get(track) ?? [];
    looks.delete(track);
    return shot === undefined ? [] : [{ ...shot, looks: known }];
  }

  const endOf = (tracks: readonly FaceTrack[]) => tracks.flatMap(({ id }) => withLooks(id, shots.end(id)));

  function noteLook(track: string, frame: F, box: FaceBox, { adequate, quality }: FaceAssessment): void {
    if (!adequate || !shots.wants(track)) return;
    const { rgb: _, ...seenIn } = frame;
    const look = { seenIn, box, score: quality.score };
    const known = looks.get(track);
    if (known === undefined) looks.set(track, [look]);
    else known.push(look);
  }

  return {
    async observe(frame, atMs) {
      const found = await options.models.detect(frame);
      const { seen, ended } = tracker.observe(found, atMs);
      const seenFaces: SeenFace[] = [];
      for (const { id, firstSeenAtMs, box } of seen) {
        if (options.onSeen === undefined && !shots.wants(id)) continue;
        const landmarks = await options.models.landmarks(frame, box);
        const assessment = await assessFace(frame, box, landmarks, options.thresholds);
        seenFaces.push({ track: id, box, landmarks, assessment });
        noteLook(id, frame, box, assessment);
        shots.offer(id, { ...assessment, track: id, firstSeenAtMs, atMs, frame, box });
      }
      options.onSeen?.(frame, atMs, seenFaces);
      const due = shots.takeDue(atMs).flatMap(({ track, shot }) => withLooks(track, shot));
      const isDone = options.onSeen === undefined && seen.length > 0 && seen.every(({ id }) => !shots.wants(id));
      return { faces: seen, shots: [...endOf(ended), ...due], isDone };
    },
    end: () => endOf(tracker.endAll()),
  };
}
