import { SimulatorError } from '../simulator-error.ts';
import { FRAMES_PER_GROUP } from './walk.ts';

/** NAL unit types (ITU-T H.264, table 7-1). */
const NAL_SLICE = 1;
const NAL_IDR = 5;
const NAL_SPS = 7;
const NAL_PPS = 8;

/** One looped stream in memory, split into frames: `frames[n]` holds the slices of frame n, without start codes. */
export interface Clip {
  readonly sps: Buffer;
  readonly pps: Buffer;
  readonly frames: readonly (readonly Buffer[])[];
}

/** Splits an Annex B byte stream at its start codes (ITU-T H.264, annex B). */
export function splitAnnexB(stream: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let start = -1;
  for (let at = stream.indexOf(START_CODE); at !== -1; at = stream.indexOf(START_CODE, at + 3)) {
    if (start >= 0) units.push(withoutTrailingZeros(stream.subarray(start, at)));
    start = at + 3;
  }
  if (start >= 0) units.push(withoutTrailingZeros(stream.subarray(start)));
  return units;
}

const START_CODE = Buffer.from([0, 0, 1]);

function withoutTrailingZeros(unit: Buffer): Buffer {
  let end = unit.length;
  while (end > 0 && unit[end - 1] === 0) end--;
  return unit.subarray(0, end);
}

export function nalType(unit: Buffer): number {
  return (unit[0] ?? 0) & 0x1f;
}

/**
 * Parses a rendered clip. Everything but slices and parameter sets (SEI) is dropped.
 * @throws SimulatorError SCENE_RENDERING_FAILED if key frames are not where switching needs them
 */
export function parseClip(stream: Buffer, expectedFrames: number): Clip {
  const frames: Buffer[][] = [];
  let sps: Buffer | undefined;
  let pps: Buffer | undefined;
  for (const unit of splitAnnexB(stream)) {
    const type = nalType(unit);
    if (type === NAL_SPS) sps = unit;
    else if (type === NAL_PPS) pps = unit;
    else if (type === NAL_SLICE || type === NAL_IDR) {
      // first_mb_in_slice is an Exp-Golomb number: a leading 1 bit is zero, the first slice of a picture (7.3.3).
      if (((unit[1] ?? 0) & 0x80) !== 0) frames.push([unit]);
      else frames.at(-1)?.push(unit);
    }
  }
  const isRegular = frames.every(
    ([slice], index) => slice !== undefined && (nalType(slice) === NAL_IDR) === (index % FRAMES_PER_GROUP === 0),
  );
  if (sps === undefined || pps === undefined || frames.length !== expectedFrames || !isRegular) {
    throw new SimulatorError(
      'SCENE_RENDERING_FAILED',
      `A rendered clip has ${frames.length} frames where ${expectedFrames} are needed, or key frames out of place. Delete the data folder's clips and start again.`,
    );
  }
  return { sps, pps, frames };
}
