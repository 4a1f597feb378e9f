import { type Box, childBoxes, findChild, getChild } from './box-reader.ts';
import { avcCFrom, codecString, type ParameterSets, parameterSetsFromAvcC, pictureFormat } from './parameter-sets.ts';
import { VideoError } from './video-error.ts';

/** The start of a fragmented MP4 stream with one video track. Immutable: another stream or another size is another object. */
export interface InitSegment {
  /** `ftyp` and `moov`, ready to be sent or written before any fragment. */
  readonly bytes: Buffer;
  /** Ticks a second of all times in the fragments. */
  readonly timescale: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly format: H264Format | RawFormat;
  readonly defaults: SampleDefaults;
}

export interface H264Format {
  readonly kind: 'h264';
  /** RFC 6381, e.g. `avc1.64001f`. */
  readonly codec: string;
  readonly parameterSets: ParameterSets;
}

/** Packed RGB, three bytes a pixel: what our own decoder puts out (QuickTime's `raw `). */
export interface RawFormat {
  readonly kind: 'raw';
}

/** `trex`, ISO/IEC 14496-12 §8.8.3: what a fragment leaves out. */
export interface SampleDefaults {
  readonly durationTicks: number;
  readonly sizeBytes: number;
  readonly flags: number;
}

/** Fields of a visual sample entry before its inner boxes, §12.1.3. */
const VISUAL_ENTRY_BYTES = 78;
/** Version, flags and entry count of `stsd`, §8.5.2. */
const STSD_HEADER_BYTES = 8;

/**
 * @param ftyp of the stream
 * @param moov with exactly one track, of H.264 or raw RGB
 * @throws VideoError MP4_INVALID, STREAM_CODEC_UNSUPPORTED, PARAMETER_SETS_INVALID
 */
export function readInitSegment(ftyp: Box, moov: Box): InitSegment {
  const tracks = [...childBoxes(moov.content)].filter((box) => box.type === 'trak');
  const [track] = tracks;
  if (track === undefined || tracks.length > 1) throw invalid('not exactly one track');
  const media = getChild(track.content, 'mdia').content;
  const timescale = readTimescale(getChild(media, 'mdhd').content);
  const table = getChild(getChild(media, 'minf').content, 'stbl').content;
  const entry = getSampleEntry(getChild(table, 'stsd').content);
  const widthPx = entry.content.readUInt16BE(24);
  const heightPx = entry.content.readUInt16BE(26);
  if (widthPx === 0 || heightPx === 0) throw invalid('picture size');
  return {
    bytes: Buffer.concat([ftyp.bytes, moov.bytes]),
    timescale,
    widthPx,
    heightPx,
    format: readFormat(entry),
    defaults: readDefaults(moov.content),
  };
}

/**
 * The same stream with other parameter sets: what a viewer or decoder needs after a camera was reconfigured mid-stream.
 * @throws VideoError PARAMETER_SETS_INVALID when the sets cannot be read
 */
export function withParameterSets(init: InitSegment, sets: ParameterSets): InitSegment {
  const { widthPx, heightPx } = pictureFormat(sets);
  const bytes = rebuild(init.bytes, ['moov', 'trak'], (trak) =>
    rebuild(
      rebuild(trak, ['tkhd'], (tkhd) => withFixedPointSize(tkhd, widthPx, heightPx)),
      ['mdia', 'minf', 'stbl', 'stsd'],
      (stsd) =>
        Buffer.concat([
          stsd.subarray(0, STSD_HEADER_BYTES),
          rebuild(stsd.subarray(STSD_HEADER_BYTES), ['avc1'], (avc1) => {
            const fields = Buffer.from(avc1.subarray(0, VISUAL_ENTRY_BYTES));
            fields.writeUInt16BE(widthPx, 24);
            fields.writeUInt16BE(heightPx, 26);
            return Buffer.concat([fields, rebuild(avc1.subarray(VISUAL_ENTRY_BYTES), ['avcC'], () => avcCFrom(sets))]);
          }),
        ]),
    ),
  );
  const format: H264Format = { kind: 'h264', codec: codecString(sets), parameterSets: sets };
  return { ...init, bytes, widthPx, heightPx, format };
}

function invalid(detail: string): VideoError {
  return new VideoError('MP4_INVALID', { detail });
}

function readTimescale(mdhd: Buffer): number {
  const offset = mdhd[0] === 1 ? 20 : 12; // after version and flags and two times of 64 or 32 bits, §8.4.2
  if (mdhd.length < offset + 4) throw invalid('mdhd cut short');
  const timescale = mdhd.readUInt32BE(offset);
  if (timescale === 0) throw invalid('timescale 0');
  return timescale;
}

function getSampleEntry(stsd: Buffer): Box {
  if (stsd.length < STSD_HEADER_BYTES) throw invalid('stsd cut short');
  const [entry] = childBoxes(stsd.subarray(STSD_HEADER_BYTES));
  if (entry === undefined) throw invalid('no sample entry');
  if (entry.content.length < VISUAL_ENTRY_BYTES) throw invalid('sample entry cut short');
  return entry;
}

function readFormat(entry: Box): H264Format | RawFormat {
  if (entry.type === 'raw ') return { kind: 'raw' };
  if (entry.type !== 'avc1') throw new VideoError('STREAM_CODEC_UNSUPPORTED', { detail: codecName(entry.type) });
  const avcC = getChild(entry.content.subarray(VISUAL_ENTRY_BYTES), 'avcC');
  const parameterSets = parameterSetsFromAvcC(avcC.content);
  return { kind: 'h264', codec: codecString(parameterSets), parameterSets };
}

/** Names that people know from the camera's own page. */
function codecName(sampleEntry: string): string {
  if (sampleEntry === 'hvc1' || sampleEntry === 'hev1') return 'it is H.265';
  if (sampleEntry === 'mp4v' || sampleEntry === 'jpeg') return 'it is MPEG-4 or Motion JPEG';
  return 'it is another codec';
}

function readDefaults(moov: Buffer): SampleDefaults {
  const mvex = findChild(moov, 'mvex');
  const trex = mvex === undefined ? undefined : findChild(mvex.content, 'trex')?.content;
  if (trex === undefined) return { durationTicks: 0, sizeBytes: 0, flags: 0 };
  if (trex.length < 24) throw invalid('trex cut short');
  return { durationTicks: trex.readUInt32BE(12), sizeBytes: trex.readUInt32BE(16), flags: trex.readUInt32BE(20) };
}

/** Width and height are the last fields of `tkhd`, 16.16 fixed point, §8.3.2. */
function withFixedPointSize(tkhd: Buffer, widthPx: number, heightPx: number): Buffer {
  const copy = Buffer.from(tkhd);
  copy.writeUInt32BE(widthPx * 0x1_0000, copy.length - 8);
  copy.writeUInt32BE(heightPx * 0x1_0000, copy.length - 4);
  return copy;
}

/** Boxes with the content of the one at `path` replaced; sizes on the way are corrected. */
function rebuild(boxes: Buffer, path: readonly string[], change: (content: Buffer) => Buffer): Buffer {
  const [type, ...rest] = path;
  return Buffer.concat(
    [...childBoxes(boxes)].map((box) => {
      if (box.type !== type) return box.bytes;
      const content = rest.length === 0 ? change(box.content) : rebuild(box.content, rest, change);
      const header = Buffer.alloc(8);
      header.writeUInt32BE(8 + content.length);
      header.write(box.type, 4, 'latin1');
      return Buffer.concat([header, content]);
    }),
  );
}
