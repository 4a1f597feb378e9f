/** Seconds from 1900 (NTP) to 1970 (Unix). */
const NTP_UNIX_OFFSET_SEC = 2_208_988_800;

const SENDER_REPORT = 200;
const SOURCE_DESCRIPTION = 202;
const GOODBYE = 203;

export interface SenderReport {
  readonly ssrc: number;
  /** The sender's wall clock, milliseconds since 1970, and the RTP timestamp of the same instant. */
  readonly wallClockMs: number;
  readonly rtpTimestamp: number;
  readonly packetCount: number;
  readonly octetCount: number;
  readonly cname: string;
}

/** A compound RTCP packet: sender report and source description (RFC 3550, 6.1, 6.4.1, 6.5). */
export function encodeSenderReport(report: SenderReport): Buffer {
  const packet = Buffer.alloc(28);
  packet[0] = 0x80;
  packet[1] = SENDER_REPORT;
  packet.writeUInt16BE(6, 2);
  packet.writeUInt32BE(report.ssrc >>> 0, 4);
  const seconds = Math.floor(report.wallClockMs / 1_000);
  const fraction = Math.floor(((report.wallClockMs / 1_000) % 1) * 2 ** 32);
  packet.writeUInt32BE((seconds + NTP_UNIX_OFFSET_SEC) >>> 0, 8);
  packet.writeUInt32BE(fraction >>> 0, 12);
  packet.writeUInt32BE(report.rtpTimestamp >>> 0, 16);
  packet.writeUInt32BE(report.packetCount >>> 0, 20);
  packet.writeUInt32BE(report.octetCount >>> 0, 24);
  return Buffer.concat([packet, encodeSourceDescription(report.ssrc, report.cname)]);
}

/** Tells that a source ends (RFC 3550, 6.6). */
export function encodeGoodbye(ssrc: number): Buffer {
  const packet = Buffer.alloc(8);
  packet[0] = 0x81;
  packet[1] = GOODBYE;
  packet.writeUInt16BE(1, 2);
  packet.writeUInt32BE(ssrc >>> 0, 4);
  return packet;
}

function encodeSourceDescription(ssrc: number, cname: string): Buffer {
  const name = Buffer.from(cname);
  // Item type, length, text, and at least one zero to end the list, padded to 32 bits.
  const bodyBytes = 4 + Math.ceil((2 + name.length + 1) / 4) * 4;
  const packet = Buffer.alloc(4 + bodyBytes);
  packet[0] = 0x81;
  packet[1] = SOURCE_DESCRIPTION;
  packet.writeUInt16BE(bodyBytes / 4, 2);
  packet.writeUInt32BE(ssrc >>> 0, 4);
  packet[8] = 1;
  packet[9] = name.length;
  name.copy(packet, 10);
  return packet;
}
