import { expect, test } from 'vitest';
import { encodeSenderReport } from '../../../../../services/simulator/rtsp/rtcp-sender-report.ts';

test('a sender report ties NTP time to RTP time, and a source description follows', () => {
  const packet = encodeSenderReport({
    ssrc: 7,
    wallClockMs: Date.UTC(2026, 0, 1) + 500,
    rtpTimestamp: 4_000_000_000,
    packetCount: 3,
    octetCount: 99,
    cname: 'simulator',
  });
  // 2026-01-01T00:00:00Z is 3,976,214,400 s after 1900; half a second is 2^31.
  expect([packet.readUInt32BE(8), packet.readUInt32BE(12), packet.readUInt32BE(16)]).toEqual([
    3_976_214_400,
    2 ** 31,
    4_000_000_000,
  ]);
  const sdes = packet.subarray((packet.readUInt16BE(2) + 1) * 4);
  expect(sdes[1]).toBe(202);
  expect(sdes.length).toBe((sdes.readUInt16BE(2) + 1) * 4);
  expect(sdes.toString('latin1')).toContain('simulator\0');
});
