import sharp from 'sharp';
import type { PixelBox } from './box.ts';
import { cropFrame, type RgbFrame } from './frame.ts';

/** Every face is judged at this size, so that near and far faces compare. */
const SIDE_PX = 96;

/**
 * Variance of the Laplacian over a face scaled to 96 x 96 (Pech-Pacheco 2000): high where edges are fine. A small face
 * enlarged to this size scores low, as it should.
 * @throws VisionError FRAME_INVALID when the box lies outside of the frame
 */
export async function faceSharpness(frame: RgbFrame, box: PixelBox): Promise<number> {
  const { crop } = cropFrame(frame, box);
  const { data, info } = await sharp(crop.rgb, { raw: { width: crop.widthPx, height: crop.heightPx, channels: 3 } })
    .resize(SIDE_PX, SIDE_PX, { fit: 'fill', kernel: 'cubic' })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => data[(y * SIDE_PX + x) * info.channels] ?? 0;
  let sum = 0;
  let sumOfSquares = 0;
  let count = 0;
  for (let y = 1; y < SIDE_PX - 1; y += 1) {
    for (let x = 1; x < SIDE_PX - 1; x += 1) {
      const laplacian = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4 * at(x, y);
      sum += laplacian;
      sumOfSquares += laplacian * laplacian;
      count += 1;
    }
  }
  const meanValue = sum / count;
  return sumOfSquares / count - meanValue * meanValue;
}
