import type { RgbFrame } from './frame.ts';
import { cellMeans, detailedBlocks, type LumaPlane, lumaOf } from './luma.ts';

/**
 * Contrast, in luma steps, from which a block of the picture shows something. Measured shares of such blocks: a street by
 * day 80 to 97 %, the same at a third of its contrast (night) 45 to 58 %, a defocused dark lens with noise, a running clock and
 * a mark 6 to 10 %.
 */
const DETAIL_CONTRAST = 4;

/** A picture's brightness, and the blocks of it in which there is something to see. */
export interface DetailedPicture extends LumaPlane {
  readonly detailed: readonly number[];
  /** Mean brightness of its cells, see `cellMeans`. */
  readonly cells: Float32Array;
}

/** @throws VisionError FRAME_INVALID */
export function detailedPictureOf(frame: RgbFrame): DetailedPicture {
  const plane = lumaOf(frame);
  const cells = cellMeans(plane);
  return { ...plane, cells, detailed: detailedBlocks(cells, DETAIL_CONTRAST) };
}
