import { VideoError } from '../video-error.ts';

/** One picture of an MPEG transport stream, with what the stream says before it. */
export interface TransportPicture {
  /** Whole packets of 188 bytes. */
  readonly bytes: Buffer;
  /** Whether a decoder can start here. */
  readonly isKey: boolean;
  /** Presentation time, 90 kHz, modulo 2^33. */
  readonly time: number;
}

/** ISO/IEC 13818-1 §2.4.3.2. */
const PACKET_BYTES = 188;
const SYNC_BYTE = 0x47;
/** stream_id of video stream 0, table 2-22. */
const VIDEO_STREAM = 0xe0;
/** From packet_start_code_prefix to PES_packet_length, §2.4.3.6. */
const PES_HEAD_BYTES = 6;
/** More than two seconds of what our muxer makes. */
const MAX_PICTURE_BYTES = 1024 * 1024;

interface OpenPicture {
  readonly isKey: boolean;
  readonly time: number;
  readonly packets: Buffer[];
  /** Of the packetized picture, as far as it has come. */
  bytes: number;
  /** Undefined when the stream does not say: it has no room for lengths over 65,535. */
  readonly wantedBytes: number | undefined;
}

/**
 * Cuts the transport stream of one video track, as ffmpeg writes it, into pictures. A picture is given as soon as its last
 * packet is there: its length says so or, for a large one, that packet's stuffing.
 */
export class TransportReader {
  #rest: Buffer = Buffer.alloc(0);
  /** Packets that belong to no picture: tables that say what the stream is. */
  #tables: Buffer[] = [];
  #head: Buffer | undefined;
  #open: OpenPicture | undefined;

  /** The tables before the first picture: empty until that has begun. */
  get head(): Buffer {
    return this.#head ?? Buffer.alloc(0);
  }

  /** @throws VideoError TRANSPORT_STREAM_INVALID */
  push(chunk: Buffer): TransportPicture[] {
    const pictures: TransportPicture[] = [];
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let offset = 0;
    for (; offset + PACKET_BYTES <= bytes.length; offset += PACKET_BYTES) {
      pictures.push(...this.#take(bytes.subarray(offset, offset + PACKET_BYTES)));
    }
    this.#rest = Buffer.from(bytes.subarray(offset));
    return pictures;
  }

  #take(packet: Buffer): TransportPicture[] {
    if (packet[0] !== SYNC_BYTE) throw invalid('lost its footing');
    const isStart = ((packet[1] ?? 0) & 0x40) !== 0;
    const { payload, isRandomAccess, isStuffed } = split(packet);
    const begun = isStart ? pesFrom(payload) : undefined;
    if (begun !== undefined) {
      const pictures = this.#close();
      this.#head ??= Buffer.concat(this.#tables);
      const packets = [...this.#tables, packet];
      this.#tables = [];
      this.#open = { ...begun, isKey: isRandomAccess, packets, bytes: payload.length };
      return [...pictures, ...this.#closeIfWhole(false)];
    }
    // A table, or the rest of something that began before we listened.
    if (isStart || this.#open === undefined || payload.length === 0) {
      this.#tables.push(packet);
      return [];
    }
    this.#open.packets.push(packet);
    this.#open.bytes += payload.length;
    if (this.#open.bytes > MAX_PICTURE_BYTES) throw invalid('a picture without an end');
    return this.#closeIfWhole(isStuffed);
  }

  #closeIfWhole(isStuffed: boolean): TransportPicture[] {
    const open = this.#open;
    if (open === undefined) return [];
    const isWhole = open.wantedBytes === undefined ? isStuffed : open.bytes >= open.wantedBytes;
    return isWhole ? this.#close() : [];
  }

  #close(): TransportPicture[] {
    const open = this.#open;
    this.#open = undefined;
    return open === undefined ? [] : [{ bytes: Buffer.concat(open.packets), isKey: open.isKey, time: open.time }];
  }
}

/** §2.4.3.2 and the adaptation field, §2.4.3.4. */
function split(packet: Buffer): { payload: Buffer; isRandomAccess: boolean; isStuffed: boolean } {
  const control = ((packet[3] ?? 0) >> 4) & 3;
  const fieldBytes = (control & 2) === 0 ? 0 : 1 + (packet[4] ?? 0);
  if (4 + fieldBytes > PACKET_BYTES) throw invalid('adaptation field');
  const flags = fieldBytes > 1 ? (packet[5] ?? 0) : 0;
  return {
    payload: (control & 1) === 0 ? packet.subarray(PACKET_BYTES) : packet.subarray(4 + fieldBytes),
    isRandomAccess: (flags & 0x40) !== 0,
    isStuffed: fieldBytes > 0,
  };
}

/** The head of a packetized picture, §2.4.3.6; undefined for a payload that is none. */
function pesFrom(payload: Buffer): { time: number; wantedBytes: number | undefined } | undefined {
  const isVideo = payload.length >= 14 && payload.readUIntBE(0, 3) === 1 && payload[3] === VIDEO_STREAM;
  if (!isVideo) return undefined;
  if (((payload[7] ?? 0) & 0x80) === 0) throw invalid('a picture without a time');
  const length = payload.readUInt16BE(4);
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = payload.subarray(9, 14);
  // PTS[32..30], [29..15] and [14..0], each followed by a marker bit.
  const time = ((a >> 1) & 7) * 2 ** 30 + ((b << 7) | (c >> 1)) * 2 ** 15 + ((d << 7) | (e >> 1));
  return { time, wantedBytes: length === 0 ? undefined : length + PES_HEAD_BYTES };
}

function invalid(detail: string): VideoError {
  return new VideoError('TRANSPORT_STREAM_INVALID', { detail });
}
