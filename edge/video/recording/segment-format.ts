import type { VideoUnit } from '../ring.ts';
import { RecordingError } from './recording-error.ts';

/*
 * A segment is a fragmented MP4 file that any player takes: ftyp and moov, then groups. Each group begins with `styp` (ISO/IEC
 * 14496-12 §8.16.2), so that groups are found by hopping from box to box, and each picture has its `prft` (§8.16.5) with
 * the time by this machine's clock: a file that was torn from its index still says what was seen when.
 */

/** One group of pictures of a segment. */
export interface GroupEntry {
  /** Where its `styp` begins in the file. */
  readonly offset: number;
  /** When its first picture was taken, ms since 1970. */
  readonly atMs: number;
}

const HEADER_BYTES = 8;
const STYP = box('styp', Buffer.from('msdh\0\0\0\0msdhisom', 'latin1'));
const PRFT_BYTES = 32;
/** "The time at which the frame was captured", as ffmpeg marks it too. */
const CAPTURED = 24;
const NTP_EPOCH_SEC = 2_208_988_800;

function box(type: string, content: Buffer): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + content.length);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.write(type, 4, 'latin1');
  content.copy(bytes, HEADER_BYTES);
  return bytes;
}

/** @param mediaTime decode time in ticks */
function producerReferenceTime(atMs: number, mediaTime: number): Buffer {
  const bytes = Buffer.alloc(PRFT_BYTES);
  const seconds = Math.floor(atMs / 1000);
  bytes.writeUInt32BE(PRFT_BYTES, 0);
  bytes.write('prft', 4, 'latin1');
  bytes.writeUInt32BE(0x0100_0000 | CAPTURED, 8); // version 1
  bytes.writeUInt32BE(1, 12); // track
  bytes.writeUInt32BE(seconds + NTP_EPOCH_SEC, 16);
  bytes.writeUInt32BE(Math.floor(((atMs - seconds * 1000) / 1000) * 2 ** 32), 20);
  bytes.writeBigUInt64BE(BigInt(mediaTime), 24);
  return bytes;
}

/** @returns what a group adds to a file */
export function groupBytes(units: readonly VideoUnit[]): Buffer {
  return Buffer.concat([
    STYP,
    ...units.flatMap(({ atMs, fragment }) => [producerReferenceTime(atMs, fragment.decodeTime), fragment.bytes]),
  ]);
}

/** When the last picture of a group has been shown, ms since 1970. */
export function groupEndMs(units: readonly VideoUnit[]): number {
  const last = units.at(-1);
  if (last === undefined) throw new RecordingError('RECORDING_DAMAGED', { detail: 'an empty group' });
  return last.atMs + (last.fragment.durationTicks / last.init.timescale) * 1000;
}

export interface ScannedGroups {
  readonly groups: readonly GroupEntry[];
  readonly pictures: number;
  /** Where the last whole group ends; what lies behind it was being written when the power or the process went. */
  readonly endOffset: number;
  /** Undefined without a group. */
  readonly endedAtMs: number | undefined;
}

/**
 * Finds the whole groups of a segment.
 *
 * @param wholeUntil how far the file is known to be whole; a group that ends there is one although something torn follows
 * @throws RecordingError RECORDING_DAMAGED when the file does not begin as a segment does
 */
export function scanGroups(bytes: Buffer, wholeUntil = 0): ScannedGroups {
  let offset = initLength(bytes);
  const groups: GroupEntry[] = [];
  let pictures = 0;
  let endOffset = offset;
  let endedAtMs: number | undefined;
  let open:
    | { offset: number; atMs: number | undefined; pictures: number; lastAtMs: number; stepMs: number }
    | undefined;

  const close = (): void => {
    if (open?.atMs !== undefined && open.pictures > 0) {
      groups.push({ offset: open.offset, atMs: open.atMs });
      pictures += open.pictures;
      endOffset = offset;
      endedAtMs = open.lastAtMs + open.stepMs;
    }
    open = undefined;
  };

  for (;;) {
    const found = boxAt(bytes, offset);
    if (found === 'end') {
      close();
      break;
    }
    if (found === 'torn') {
      if (offset === wholeUntil) close();
      break;
    }
    if (found.type === 'styp') {
      close();
      open = { offset, atMs: undefined, pictures: 0, lastAtMs: 0, stepMs: 0 };
    } else if (found.type === 'prft' && open !== undefined && found.size === PRFT_BYTES) {
      const atMs = readAtMs(bytes, offset);
      open.stepMs = open.atMs === undefined ? 0 : atMs - open.lastAtMs;
      open.atMs ??= atMs;
      open.lastAtMs = atMs;
    } else if (found.type === 'mdat' && open !== undefined) open.pictures++;
    else if (found.type !== 'moof') break;
    offset += found.size;
  }
  return { groups, pictures, endOffset, endedAtMs };
}

/** How many bytes `ftyp` and `moov` take. @throws RecordingError RECORDING_DAMAGED */
export function initLength(bytes: Buffer): number {
  const ftyp = boxAt(bytes, 0);
  if (typeof ftyp === 'string' || ftyp.type !== 'ftyp') throw damaged('no ftyp');
  const moov = boxAt(bytes, ftyp.size);
  if (typeof moov === 'string' || moov.type !== 'moov') throw damaged('no moov');
  return ftyp.size + moov.size;
}

function boxAt(bytes: Buffer, offset: number): { type: string; size: number } | 'end' | 'torn' {
  if (offset === bytes.length) return 'end';
  if (offset + HEADER_BYTES > bytes.length) return 'torn';
  const size = bytes.readUInt32BE(offset);
  if (size < HEADER_BYTES || offset + size > bytes.length) return 'torn';
  return { type: bytes.toString('latin1', offset + 4, offset + 8), size };
}

function readAtMs(bytes: Buffer, offset: number): number {
  const seconds = bytes.readUInt32BE(offset + 16) - NTP_EPOCH_SEC;
  return seconds * 1000 + (bytes.readUInt32BE(offset + 20) / 2 ** 32) * 1000;
}

function damaged(detail: string): RecordingError {
  return new RecordingError('RECORDING_DAMAGED', { detail });
}
