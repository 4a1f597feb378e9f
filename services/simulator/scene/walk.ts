import { EYE_LINE_PX } from './backdrop.ts';

/** Frames a second of both streams. */
export const FRAMES_PER_SEC = 15;

/** A key frame every two seconds; clips are switched only there. */
export const FRAMES_PER_GROUP = 30;

/** One visit: 13.3 s, of which the street is empty for about four. */
const FRAMES_PER_VISIT = 200;
const FIRST_VISIT_FRAME = 21;
const APPROACH_FRAMES = 62;
const STAND_FRAMES = 46;
const LEAVE_FRAMES = 30;
/** A walker comes out of the dusk rather than out of nothing. */
const FADE_IN_FRAMES = 9;

/** Three visits in a loop at least: 40 s. */
export const MIN_VISITS = 3;

/** How far away a walker appears, in units of the distance at which one stands before the camera. */
const FAR_DISTANCE = 11;
/** The path's vanishing point, and where on the picture the walkers stop, in turn. */
const VANISHING_X_PX = 680;
const STANDING_X_PX = [650, 770, 585] as const;

/** Where a walker is at one frame of the loop. */
export interface WalkerPose {
  readonly visit: number;
  readonly faceXPx: number;
  readonly faceYPx: number;
  /** 1 when the walker stands before the camera (face 24 % of the picture's height). */
  readonly scale: number;
  /** 0..1 */
  readonly opacity: number;
}

/** Frames in a loop with that many visits; a whole number of groups. */
export function loopFrames(visits: number): number {
  return Math.ceil((visits * FRAMES_PER_VISIT) / FRAMES_PER_GROUP) * FRAMES_PER_GROUP;
}

/** @returns undefined while the street is empty */
export function findWalkerPose(frame: number, visits: number): WalkerPose | undefined {
  const visit = Math.floor(frame / FRAMES_PER_VISIT);
  const since = (frame % FRAMES_PER_VISIT) - FIRST_VISIT_FRAME;
  if (visit >= visits || since < 0 || since >= APPROACH_FRAMES + STAND_FRAMES + LEAVE_FRAMES) return undefined;
  const standingXPx = STANDING_X_PX[visit % STANDING_X_PX.length] ?? VANISHING_X_PX;
  if (since < APPROACH_FRAMES) return approach(visit, since, standingXPx);
  if (since < APPROACH_FRAMES + STAND_FRAMES) return stand(visit, since - APPROACH_FRAMES, standingXPx);
  return leave(visit, since - APPROACH_FRAMES - STAND_FRAMES, standingXPx);
}

function approach(visit: number, frame: number, standingXPx: number): WalkerPose {
  const left = 1 - frame / APPROACH_FRAMES;
  const scale = 1 / (1 + (FAR_DISTANCE - 1) * left ** 1.7);
  return {
    visit,
    faceXPx: VANISHING_X_PX + (standingXPx - VANISHING_X_PX) * scale + Math.sin(frame / 3.1) * 5 * scale,
    faceYPx: EYE_LINE_PX - step(frame, scale),
    scale,
    opacity: Math.min(1, (frame + 1) / FADE_IN_FRAMES),
  };
}

/** Nobody stands quite still: a slow sway of a few pixels. */
function stand(visit: number, frame: number, standingXPx: number): WalkerPose {
  return {
    visit,
    faceXPx: standingXPx + Math.sin(frame / 6) * 4,
    faceYPx: EYE_LINE_PX + Math.sin(frame / 9) * 2.5,
    scale: 1 + Math.sin(frame / 11) * 0.012,
    opacity: 1,
  };
}

/** Walks past the camera, out of the picture to the nearer side. */
function leave(visit: number, frame: number, standingXPx: number): WalkerPose {
  const progress = (frame + 1) / LEAVE_FRAMES;
  const direction = standingXPx < VANISHING_X_PX ? -1 : 1;
  const scale = 1 + 0.45 * progress;
  return {
    visit,
    faceXPx: standingXPx + direction * 1150 * progress ** 1.4,
    faceYPx: EYE_LINE_PX - step(frame, scale) - 20 * progress,
    scale,
    opacity: 1,
  };
}

/** The head rises with every step, about two a second. */
function step(frame: number, scale: number): number {
  return Math.abs(Math.sin((frame / FRAMES_PER_SEC) * Math.PI * 1.9)) * 8 * scale;
}
