/** Dynamic payload type announced in the SDP. */
export const PAYLOAD_TYPE = 96;

/** H.264's RTP clock (RFC 6184, 8.2.1). */
export const RTP_CLOCK_HZ = 90_000;

/** Largest RTP payload; with headers it stays below an Ethernet frame, as cameras do even over TCP. */
export const MAX_PAYLOAD_BYTES = 1_400;

const FU_A = 28;

export interface RtpPosition {
  /** 32 bits. */
  readonly ssrc: number;
  /** 32 bits, wraps. */
  readonly timestamp: number;
  /** 16 bits, wraps: of the first packet. */
  readonly sequence: number;
}

/**
 * Packs the NAL units of one access unit into RTP packets: single NAL unit packets and, for large ones, FU-A fragments
 * (RFC 6184, 5.6 and 5.8). The marker bit is on the last packet (RFC 3550, 5.1).
 */
export function packetize(units: readonly Buffer[], position: RtpPosition): Buffer[] {
  const payloads = units.flatMap((unit) => fragment(unit));
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

function fragment(unit: Buffer): Buffer[] {
  if (unit.length <= MAX_PAYLOAD_BYTES) return [unit];
  const header = unit[0] ?? 0;
  const fragments: Buffer[] = [];
  for (let offset = 1; offset < unit.length; offset += MAX_PAYLOAD_BYTES - 2) {
    const end = Math.min(unit.length, offset + MAX_PAYLOAD_BYTES - 2);
    const isFirst = offset === 1;
    const isLast = end === unit.length;
    const indicator = Buffer.from([
      (header & 0xe0) | FU_A,
      (isFirst ? 0x80 : 0) | (isLast ? 0x40 : 0) | (header & 0x1f),
    ]);
    fragments.push(Buffer.concat([indicator, unit.subarray(offset, end)]));
  }
  return fragments;
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
