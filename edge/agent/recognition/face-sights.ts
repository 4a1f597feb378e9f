import type { EnrolmentAdvice } from '@dipper/contract/events/face';
import type { SeenFace } from '../../vision/face-capture.ts';
import type { ClaimSight } from '../../vision/face-claim.ts';
import type { RgbFrame } from '../../vision/frame.ts';
import type { RecognitionModels } from '../../vision/recognition-worker.ts';
import { sheetEdgeCount } from '../../vision/sheet-edges.ts';

/**
 * Shorter side of a face that is compared: smaller ones are enlarged to the embedding's 112 pixels until most of what it sees is
 * invented, and the landmarks' noise hides how the face moves.
 */
export const MIN_COMPARED_PX = 56;

/** Templates are made and compared from faces that look at the camera. */
const MAX_TURN_DEG = 35;

/** Whether a face is worth the models' time. */
export function isComparable(face: SeenFace): boolean {
  return shortcomingOf(face) === undefined;
}

/** What its owner can do so that a face becomes comparable; undefined when it is. */
export function shortcomingOf({ assessment }: SeenFace): EnrolmentAdvice | undefined {
  const { sizePx, yawDeg, pitchDeg, bothEyes } = assessment.quality;
  if (sizePx < MIN_COMPARED_PX) return 'come-nearer';
  if (Math.abs(yawDeg) > MAX_TURN_DEG || Math.abs(pitchDeg) > MAX_TURN_DEG) return 'face-camera';
  if (assessment.adequate) return undefined;
  // What is left of the thresholds of FACE_THRESHOLDS: lids, a tilted head, blur.
  if (!bothEyes) return 'open-eyes';
  return Math.abs(assessment.quality.rollDeg) > MAX_TURN_DEG ? 'face-camera' : 'hold-still';
}

/** Asks the models about one face. The template in it stays in memory. @throws VisionError */
export async function sightOf(
  models: RecognitionModels,
  frame: RgbFrame,
  atMs: number,
  { box, landmarks }: SeenFace,
): Promise<ClaimSight> {
  const [template, liveScore] = await Promise.all([models.embed(frame, landmarks), models.liveScore(frame, box)]);
  return { atMs, box, landmarks, liveScore, sheetEdges: sheetEdgeCount(frame, box), template };
}
