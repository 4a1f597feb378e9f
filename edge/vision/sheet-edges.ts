import type { PixelBox } from './box.ts';
import { livenessRegion } from './face-liveness.ts';
import { cropFrame, type RgbFrame } from './frame.ts';
import { lumaOf } from './luma.ts';

/** Brightness steps from one side of an edge to the other. Bezels and paper margins against what lies behind give 40 and more. */
const MIN_STEP = 14;
/** An edge counts when so much of a side has it, along a straight line. */
const MIN_SHARE = 0.6;

/**
 * How many of the four sides around a face have a straight edge along them, as the rim of a screen or the margin of a print
 * has: 0..4. Lines may lean by some degrees. A door frame has one or two; three sides of one size around a face are a frame.
 *
 * @throws VisionError FRAME_INVALID when the box lies outside of the frame
 */
export function sheetEdgeCount(frame: RgbFrame, face: PixelBox): number {
  const region = livenessRegion(face, frame);
  const { crop, leftPx, topPx } = cropFrame(frame, region);
  const { luma, widthPx, heightPx } = lumaOf(crop);
  const at = (x: number, y: number) => luma[y * widthPx + x] ?? 0;
  const faceLeft = face.leftPx - leftPx;
  const faceTop = face.topPx - topPx;
  const upright = (from: number, to: number) =>
    hasLine(from, to, Math.max(0, faceTop), Math.min(heightPx, faceTop + face.heightPx * 1.3), (across, along) =>
      Math.abs(at(across + 1, along) - at(across - 1, along)),
    );
  const level = (from: number, to: number) =>
    hasLine(
      from,
      to,
      Math.max(0, faceLeft - face.widthPx * 0.3),
      Math.min(widthPx, faceLeft + face.widthPx * 1.3),
      (across, along) => Math.abs(at(along, across + 1) - at(along, across - 1)),
    );
  const sides = [
    upright(1, faceLeft - face.widthPx * 0.25),
    upright(faceLeft + face.widthPx * 1.25, widthPx - 1),
    level(1, faceTop - face.heightPx * 0.2),
    level(faceTop + face.heightPx * 1.2, heightPx - 1),
  ];
  return sides.filter((has) => has).length;
}

/** Slopes tried, as steps across per step along: up to some 11 degrees to either side. */
const SLOPES = Array.from({ length: 17 }, (_, index) => (index - 8) * 0.025);

/** Whether, between two places across, some straight line has an edge under most of its length. */
function hasLine(
  from: number,
  to: number,
  start: number,
  end: number,
  step: (across: number, along: number) => number,
): boolean {
  const [first, last] = [Math.max(1, Math.ceil(from)), Math.floor(to) - 1];
  const [begin, finish] = [Math.ceil(start), Math.floor(end)];
  const length = finish - begin;
  if (last <= first || length < 8) return false;
  const middle = (begin + finish) / 2;
  for (const slope of SLOPES) {
    for (let across = first; across <= last; across += 1) {
      let met = 0;
      for (let along = begin; along < finish; along += 2) {
        const place = Math.round(across + slope * (along - middle));
        if (place < first || place > last) continue;
        if (step(place, along) >= MIN_STEP) met += 2;
      }
      if (met >= MIN_SHARE * length) return true;
    }
  }
  return false;
}
