import { randomUUID } from 'node:crypto';
import { centreDistance, overlap } from './box.ts';
import type { FaceBox } from './face-models.ts';

export interface FaceTrack {
  readonly id: string;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
  /** Where the face was last seen. */
  readonly box: FaceBox;
}

/** How a face moved between its last two sights, pixels per ms; its centre. */
interface Velocity {
  readonly x: number;
  readonly y: number;
}

interface MovingTrack extends FaceTrack {
  readonly velocity: Velocity;
}

export interface TrackedFaces {
  /** Tracks with a face in this frame, new ones included. */
  readonly seen: FaceTrack[];
  /** Tracks that ended with this frame: their face has been gone for too long. */
  readonly ended: FaceTrack[];
}

export interface FaceTrackerOptions {
  /** A face gone for longer is another when it comes back. Default 1,000: five frames of a sub-stream read at 5 fps. */
  readonly maxGapMs?: number;
  /** A track starts with a face of at least this score; weaker ones only continue one. Default 0.8, see MIN_SCORE. */
  readonly minStartScore?: number;
  readonly createId?: () => string;
}

export interface FaceTracker {
  /** @param atMs when the frame was taken; never earlier than the one before */
  observe(faces: readonly FaceBox[], atMs: number): TrackedFaces;
  /** Ends all tracks, as when the stream ends. */
  endAll(): FaceTrack[];
}

/** Boxes that overlap by this much are one face. At 5 fps a walking person's face moves by less than half its width. */
const MIN_OVERLAP = 0.25;
/** A fast face may not overlap itself; its centre then lies within this many face sizes. */
const MAX_DISTANCE = 1;
/** And has about the same size. */
const MAX_GROWTH = 1.6;

/**
 * Follows faces from frame to frame by where they are, not by who they are: the most overlapping, then the nearest, pair
 * first; near to where a face was, or to where it would be by now if it went on as it did. Deterministic: time comes only from
 * the frames.
 */
export function createFaceTracker(options: FaceTrackerOptions = {}): FaceTracker {
  const { maxGapMs = 1_000, minStartScore = 0.8, createId = randomUUID } = options;
  let tracks: MovingTrack[] = [];

  return {
    observe(faces, atMs) {
      const ended = tracks.filter((track) => atMs - track.lastSeenAtMs > maxGapMs);
      tracks = tracks.filter((track) => !ended.includes(track));

      const continued = new Map<MovingTrack, FaceBox>();
      const taken = new Set<FaceBox>();
      const pairs = tracks.flatMap((track) =>
        faces.map((face) => ({ track, face, closeness: closenessTo(track, face, atMs) })),
      );
      for (const { track, face } of pairs
        .filter((pair) => pair.closeness > 0)
        .sort((a, b) => b.closeness - a.closeness)) {
        if (continued.has(track) || taken.has(face)) continue;
        continued.set(track, face);
        taken.add(face);
      }

      const begun = faces
        .filter((face) => !taken.has(face) && face.score >= minStartScore)
        .map((box) => ({ id: createId(), firstSeenAtMs: atMs, lastSeenAtMs: atMs, box, velocity: STILL }));
      const seen: FaceTrack[] = [];
      tracks = tracks.map((track) => {
        const box = continued.get(track);
        if (box === undefined) return track;
        const moved = { ...track, lastSeenAtMs: atMs, box, velocity: velocityOf(track, box, atMs) };
        seen.push(moved);
        return moved;
      });
      tracks.push(...begun);
      return { seen: [...seen, ...begun], ended };
    },
    endAll() {
      const ended = tracks;
      tracks = [];
      return ended;
    },
  };
}

/** By where the face was, or where it would be now: who passes close to the camera leaves by more than a face in a frame. */
function closenessTo(track: MovingTrack, face: FaceBox, atMs: number): number {
  const elapsedMs = atMs - track.lastSeenAtMs;
  const { box, velocity } = track;
  const expected = {
    ...box,
    leftPx: box.leftPx + velocity.x * elapsedMs,
    topPx: box.topPx + velocity.y * elapsedMs,
  };
  return Math.max(closeness(box, face), closeness(expected, face));
}

function velocityOf({ box, lastSeenAtMs, velocity }: MovingTrack, now: FaceBox, atMs: number): Velocity {
  const elapsedMs = atMs - lastSeenAtMs;
  if (elapsedMs <= 0) return velocity;
  return {
    x: (now.leftPx + now.widthPx / 2 - box.leftPx - box.widthPx / 2) / elapsedMs,
    y: (now.topPx + now.heightPx / 2 - box.topPx - box.heightPx / 2) / elapsedMs,
  };
}

const STILL: Velocity = { x: 0, y: 0 };

/** 1 to 2 for boxes that overlap, 0 to 1 for near ones, 0 for two different faces. */
function closeness(a: FaceBox, b: FaceBox): number {
  const shared = overlap(a, b);
  if (shared >= MIN_OVERLAP) return 1 + shared;
  const growth = Math.sqrt((a.widthPx * a.heightPx) / (b.widthPx * b.heightPx));
  if (growth > MAX_GROWTH || growth < 1 / MAX_GROWTH) return 0;
  return Math.max(0, 1 - centreDistance(a, b) / MAX_DISTANCE);
}
