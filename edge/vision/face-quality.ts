import type { FaceQuality } from '@dipper/contract/events/face';
import type { PixelBox } from './box.ts';
import { hasBothEyes } from './face-eyes.ts';
import type { Landmarks } from './face-models.ts';
import { facePose } from './face-pose.ts';
import type { RgbFrame } from './frame.ts';
import { faceSharpness } from './sharpness.ts';

export interface FaceThresholds {
  /** Shorter side of the face box, in pixels of the frame judged. */
  readonly minSizePx: number;
  /** Variance of the Laplacian, see `faceSharpness`. */
  readonly minSharpness: number;
  readonly maxYawDeg: number;
  readonly maxPitchDeg: number;
  readonly maxRollDeg: number;
}

/**
 * What a shot must have to be worth sending.
 *
 * - Size: IEC 62676-4 asks 250 pixels a metre to identify a person, 40 pixels across a face of 16 cm. Faces are followed in
 *   the sub-stream, a third as wide as main or less: 24 pixels there are 72 in the picture that the shot is cut from.
 * - Sharpness: measured on a group photograph with faces of 81 to 86 pixels: 140 to 340 as it is; 27 to 69 blurred by a
 *   Gaussian of 1.2 pixels, 13 to 28 by one of 2 (eyes still to be made out), 6 to 11 by one of 3 (features gone); 34 to 88
 *   scaled down to faces of 28 pixels. Compression takes another half.
 * - Turn: beyond 40 degrees the farther eye is hidden and the landmarks there are guesses.
 */
export const FACE_THRESHOLDS: FaceThresholds = {
  minSizePx: 24,
  minSharpness: 12,
  maxYawDeg: 40,
  maxPitchDeg: 40,
  maxRollDeg: 40,
};

/** Where more adds nothing to the score: twice the 40 pixels of IEC 62676-4, and the sharpness of a good photograph. */
const FULL_SIZE_PX = 80;
const FULL_SHARPNESS = 150;
/** A face without both eyes is a last resort among shots. */
const EYES_MISSING = 0.3;

export interface FaceAssessment {
  readonly quality: FaceQuality;
  /** Whether the shot meets every threshold. */
  readonly adequate: boolean;
}

/**
 * Judges one face in one frame.
 * @throws VisionError FRAME_INVALID when the box lies outside of the frame
 */
export async function assessFace(
  frame: RgbFrame,
  box: PixelBox,
  landmarks: Landmarks,
  thresholds: FaceThresholds = FACE_THRESHOLDS,
): Promise<FaceAssessment> {
  const sizePx = Math.min(box.widthPx, box.heightPx);
  const sharpness = await faceSharpness(frame, box);
  const pose = facePose(landmarks) ?? { yawDeg: 180, pitchDeg: 0, rollDeg: 0 };
  const { yawDeg, pitchDeg, rollDeg } = pose;
  const bothEyes = hasBothEyes(landmarks, frame);
  const adequate =
    bothEyes &&
    sizePx >= thresholds.minSizePx &&
    sharpness >= thresholds.minSharpness &&
    Math.abs(yawDeg) <= thresholds.maxYawDeg &&
    Math.abs(pitchDeg) <= thresholds.maxPitchDeg &&
    Math.abs(rollDeg) <= thresholds.maxRollDeg;
  // Square roots: half the pixels or half the contrast do not make half a picture.
  const score =
    Math.sqrt(upTo(sizePx, FULL_SIZE_PX)) *
    Math.sqrt(upTo(sharpness, FULL_SHARPNESS)) *
    facing(yawDeg) *
    facing(pitchDeg / 2) *
    facing(rollDeg / 2) *
    (bothEyes ? 1 : EYES_MISSING);
  return { quality: { score, sharpness, sizePx, yawDeg, pitchDeg, rollDeg, bothEyes }, adequate };
}

function upTo(value: number, full: number): number {
  return Math.max(0, Math.min(1, value / full));
}

/** How much of a face is seen at an angle: its cosine, nothing from behind. */
function facing(angleDeg: number): number {
  return Math.max(0, Math.cos((angleDeg * Math.PI) / 180));
}
