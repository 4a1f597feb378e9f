import { BitReader, rawPayload } from './bit-reader.ts';
import { VideoError } from './video-error.ts';

/** What a decoder needs before the first picture: whole NAL units of types 7 and 8, without start codes. */
export interface ParameterSets {
  readonly sps: readonly Buffer[];
  readonly pps: readonly Buffer[];
}

/** nal_unit_type, ITU-T H.264 table 7-1. */
export const NAL_TYPE = { slice: 1, idrSlice: 5, sps: 7, pps: 8 } as const;

/** A parameter set larger than this is not one; it also has to fit a 16-bit length. */
const MAX_PARAMETER_SET_BYTES = 4096;
/** Larger pictures than 8192×8192 no level of H.264 allows (table A-1 ends at 139,264 macroblocks). */
const MAX_SIDE_PX = 16_384;

export function nalType(nal: Uint8Array): number {
  return (nal[0] ?? 0) & 0x1f;
}

/**
 * The NAL units of an access unit as MP4 holds it: each after its length in four bytes, big endian.
 * @throws VideoError MP4_INVALID when the lengths do not add up
 */
export function* nalUnits(accessUnit: Buffer): Generator<Buffer, void> {
  let offset = 0;
  while (offset < accessUnit.length) {
    if (offset + 4 > accessUnit.length) throw new VideoError('MP4_INVALID', { detail: 'NAL unit length' });
    const end = offset + 4 + accessUnit.readUInt32BE(offset);
    if (end > accessUnit.length) throw new VideoError('MP4_INVALID', { detail: 'NAL unit length' });
    if (end > offset + 4) yield accessUnit.subarray(offset + 4, end);
    offset = end;
  }
}

/** Whether an access unit holds an IDR slice: a decoder can start with it. */
export function hasIdrSlice(units: Iterable<Buffer>): boolean {
  for (const nal of units) {
    const type = nalType(nal);
    if (type === NAL_TYPE.idrSlice) return true;
    if (type === NAL_TYPE.slice) return false;
  }
  return false;
}

/**
 * AVCDecoderConfigurationRecord, ISO/IEC 14496-15 §5.3.3.1.
 * @param content of the `avcC` box
 * @throws VideoError PARAMETER_SETS_INVALID
 */
export function parameterSetsFromAvcC(content: Buffer): ParameterSets {
  const invalid = (detail: string) => new VideoError('PARAMETER_SETS_INVALID', { detail });
  let offset = 5;
  const readSets = (countMask: number): Buffer[] => {
    const count = content[offset++];
    if (count === undefined) throw invalid('avcC cut short');
    return Array.from({ length: count & countMask }, () => {
      if (offset + 2 > content.length) throw invalid('avcC cut short');
      const end = offset + 2 + content.readUInt16BE(offset);
      if (end > content.length) throw invalid('avcC cut short');
      const set = Buffer.from(content.subarray(offset + 2, end));
      offset = end;
      return set;
    });
  };
  if (content[0] !== 1) throw invalid('avcC version');
  if (((content[4] ?? 0) & 3) !== 3) throw invalid('NAL unit lengths of other than four bytes');
  const sps = readSets(0x1f);
  const pps = readSets(0xff);
  if (sps.length === 0 || pps.length === 0) throw invalid('none in avcC');
  return { sps, pps };
}

/** The content of an `avcC` box for these sets, with the fields that the high profiles add. */
export function avcCFrom({ sps, pps }: ParameterSets): Buffer {
  const first = getFirstSps({ sps, pps });
  const { chromaFormat, bitDepthLuma, bitDepthChroma } = readSps(first);
  const profile = first[1] ?? 0;
  const withLength = (set: Buffer) => [Buffer.of(set.length >> 8, set.length & 0xff), set];
  const isHigh = ![66, 77, 88].includes(profile);
  return Buffer.concat([
    Buffer.of(1, profile, first[2] ?? 0, first[3] ?? 0, 0xff, 0xe0 | sps.length),
    ...sps.flatMap(withLength),
    Buffer.of(pps.length),
    ...pps.flatMap(withLength),
    isHigh
      ? Buffer.of(0xfc | chromaFormat, 0xf8 | (bitDepthLuma - 8), 0xf8 | (bitDepthChroma - 8), 0)
      : Buffer.alloc(0),
  ]);
}

/** RFC 6381 name for `MediaSource.isTypeSupported`, e.g. `avc1.64001f`. */
export function codecString(sets: ParameterSets): string {
  return `avc1.${getFirstSps(sets).toString('hex', 1, 4)}`;
}

/**
 * Parameter sets sent inside an access unit, if any, merged over the present ones by their place: a camera that was
 * reconfigured sends new ones with its next key frame, and RTSP has no other way to say so.
 * @returns undefined when nothing changed
 */
export function changedParameterSets(present: ParameterSets, units: Iterable<Buffer>): ParameterSets | undefined {
  const found: { sps: Buffer[]; pps: Buffer[] } = { sps: [], pps: [] };
  for (const nal of units) {
    if (nal.length > MAX_PARAMETER_SET_BYTES || nal.length < 4) continue;
    if (nalType(nal) === NAL_TYPE.sps && found.sps.length < 31) found.sps.push(Buffer.from(nal));
    if (nalType(nal) === NAL_TYPE.pps && found.pps.length < 255) found.pps.push(Buffer.from(nal));
  }
  const next = {
    sps: found.sps.length > 0 ? found.sps : present.sps,
    pps: found.pps.length > 0 ? found.pps : present.pps,
  };
  const isSame = sameSets(next.sps, present.sps) && sameSets(next.pps, present.pps);
  return isSame ? undefined : next;
}

function sameSets(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  return a.length === b.length && a.every((set, index) => b[index]?.equals(set));
}

function getFirstSps(sets: ParameterSets): Buffer {
  const sps = sets.sps[0];
  if (sps === undefined || sps.length < 4) throw new VideoError('PARAMETER_SETS_INVALID', { detail: 'no SPS' });
  return sps;
}

export interface PictureFormat {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly chromaFormat: number;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
}

/** Size of the pictures that these sets describe, cropping applied. @throws VideoError PARAMETER_SETS_INVALID */
export function pictureFormat(sets: ParameterSets): PictureFormat {
  return readSps(getFirstSps(sets));
}

/** Profiles whose SPS says more about chroma, ITU-T H.264 §7.3.2.1.1. */
const PROFILES_WITH_CHROMA = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

function readSps(nal: Buffer): PictureFormat {
  const reader = new BitReader(rawPayload(nal.subarray(1)));
  const profile = reader.bits(8);
  reader.bits(16); // constraint flags, level
  reader.unsignedGolomb(); // seq_parameter_set_id
  let chromaFormat = 1;
  let bitDepthLuma = 8;
  let bitDepthChroma = 8;
  let hasSeparatePlanes = false;
  if (PROFILES_WITH_CHROMA.has(profile)) {
    chromaFormat = reader.unsignedGolomb();
    if (chromaFormat === 3) hasSeparatePlanes = reader.flag();
    bitDepthLuma = 8 + reader.unsignedGolomb();
    bitDepthChroma = 8 + reader.unsignedGolomb();
    reader.flag(); // qpprime_y_zero_transform_bypass_flag
    if (reader.flag()) skipScalingLists(reader, chromaFormat === 3 ? 12 : 8);
  }
  reader.unsignedGolomb(); // log2_max_frame_num_minus4
  skipPictureOrderCount(reader);
  reader.unsignedGolomb(); // max_num_ref_frames
  reader.flag(); // gaps_in_frame_num_value_allowed_flag
  const widthInMacroblocks = reader.unsignedGolomb() + 1;
  const heightInMapUnits = reader.unsignedGolomb() + 1;
  const isFrameOnly = reader.flag();
  if (!isFrameOnly) reader.flag(); // mb_adaptive_frame_field_flag
  reader.flag(); // direct_8x8_inference_flag
  const hasCrop = reader.flag();
  const [left = 0, right = 0, top = 0, bottom = 0] = hasCrop ? [1, 2, 3, 4].map(() => reader.unsignedGolomb()) : [];
  // Cropping units, §7.4.2.1.1 equations 7-19 to 7-22.
  const isSubsampled = !hasSeparatePlanes && chromaFormat > 0;
  const cropX = isSubsampled && chromaFormat < 3 ? 2 : 1;
  const cropY = (isSubsampled && chromaFormat === 1 ? 2 : 1) * (isFrameOnly ? 1 : 2);
  const widthPx = widthInMacroblocks * 16 - cropX * (left + right);
  const heightPx = heightInMapUnits * 16 * (isFrameOnly ? 1 : 2) - cropY * (top + bottom);
  const isSane = (side: number) => side > 0 && side <= MAX_SIDE_PX;
  if (!isSane(widthPx) || !isSane(heightPx) || chromaFormat > 3 || bitDepthLuma > 14 || bitDepthChroma > 14) {
    throw new VideoError('PARAMETER_SETS_INVALID', { detail: 'picture size' });
  }
  return { widthPx, heightPx, chromaFormat, bitDepthLuma, bitDepthChroma };
}

function skipPictureOrderCount(reader: BitReader): void {
  const type = reader.unsignedGolomb();
  if (type === 0) reader.unsignedGolomb(); // log2_max_pic_order_cnt_lsb_minus4
  if (type !== 1) return;
  reader.flag(); // delta_pic_order_always_zero_flag
  reader.signedGolomb(); // offset_for_non_ref_pic
  reader.signedGolomb(); // offset_for_top_to_bottom_field
  const cycle = reader.unsignedGolomb();
  if (cycle > 255) throw new VideoError('PARAMETER_SETS_INVALID', { detail: 'picture order' });
  for (let index = 0; index < cycle; index++) reader.signedGolomb();
}

/** §7.3.2.1.1.1 */
function skipScalingLists(reader: BitReader, count: number): void {
  for (let list = 0; list < count; list++) {
    if (!reader.flag()) continue;
    let last = 8;
    let next = 8;
    for (let index = 0; index < (list < 6 ? 16 : 64) && next !== 0; index++) {
      next = (last + reader.signedGolomb() + 256) % 256;
      if (next !== 0) last = next;
    }
  }
}
