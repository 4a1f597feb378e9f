import { BitReader, rawPayload } from './bit-reader.ts';
import { VideoError } from './video-error.ts';

/** What a decoder needs before the first picture of H.265: whole NAL units of types 32, 33 and 34, without start codes. */
export interface HevcParameterSets {
  readonly vps: readonly Buffer[];
  readonly sps: readonly Buffer[];
  readonly pps: readonly Buffer[];
}

/** nal_unit_type, ITU-T H.265 table 7-1. */
export const HEVC_NAL_TYPE = { vps: 32, sps: 33, pps: 34 } as const;

/** A parameter set larger than this is not one; it also has to fit a 16-bit length. */
const MAX_PARAMETER_SET_BYTES = 4096;
/** Sets that one record or one picture may bring: the standard allows 16 video, 16 sequence and 64 picture parameter sets. */
const MAX_SETS = 64;
/** No level of H.265 has a longer side than 16,888 (table A.8, level 6.2: the square root of eight times its picture). */
const MAX_SIDE_PX = 16_888;
/** general_profile_space to general_level_idc, §7.3.3: what both a record and a codec's name quote. */
const PROFILE_BYTES = 12;

export function hevcNalType(nal: Uint8Array): number {
  return ((nal[0] ?? 0) >> 1) & 0x3f;
}

/**
 * Whether an access unit can be decoded without those before it: its first slice is of a random access picture (types 16 to
 * 23, §7.4.2.2). Open groups begin with such a picture, too: a decoder leaves out the few that lead it.
 */
export function hasRandomAccessSlice(units: Iterable<Buffer>): boolean {
  for (const nal of units) {
    const type = hevcNalType(nal);
    if (type <= 31) return type >= 16 && type <= 23;
  }
  return false;
}

/**
 * HEVCDecoderConfigurationRecord, ISO/IEC 14496-15 §8.3.3.1.
 * @param content of the `hvcC` box
 * @throws VideoError PARAMETER_SETS_INVALID
 */
export function parameterSetsFromHvcC(content: Buffer): HevcParameterSets {
  if (content[0] !== 1) throw invalid('hvcC version');
  if (((content[21] ?? 0) & 3) !== 3) throw invalid('NAL unit lengths of other than four bytes');
  const found = { vps: [] as Buffer[], sps: [] as Buffer[], pps: [] as Buffer[] };
  let offset = 23;
  for (let array = 0; array < (content[22] ?? 0); array++) {
    if (offset + 3 > content.length) throw invalid('hvcC cut short');
    const type = (content[offset] ?? 0) & 0x3f;
    const count = content.readUInt16BE(offset + 1);
    if (count > MAX_SETS) throw invalid('too many in hvcC');
    offset += 3;
    for (let place = 0; place < count; place++) {
      if (offset + 2 > content.length) throw invalid('hvcC cut short');
      const end = offset + 2 + content.readUInt16BE(offset);
      if (end > content.length) throw invalid('hvcC cut short');
      listFor(found, type)?.push(Buffer.from(content.subarray(offset + 2, end)));
      offset = end;
    }
  }
  if (found.vps.length === 0 || found.sps.length === 0 || found.pps.length === 0) throw invalid('none in hvcC');
  return found;
}

/** The content of an `hvcC` box for these sets. @throws VideoError PARAMETER_SETS_INVALID */
export function hvcCFrom(sets: HevcParameterSets): Buffer {
  const { profile, chromaFormat, bitDepthLuma, bitDepthChroma } = readHevcSps(getFirstSps(sets));
  const arrays = [sets.vps, sets.sps, sets.pps].map((list, place) =>
    Buffer.concat([
      // array_completeness: all sets are here, which is what `hvc1` promises.
      Buffer.of(0x80 | (HEVC_NAL_TYPE.vps + place), list.length >> 8, list.length & 0xff),
      ...list.flatMap((set) => [Buffer.of(set.length >> 8, set.length & 0xff), set]),
    ]),
  );
  return Buffer.concat([
    Buffer.of(1),
    profile,
    // min_spatial_segmentation_idc and parallelismType: unknown; avgFrameRate: unspecified; lengths of four bytes.
    Buffer.of(
      0xf0,
      0,
      0xfc,
      0xfc | chromaFormat,
      0xf8 | (bitDepthLuma - 8),
      0xf8 | (bitDepthChroma - 8),
      0,
      0,
      0x0f,
      3,
    ),
    ...arrays,
  ]);
}

/** RFC 6381 name, as ISO/IEC 14496-15 annex E.3 spells it, e.g. `hvc1.1.6.L93.B0`. @throws VideoError PARAMETER_SETS_INVALID */
export function hevcCodecString(sets: HevcParameterSets): string {
  const { profile } = readHevcSps(getFirstSps(sets));
  const head = profile[0] ?? 0;
  const space = ['', 'A', 'B', 'C'][head >> 6] ?? '';
  const tier = (head & 0x20) === 0 ? 'L' : 'H';
  const compatibility = reverseBits(profile.readUInt32BE(1)).toString(16).toUpperCase();
  const constraints = [...profile.subarray(5, 11)];
  while (constraints.at(-1) === 0) constraints.pop();
  const parts = ['hvc1', `${space}${head & 0x1f}`, compatibility, `${tier}${profile[11] ?? 0}`];
  return [...parts, ...constraints.map((byte) => byte.toString(16).toUpperCase())].join('.');
}

/**
 * Parameter sets sent inside an access unit, if any, merged over the present ones by their kind.
 * @returns undefined when nothing changed
 */
export function changedHevcParameterSets(
  present: HevcParameterSets,
  units: Iterable<Buffer>,
): HevcParameterSets | undefined {
  const found = { vps: [] as Buffer[], sps: [] as Buffer[], pps: [] as Buffer[] };
  for (const nal of units) {
    if (nal.length > MAX_PARAMETER_SET_BYTES || nal.length < 4) continue;
    const list = listFor(found, hevcNalType(nal));
    if (list !== undefined && list.length < MAX_SETS) list.push(Buffer.from(nal));
  }
  const pick = (kind: keyof HevcParameterSets) => (found[kind].length > 0 ? found[kind] : present[kind]);
  const next = { vps: pick('vps'), sps: pick('sps'), pps: pick('pps') };
  const isSame = (kind: keyof HevcParameterSets) =>
    next[kind].length === present[kind].length && next[kind].every((set, at) => present[kind][at]?.equals(set));
  return isSame('vps') && isSame('sps') && isSame('pps') ? undefined : next;
}

/** Size of the pictures that these sets describe, the conformance window applied. @throws VideoError PARAMETER_SETS_INVALID */
export function hevcPictureFormat(sets: HevcParameterSets): { readonly widthPx: number; readonly heightPx: number } {
  return readHevcSps(getFirstSps(sets));
}

function listFor<T>(sets: { vps: T; sps: T; pps: T }, type: number): T | undefined {
  if (type === HEVC_NAL_TYPE.vps) return sets.vps;
  if (type === HEVC_NAL_TYPE.sps) return sets.sps;
  return type === HEVC_NAL_TYPE.pps ? sets.pps : undefined;
}

function getFirstSps({ sps }: HevcParameterSets): Buffer {
  const [first] = sps;
  if (first === undefined) throw invalid('no SPS');
  return first;
}

/** §7.3.2.2, as far as the conformance window and the bit depths. */
function readHevcSps(nal: Buffer) {
  const payload = rawPayload(nal.subarray(2));
  const reader = new BitReader(payload);
  reader.bits(4); // sps_video_parameter_set_id
  const subLayers = reader.bits(3);
  reader.flag(); // sps_temporal_id_nesting_flag
  const profile = Buffer.from(Array.from({ length: PROFILE_BYTES }, () => reader.bits(8)));
  skipSubLayers(reader, subLayers);
  reader.unsignedGolomb(); // sps_seq_parameter_set_id
  const chromaFormat = reader.unsignedGolomb();
  const hasSeparatePlanes = chromaFormat === 3 && reader.flag();
  const codedWidthPx = reader.unsignedGolomb();
  const codedHeightPx = reader.unsignedGolomb();
  const hasWindow = reader.flag();
  const [left = 0, right = 0, top = 0, bottom = 0] = hasWindow ? [1, 2, 3, 4].map(() => reader.unsignedGolomb()) : [];
  const bitDepthLuma = 8 + reader.unsignedGolomb();
  const bitDepthChroma = 8 + reader.unsignedGolomb();
  // SubWidthC and SubHeightC, table 6-1.
  const isSubsampled = !hasSeparatePlanes && (chromaFormat === 1 || chromaFormat === 2);
  const widthPx = codedWidthPx - (isSubsampled ? 2 : 1) * (left + right);
  const heightPx = codedHeightPx - (isSubsampled && chromaFormat === 1 ? 2 : 1) * (top + bottom);
  const isSane = (side: number) => side > 0 && side <= MAX_SIDE_PX;
  if (!isSane(widthPx) || !isSane(heightPx) || chromaFormat > 3 || bitDepthLuma > 15 || bitDepthChroma > 15) {
    throw invalid('picture size');
  }
  return { profile, widthPx, heightPx, chromaFormat, bitDepthLuma, bitDepthChroma };
}

/** profile_tier_level() after its general part, §7.3.3. */
function skipSubLayers(reader: BitReader, subLayers: number): void {
  if (subLayers === 0) return;
  const present = Array.from({ length: 8 }, () => ({ profile: reader.flag(), level: reader.flag() }));
  for (const { profile, level } of present.slice(0, subLayers)) {
    if (profile) for (let byte = 0; byte < 11; byte++) reader.bits(8);
    if (level) reader.bits(8);
  }
}

function reverseBits(word: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = reversed * 2 + ((word >>> bit) & 1);
  return reversed;
}

function invalid(detail: string): VideoError {
  return new VideoError('PARAMETER_SETS_INVALID', { detail });
}
