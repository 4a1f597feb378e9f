import { type Box, childBoxes, findChild, getChild } from './box-reader.ts';
import { readFormat, sampleEntryFor, type VideoFormat } from './codec.ts';
import { VideoError } from './video-error.ts';

/** The start of a fragmented MP4 stream with one video track. Immutable: another stream or another size is another object. */
export interface InitSegment {
  /** `ftyp` and `moov`, ready to be sent or written before any fragment. */
  readonly bytes: Buffer;
  /** Ticks a second of all times in the fragments. */
  readonly timescale: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly format: VideoFormat;
  readonly defaults: SampleDefaults;
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
const SAMPLE_TABLE = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd'];

/**
 * @param ftyp of the stream
 * @param moov with exactly one track, of H.264 or H.265
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
  const bytes = Buffer.concat([ftyp.bytes, moov.bytes]);
  return {
    bytes: entry.type === 'hev1' ? namedHvc1(bytes) : bytes,
    timescale,
    widthPx,
    heightPx,
    format: readFormat(entry, VISUAL_ENTRY_BYTES),
    defaults: readDefaults(moov.content),
  };
}

/**
 * The same stream in another format: what a viewer or decoder needs after a camera was reconfigured mid-stream.
 * @throws VideoError PARAMETER_SETS_INVALID when the size of its pictures cannot be read
 */
export function withFormat(init: InitSegment, format: VideoFormat): InitSegment {
  const { type, record, widthPx, heightPx } = sampleEntryFor(format);
  const sized = rebuild(init.bytes, ['moov', 'trak', 'tkhd'], (tkhd) => withFixedPointSize(tkhd, widthPx, heightPx));
  const bytes = rebuild(sized, SAMPLE_TABLE, (stsd) =>
    withEntries(stsd, (entries) =>
      rebuild(entries, [type], (entry) => {
        const fields = Buffer.from(entry.subarray(0, VISUAL_ENTRY_BYTES));
        fields.writeUInt16BE(widthPx, 24);
        fields.writeUInt16BE(heightPx, 26);
        return Buffer.concat([
          fields,
          rebuild(entry.subarray(VISUAL_ENTRY_BYTES), [record.type], () => record.content),
        ]);
      }),
    ),
  );
  return { ...init, bytes, widthPx, heightPx, format };
}

/**
 * ffmpeg calls copied H.265 `hev1`, which says that parameter sets may come in the pictures; they are in the header as well,
 * and Apple's players take the stream only when it is called `hvc1`.
 */
function namedHvc1(init: Buffer): Buffer {
  return rebuild(init, SAMPLE_TABLE, (stsd) =>
    withEntries(stsd, (entries) => {
      const renamed = Buffer.from(entries);
      renamed.write('hvc1', 4, 'latin1');
      return renamed;
    }),
  );
}

function withEntries(stsd: Buffer, change: (entries: Buffer) => Buffer): Buffer {
  return Buffer.concat([stsd.subarray(0, STSD_HEADER_BYTES), change(stsd.subarray(STSD_HEADER_BYTES))]);
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
