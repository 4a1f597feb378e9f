import sharp from 'sharp';
import type { RgbFrame } from '../frame.ts';

/** PP-OCRv4 as `models/manifest.json` describes it. */
export const PLATE_DETECTOR = { input: 'x', output: 'sigmoid_0.tmp_0' } as const;
export const PLATE_RECOGNISER = { input: 'x', output: 'softmax_11.tmp_0', heightPx: 48 } as const;

/** The longer side of what the detector sees: 640 takes 50 ms on a core, 960 takes 140. */
export type DetectorSide = 640 | 960;

/** The network halves its picture five times. */
const MULTIPLE_PX = 32;
/** ImageNet's, in the order in which PaddleOCR applies them: to blue, green, red. */
const OFFSETS = [123.675, 116.28, 103.53] as const;
const DIVISORS = [58.395, 57.12, 57.375] as const;
/** 8 pixels are one step of the recogniser. A plate of 440 x 140 mm is 151 wide at its height, its grown line a little less. */
const STEP_PX = 8;
const WIDTH_PX = { min: 96, max: 320 } as const;

export interface DetectorInput {
  readonly data: Float32Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A picture as the detector wants it: scaled down (never up) and stretched to multiples of 32, planes blue, green, red. */
export async function plateDetectorInput(frame: RgbFrame, side: DetectorSide): Promise<DetectorInput> {
  const scale = Math.min(1, side / Math.max(frame.widthPx, frame.heightPx));
  const multiple = (px: number) => Math.max(MULTIPLE_PX, Math.round((px * scale) / MULTIPLE_PX) * MULTIPLE_PX);
  const [widthPx, heightPx] = [multiple(frame.widthPx), multiple(frame.heightPx)];
  const scaled = await sharp(frame.rgb, { raw: { width: frame.widthPx, height: frame.heightPx, channels: 3 } })
    .resize(widthPx, heightPx, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer();
  return { data: planesOf(scaled, widthPx * heightPx, OFFSETS, DIVISORS), widthPx, heightPx };
}

/** How wide the recogniser should see a line of this shape. */
export function lineWidthPx(line: { readonly widthPx: number; readonly heightPx: number }): number {
  const steps = Math.round((PLATE_RECOGNISER.heightPx * line.widthPx) / line.heightPx / STEP_PX);
  return Math.min(Math.max(steps * STEP_PX, WIDTH_PX.min), WIDTH_PX.max);
}

/** A line, 48 pixels high, as the recogniser wants it: planes blue, green, red, (v / 255 − 0.5) / 0.5. */
export function plateRecogniserInput(line: RgbFrame): Float32Array {
  return planesOf(line.rgb, line.widthPx * line.heightPx, [127.5, 127.5, 127.5], [127.5, 127.5, 127.5]);
}

type PerChannel = readonly [number, number, number];

/** One pass, and factors instead of divisions: it is done for every picture. */
function planesOf(rgb: Uint8Array, pixels: number, offsets: PerChannel, divisors: PerChannel): Float32Array {
  const planes = new Float32Array(3 * pixels);
  const [byBlue, byGreen, byRed] = [1 / divisors[0], 1 / divisors[1], 1 / divisors[2]];
  const [blue, green, red] = [offsets[0] * byBlue, offsets[1] * byGreen, offsets[2] * byRed];
  const [greens, reds] = [pixels, 2 * pixels];
  for (let pixel = 0, at = 0; pixel < pixels; pixel += 1, at += 3) {
    planes[pixel] = (rgb[at + 2] as number) * byBlue - blue;
    planes[greens + pixel] = (rgb[at + 1] as number) * byGreen - green;
    planes[reds + pixel] = (rgb[at] as number) * byRed - red;
  }
  return planes;
}
