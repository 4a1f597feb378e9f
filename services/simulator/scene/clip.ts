import { SimulatorError } from '../simulator-error.ts';
import { FRAMES_PER_GROUP } from './walk.ts';

export type ClipCodec = 'h264' | 'h265';

/**
 * NAL unit types (ITU-T H.264, table 7-1; H.265, table 7-1), and how long a unit's header is. The byte behind it begins with
 * first_mb_in_slice, an Exp-Golomb number, or first_slice_segment_in_pic_flag: a leading 1 bit begins a picture in both.
 */
const SYNTAX = {
  h264: { typeOf: nalType, headerBytes: 1, slices: [1, 5], keys: [5], vps: undefined, sps: 7, pps: 8 },
  h265: { typeOf: hevcNalType, headerBytes: 2, slices: [0, 1, 19, 20], keys: [19, 20], vps: 32, sps: 33, pps: 34 },
} as const;

/** One looped stream in memory, split into frames: `frames[n]` holds the slices of frame n, without start codes. */
export interface Clip {
  /** H.265 only. */
  readonly vps?: Buffer | undefined;
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

export function hevcNalType(unit: Buffer): number {
  return ((unit[0] ?? 0) >> 1) & 0x3f;
}

/**
 * Parses a rendered clip. Everything but slices and parameter sets (SEI) is dropped.
 * @throws SimulatorError SCENE_RENDERING_FAILED if key frames are not where switching needs them
 */
export function parseClip(stream: Buffer, expectedFrames: number, codec: ClipCodec = 'h264'): Clip {
  const { typeOf, headerBytes, slices, keys, ...types } = SYNTAX[codec];
  const frames: Buffer[][] = [];
  const sets = new Map<number, Buffer>();
  for (const unit of splitAnnexB(stream)) {
    const type = typeOf(unit);
    if (!slices.some((slice) => slice === type)) sets.set(type, unit);
    else if (((unit[headerBytes] ?? 0) & 0x80) !== 0) frames.push([unit]);
    else frames.at(-1)?.push(unit);
  }
  const isKey = (slice: Buffer): boolean => keys.some((key) => key === typeOf(slice));
  const isRegular = frames.every(
    ([slice], index) => slice !== undefined && isKey(slice) === (index % FRAMES_PER_GROUP === 0),
  );
  const [vps, sps, pps] = [types.vps, types.sps, types.pps].map((type) => (type === undefined ? type : sets.get(type)));
  const hasSets = sps !== undefined && pps !== undefined && (vps !== undefined || types.vps === undefined);
  if (!hasSets || frames.length !== expectedFrames || !isRegular) {
    throw new SimulatorError(
      'SCENE_RENDERING_FAILED',
      `A rendered clip has ${frames.length} frames where ${expectedFrames} are needed, or key frames out of place. Delete the data folder's clips and start again.`,
    );
  }
  return { vps, sps, pps, frames };
}
