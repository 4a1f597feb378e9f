import { type Box, childBoxes, findChild, getChild } from './box-reader.ts';
import { isKeyPicture } from './codec.ts';
import type { InitSegment } from './init-segment.ts';
import { VideoError } from './video-error.ts';

/** One `moof` with its `mdat`: with ffmpeg's `frag_every_frame` exactly one picture. */
export interface Fragment {
  /** `moof` and `mdat`, a buffer of its own. */
  readonly bytes: Buffer;
  /** Content of the `mdat`, a view into `bytes`: one access unit. */
  readonly payload: Buffer;
  /** Whether a decoder can start here. */
  readonly isKey: boolean;
  /** In ticks of the init segment's timescale. */
  readonly decodeTime: number;
  /** Decode time plus composition offset, ticks. */
  readonly presentationTime: number;
  readonly durationTicks: number;
  /**
   * Producer reference time (`prft`), milliseconds since 1970: the camera's clock once it has sent an RTCP sender
   * report, until then the clock of this machine when the picture arrived.
   */
  readonly senderAtMs: number | undefined;
}

/** Flags of `tfhd`, ISO/IEC 14496-12 §8.8.7, and `trun`, §8.8.8. */
const TFHD = { baseDataOffset: 0x01, descriptionIndex: 0x02, duration: 0x08, size: 0x10, flags: 0x20 } as const;
const TRUN = {
  dataOffset: 0x001,
  firstFlags: 0x004,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  offset: 0x800,
} as const;
/** sample_is_non_sync_sample, §8.8.3.1. */
const NON_SYNC = 0x1_0000;
/** Seconds from 1900, where NTP begins, to 1970. RFC 868. */
const NTP_EPOCH_SEC = 2_208_988_800;

/** Reads fields one after another. @throws VideoError MP4_INVALID at the end of the content */
class Fields {
  readonly #content: Buffer;
  #offset = 0;
  readonly version: number;
  readonly flags: number;

  constructor(box: Box) {
    this.#content = box.content;
    const head = this.uint32();
    this.version = head >>> 24;
    this.flags = head & 0xff_ffff;
  }

  uint32(): number {
    this.#require(4);
    return this.#content.readUInt32BE(this.#offset - 4);
  }

  int32(): number {
    this.#require(4);
    return this.#content.readInt32BE(this.#offset - 4);
  }

  /** Numbers beyond 2^53 lose their last bits; at 90 kHz that takes three thousand years. */
  uint64(): number {
    this.#require(8);
    return Number(this.#content.readBigUInt64BE(this.#offset - 8));
  }

  #require(bytes: number): void {
    this.#offset += bytes;
    if (this.#offset > this.#content.length) throw new VideoError('MP4_INVALID', { detail: 'a box is cut short' });
  }
}

/** `prft`, §8.16.5. @returns milliseconds since 1970 */
export function readProducerReferenceTime(prft: Box): number {
  const fields = new Fields(prft);
  fields.uint32(); // reference_track_ID
  const seconds = fields.uint32() - NTP_EPOCH_SEC;
  return (seconds + fields.uint32() / 2 ** 32) * 1000;
}

/**
 * @param senderAtMs from the `prft` before the `moof`, if there was one
 * @throws VideoError MP4_INVALID, also when the fragment holds other than one picture
 */
export function readFragment(init: InitSegment, moof: Box, mdat: Box, senderAtMs: number | undefined): Fragment {
  const traf = getChild(moof.content, 'traf').content;
  const runs = [...childBoxes(traf)].filter((box) => box.type === 'trun');
  const [run] = runs;
  if (run === undefined || runs.length > 1) throw new VideoError('MP4_INVALID', { detail: 'not exactly one run' });
  const base = readTrackHeader(getChild(traf, 'tfhd'), init);
  const sample = readRun(run, base);
  if (sample.sizeBytes !== mdat.content.length) throw new VideoError('MP4_INVALID', { detail: 'sample size' });
  const decodeTime = readDecodeTime(findChild(traf, 'tfdt'));
  const bytes = Buffer.concat([moof.bytes, mdat.bytes]);
  const payload = bytes.subarray(bytes.length - mdat.content.length);
  return {
    bytes,
    payload,
    isKey: (sample.flags & NON_SYNC) === 0 && isKeyPicture(init.format, payload),
    decodeTime,
    presentationTime: decodeTime + sample.offsetTicks,
    durationTicks: sample.durationTicks,
    senderAtMs,
  };
}

function readDecodeTime(tfdt: Box | undefined): number {
  if (tfdt === undefined) throw new VideoError('MP4_INVALID', { detail: 'no tfdt' });
  const fields = new Fields(tfdt);
  return fields.version === 1 ? fields.uint64() : fields.uint32();
}

interface SampleBase {
  readonly durationTicks: number;
  readonly sizeBytes: number;
  readonly flags: number;
}

function readTrackHeader(tfhd: Box, init: InitSegment): SampleBase {
  const fields = new Fields(tfhd);
  fields.uint32(); // track_ID
  if ((fields.flags & TFHD.baseDataOffset) !== 0) fields.uint64();
  if ((fields.flags & TFHD.descriptionIndex) !== 0) fields.uint32();
  const { defaults } = init;
  return {
    durationTicks: (fields.flags & TFHD.duration) !== 0 ? fields.uint32() : defaults.durationTicks,
    sizeBytes: (fields.flags & TFHD.size) !== 0 ? fields.uint32() : defaults.sizeBytes,
    flags: (fields.flags & TFHD.flags) !== 0 ? fields.uint32() : defaults.flags,
  };
}

function readRun(trun: Box, base: SampleBase): SampleBase & { readonly offsetTicks: number } {
  const fields = new Fields(trun);
  const has = (flag: number) => (fields.flags & flag) !== 0;
  if (fields.uint32() !== 1) throw new VideoError('MP4_INVALID', { detail: 'not exactly one picture' });
  if (has(TRUN.dataOffset)) fields.int32();
  const firstFlags = has(TRUN.firstFlags) ? fields.uint32() : undefined;
  const durationTicks = has(TRUN.duration) ? fields.uint32() : base.durationTicks;
  const sizeBytes = has(TRUN.size) ? fields.uint32() : base.sizeBytes;
  const flags = has(TRUN.flags) ? fields.uint32() : base.flags;
  // Version 1 has signed offsets; encoders that write version 0 mean them signed, too.
  const offsetTicks = has(TRUN.offset) ? fields.int32() : 0;
  return { durationTicks, sizeBytes, flags: firstFlags ?? flags, offsetTicks };
}
