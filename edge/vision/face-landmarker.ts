import { assertFrame, type RgbFrame } from './frame.ts';
import { resampleGrey } from './resample-grey.ts';

/** The landmark model as `models/manifest.json` describes it. */
export const LANDMARKER_INPUT = { name: 'input', shape: [1, 1, 64, 64], widthPx: 64, heightPx: 64 } as const;
export const LANDMARK_COUNT = 68;
const DIVISOR = 256;

/** Light of each sRGB value (IEC 61966-2-1), 0..1. */
const LIGHT = Float32Array.from({ length: 256 }, (_, value) => {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
});
/** And back, finer than a step of sRGB is anywhere. */
const LIGHT_STEPS = 4095;
const VALUE = Float32Array.from({ length: LIGHT_STEPS + 1 }, (_, step) => {
  const light = step / LIGHT_STEPS;
  return 255 * (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055);
});

/**
 * A face's crop as the landmark model wants it: stretched to 64 x 64, grey, v / 256.
 * @param into 64 × 64 numbers; made where there is none
 * @throws VisionError FRAME_INVALID
 */
export function landmarkerInput(
  crop: RgbFrame,
  into: Float32Array = new Float32Array(LANDMARKER_INPUT.widthPx * LANDMARKER_INPUT.heightPx),
): Float32Array {
  resampleGrey(greyOf(crop), crop, into, LANDMARKER_INPUT);
  // The kernel rings: nothing is darker than black or brighter than white.
  for (let pixel = 0; pixel < into.length; pixel += 1) {
    into[pixel] = Math.round(Math.min(255, Math.max(0, into[pixel] as number))) / DIVISOR;
  }
  return into;
}

/** Luminance (ITU-R BT.709) as libvips makes it, by which this model was tried: light is mixed, not values. */
function greyOf(frame: RgbFrame): Float32Array {
  assertFrame(frame);
  const { rgb } = frame;
  const grey = new Float32Array(frame.widthPx * frame.heightPx);
  for (let pixel = 0, at = 0; pixel < grey.length; pixel += 1, at += 3) {
    const light =
      0.2126 * (LIGHT[rgb[at] as number] as number) +
      0.7152 * (LIGHT[rgb[at + 1] as number] as number) +
      0.0722 * (LIGHT[rgb[at + 2] as number] as number);
    grey[pixel] = VALUE[(light * LIGHT_STEPS + 0.5) | 0] as number;
  }
  return grey;
}
