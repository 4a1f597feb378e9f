import type { PixelBox } from './box.ts';
import { VisionError } from './vision-error.ts';

/** A picture as packed RGB, three bytes a pixel, row by row without padding. A decoded frame of `edge/video` is one. */
export interface RgbFrame {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly rgb: Uint8Array;
}

/** A side beyond this is a broken header, not a camera (H.264 level 6.2 allows 16,384). */
const MAX_SIDE_PX = 16_384;

/** @throws VisionError FRAME_INVALID when size and bytes do not agree */
export function assertFrame(frame: RgbFrame): void {
  const { widthPx, heightPx, rgb } = frame;
  const isSide = (side: number) => Number.isInteger(side) && side > 0 && side <= MAX_SIDE_PX;
  if (isSide(widthPx) && isSide(heightPx) && rgb.length === widthPx * heightPx * 3) return;
  throw new VisionError('FRAME_INVALID', `A frame of ${widthPx} x ${heightPx} pixels came with ${rgb.length} bytes.`);
}

/**
 * Copies a part of a frame, cut to whole pixels and to the frame's edges.
 * @returns the part, and where it lies in the frame
 * @throws VisionError FRAME_INVALID when the box lies outside
 */
export function cropFrame(frame: RgbFrame, box: PixelBox): { crop: RgbFrame; leftPx: number; topPx: number } {
  const leftPx = Math.max(0, Math.trunc(box.leftPx));
  const topPx = Math.max(0, Math.trunc(box.topPx));
  const widthPx = Math.min(frame.widthPx - leftPx, Math.trunc(box.widthPx));
  const heightPx = Math.min(frame.heightPx - topPx, Math.trunc(box.heightPx));
  if (!(widthPx > 0 && heightPx > 0)) throw new VisionError('FRAME_INVALID', 'A box lies outside of its frame.');
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  for (let row = 0; row < heightPx; row += 1) {
    const start = ((topPx + row) * frame.widthPx + leftPx) * 3;
    rgb.set(frame.rgb.subarray(start, start + widthPx * 3), row * widthPx * 3);
  }
  return { crop: { widthPx, heightPx, rgb }, leftPx, topPx };
}
