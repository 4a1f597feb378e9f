/** Dynamic payload type announced in the SDP. */
export const PAYLOAD_TYPE = 96;

/** The RTP clock of H.264 and H.265 (RFC 6184, 8.2.1; RFC 7798, 4.1). */
export const RTP_CLOCK_HZ = 90_000;

/** Largest RTP payload; with headers it stays below an Ethernet frame, as cameras do even over TCP. */
export const MAX_PAYLOAD_BYTES = 1_400;

export type RtpCodec = 'h264' | 'h265';

/** Types of payloads that hold a fragment of a NAL unit: FU-A (RFC 6184, 5.8) and FU (RFC 7798, 4.4.3). */
const FRAGMENT = { h264: 28, h265: 49 } as const;

export interface RtpPosition {
  /** 32 bits. */
  readonly ssrc: number;
  /** 32 bits, wraps. */
  readonly timestamp: number;
  /** 16 bits, wraps: of the first packet. */
  readonly sequence: number;
}

/**
 * Packs the NAL units of one access unit into RTP packets: single NAL unit packets and, for large ones, fragments (RFC 6184,
 * 5.6 and 5.8; RFC 7798, 4.4.1 and 4.4.3). The marker bit is on the last packet (RFC 3550, 5.1).
 */
export function packetize(units: readonly Buffer[], position: RtpPosition, codec: RtpCodec = 'h264'): Buffer[] {
  const payloads = units.flatMap((unit) => fragment(unit, codec));
  return payloads.map((payload, index) => {
    const packet = Buffer.allocUnsafe(12 + payload.length);
    packet[0] = 0x80;
    packet[1] = PAYLOAD_TYPE | (index === payloads.length - 1 ? 0x80 : 0);
    packet.writeUInt16BE((position.sequence + index) & 0xffff, 2);
    packet.writeUInt32BE(position.timestamp >>> 0, 4);
    packet.writeUInt32BE(position.ssrc >>> 0, 8);
    payload.copy(packet, 12);
    return packet;
  });
}

function fragment(unit: Buffer, codec: RtpCodec): Buffer[] {
  if (unit.length <= MAX_PAYLOAD_BYTES) return [unit];
  const { head, type } = fragmentHead(unit, codec);
  const fragments: Buffer[] = [];
  const headerBytes = head.length;
  const pieceBytes = MAX_PAYLOAD_BYTES - headerBytes - 1;
  for (let offset = headerBytes; offset < unit.length; offset += pieceBytes) {
    const end = Math.min(unit.length, offset + pieceBytes);
    const edges = (offset === headerBytes ? 0x80 : 0) | (end === unit.length ? 0x40 : 0);
    fragments.push(Buffer.concat([head, Buffer.of(edges | type), unit.subarray(offset, end)]));
  }
  return fragments;
}

/** A NAL unit's header with the fragment's type in place of its own, and its own. */
function fragmentHead(unit: Buffer, codec: RtpCodec): { head: Buffer; type: number } {
  const [first = 0, second = 0] = unit;
  if (codec === 'h264') return { head: Buffer.of((first & 0xe0) | FRAGMENT.h264), type: first & 0x1f };
  return { head: Buffer.of((first & 0x81) | (FRAGMENT.h265 << 1), second), type: (first >> 1) & 0x3f };
}

/** Wraps a packet for a channel of the RTSP connection (RFC 2326, 10.12). */
export function interleave(channel: number, packet: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(4 + packet.length);
  framed[0] = 0x24;
  framed[1] = channel;
  framed.writeUInt16BE(packet.length, 2);
  packet.copy(framed, 4);
  return framed;
}
