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

/** Whether a face is worth the models' time. Templates are made and compared from faces that look at the camera. */
export function isComparable({ assessment }: SeenFace): boolean {
  const { sizePx, yawDeg, pitchDeg } = assessment.quality;
  return assessment.adequate && sizePx >= MIN_COMPARED_PX && Math.abs(yawDeg) <= 35 && Math.abs(pitchDeg) <= 35;
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
