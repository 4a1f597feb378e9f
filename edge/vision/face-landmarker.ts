import sharp from 'sharp';
import type { RgbFrame } from './frame.ts';

/** The landmark model as `models/manifest.json` describes it. */
export const LANDMARKER_INPUT = { name: 'input', shape: [1, 1, 64, 64], widthPx: 64, heightPx: 64 } as const;
export const LANDMARK_COUNT = 68;
const DIVISOR = 256;

/** A face's crop as the landmark model wants it: stretched to 64 x 64, grey, v / 256. */
export async function landmarkerInput(crop: RgbFrame): Promise<Float32Array> {
  const { widthPx, heightPx } = LANDMARKER_INPUT;
  const { data, info } = await sharp(crop.rgb, { raw: { width: crop.widthPx, height: crop.heightPx, channels: 3 } })
    .resize(widthPx, heightPx, { fit: 'fill' })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Float32Array.from({ length: widthPx * heightPx }, (_, pixel) => (data[pixel * info.channels] ?? 0) / DIVISOR);
}
