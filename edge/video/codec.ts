import { type Box, findChild, getChild } from './box-reader.ts';
import {
  changedHevcParameterSets,
  type HevcParameterSets,
  hasRandomAccessSlice,
  hevcCodecString,
  hevcPictureFormat,
  hvcCFrom,
  parameterSetsFromHvcC,
} from './hevc-parameter-sets.ts';
import {
  avcCFrom,
  changedParameterSets,
  codecString,
  hasIdrSlice,
  nalUnits,
  type ParameterSets,
  parameterSetsFromAvcC,
  pictureFormat,
} from './parameter-sets.ts';
import { VideoError } from './video-error.ts';

export interface H264Format {
  readonly kind: 'h264';
  /** RFC 6381, e.g. `avc1.64001f`. */
  readonly codec: string;
  readonly parameterSets: ParameterSets;
}

export interface H265Format {
  readonly kind: 'h265';
  /** RFC 6381, e.g. `hvc1.1.6.L93.B0`. */
  readonly codec: string;
  readonly parameterSets: HevcParameterSets;
}

/** What cameras send and we keep. */
export type VideoFormat = H264Format | H265Format;

/** What a player has to know of the container and the codec, RFC 6381. */
export function mimeType({ codec }: VideoFormat): string {
  return `video/mp4; codecs="${codec}"`;
}

/** @throws VideoError PARAMETER_SETS_INVALID */
export function h264Format(parameterSets: ParameterSets): H264Format {
  return { kind: 'h264', codec: codecString(parameterSets), parameterSets };
}

/** @throws VideoError PARAMETER_SETS_INVALID */
export function h265Format(parameterSets: HevcParameterSets): H265Format {
  return { kind: 'h265', codec: hevcCodecString(parameterSets), parameterSets };
}

/**
 * @param entry of a track's `stsd`
 * @param fieldBytes where the inner boxes of a visual sample entry begin
 * @throws VideoError STREAM_CODEC_UNSUPPORTED, PARAMETER_SETS_INVALID, MP4_INVALID
 */
export function readFormat(entry: Box, fieldBytes: number): VideoFormat {
  const inner = entry.content.subarray(fieldBytes);
  switch (entry.type) {
    case 'avc1':
      return h264Format(parameterSetsFromAvcC(getChild(inner, 'avcC').content));
    case 'hvc1':
    case 'hev1':
      return h265Format(parameterSetsFromHvcC(getChild(inner, 'hvcC').content));
    default:
      throw new VideoError('STREAM_CODEC_UNSUPPORTED', { detail: codecName(entry.type, inner) });
  }
}

/** What MP4 says about a stream of this format. */
export interface SampleEntry {
  readonly type: 'avc1' | 'hvc1';
  /** The box with the decoder's configuration. */
  readonly record: { readonly type: 'avcC' | 'hvcC'; readonly content: Buffer };
  readonly widthPx: number;
  readonly heightPx: number;
}

/** @throws VideoError PARAMETER_SETS_INVALID */
export function sampleEntryFor(format: VideoFormat): SampleEntry {
  if (format.kind === 'h264') {
    const { widthPx, heightPx } = pictureFormat(format.parameterSets);
    return { type: 'avc1', record: { type: 'avcC', content: avcCFrom(format.parameterSets) }, widthPx, heightPx };
  }
  const { widthPx, heightPx } = hevcPictureFormat(format.parameterSets);
  return { type: 'hvc1', record: { type: 'hvcC', content: hvcCFrom(format.parameterSets) }, widthPx, heightPx };
}

/**
 * The format from this access unit on: a camera that was reconfigured sends new parameter sets with its next key frame.
 * @returns undefined when nothing changed
 */
export function changedFormat(format: VideoFormat, accessUnit: Buffer): VideoFormat | undefined {
  if (format.kind === 'h264') {
    const changed = changedParameterSets(format.parameterSets, nalUnits(accessUnit));
    return changed && h264Format(changed);
  }
  const changed = changedHevcParameterSets(format.parameterSets, nalUnits(accessUnit));
  return changed && h265Format(changed);
}

/**
 * Whether a decoder can start with this access unit. The container's word is not enough: ffmpeg marks a recovery point as a
 * key frame, which decodes to a grey picture first.
 */
export function isKeyPicture(format: VideoFormat, accessUnit: Buffer): boolean {
  return format.kind === 'h264' ? hasIdrSlice(nalUnits(accessUnit)) : hasRandomAccessSlice(nalUnits(accessUnit));
}

/** objectTypeIndication of ISO/IEC 14496-1 table 5 (mp4ra.org lists what was added). */
const OBJECT_TYPES: Readonly<Record<number, string>> = {
  32: 'MPEG-4',
  96: 'MPEG-2',
  97: 'MPEG-2',
  106: 'MPEG-1',
  108: 'Motion JPEG',
};

/** Names that people know from the camera's own page. */
function codecName(sampleEntry: string, inner: Buffer): string {
  if (sampleEntry === 'jpeg') return 'it is Motion JPEG';
  if (sampleEntry === 'av01') return 'it is AV1';
  const name = sampleEntry === 'mp4v' ? OBJECT_TYPES[objectType(inner) ?? 0] : undefined;
  return name === undefined ? 'it is another codec' : `it is ${name}`;
}

/** From the `esds` box, ISO/IEC 14496-14 §5.6: an ES_Descriptor (tag 3) and in it a DecoderConfigDescriptor (tag 4). */
function objectType(inner: Buffer): number | undefined {
  const esds = findChild(inner, 'esds')?.content;
  if (esds?.[4] !== 3) return undefined;
  const configAt = afterLength(esds, 5) + 3; // ES_ID and flags
  return esds[configAt] === 4 ? esds[afterLength(esds, configAt + 1)] : undefined;
}

/** Lengths have one to four bytes, all but the last with their highest bit set, ISO/IEC 14496-1 §8.3.3. */
function afterLength(bytes: Buffer, offset: number): number {
  let end = offset;
  while (end < offset + 3 && ((bytes[end] ?? 0) & 0x80) !== 0) end++;
  return end + 1;
}
