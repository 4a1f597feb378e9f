import { createBestShots, type ShotCandidate } from './best-shot.ts';
import type { FaceBox, FaceModels, Landmarks } from './face-models.ts';
import { assessFace, type FaceAssessment, type FaceThresholds } from './face-quality.ts';
import { createFaceTracker, type FaceTrack, type FaceTrackerOptions } from './face-tracker.ts';
import type { RgbFrame } from './frame.ts';

/** The best picture of one face that came by: one per track. */
export interface FaceShot<F extends RgbFrame> extends ShotCandidate {
  /** Identifies the track. */
  readonly track: string;
  readonly firstSeenAtMs: number;
  /** The frame the face was found in, kept until the shot is given out. */
  readonly frame: F;
  /** In pixels of `frame`. */
  readonly box: FaceBox;
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
  /** Told of every frame that was looked at, also of one without faces; returns at once. */
  readonly onSeen?: (frame: F, atMs: number, faces: readonly SeenFace[]) => void;
  readonly thresholds?: FaceThresholds;
  /** See `BestShotsOptions`. */
  readonly waitMs?: number;
}

export interface FaceCapture<F extends RgbFrame> {
  /**
   * Looks at the next frame of the stream.
   * @param atMs when it was taken; never earlier than the one before
   * @returns the faces in it, and the shots that are to be sent now
   * @throws VisionError; the tracks are then as they were before
   */
  observe(frame: F, atMs: number): Promise<{ readonly faces: FaceTrack[]; readonly shots: FaceShot<F>[] }>;
  /** The stream ended, or there will be no frames for a while: ends all tracks. @returns their shots */
  end(): FaceShot<F>[];
}

/**
 * Watches one stream for faces: detects, follows, judges, and gives out the best shot of each track. Frames come one at a
 * time: the caller waits for one before it hands over the next.
 */
export function createFaceCapture<F extends RgbFrame>(options: FaceCaptureOptions<F>): FaceCapture<F> {
  const tracker = createFaceTracker(options);
  const shots = createBestShots<FaceShot<F>>(options);
  const endOf = (tracks: readonly FaceTrack[]) =>
    tracks.map(({ id }) => shots.end(id)).filter((shot) => shot !== undefined);

  return {
    async observe(frame, atMs) {
      const found = await options.models.detect(frame);
      const { seen, ended } = tracker.observe(found, atMs);
      const seenFaces: SeenFace[] = [];
      for (const { id, firstSeenAtMs, box } of seen) {
        const landmarks = await options.models.landmarks(frame, box);
        const assessment = await assessFace(frame, box, landmarks, options.thresholds);
        seenFaces.push({ track: id, box, landmarks, assessment });
        shots.offer(id, { ...assessment, track: id, firstSeenAtMs, atMs, frame, box });
      }
      options.onSeen?.(frame, atMs, seenFaces);
      return { faces: seen, shots: [...endOf(ended), ...shots.takeDue(atMs).map(({ shot }) => shot)] };
    },
    end: () => endOf(tracker.endAll()),
  };
}
