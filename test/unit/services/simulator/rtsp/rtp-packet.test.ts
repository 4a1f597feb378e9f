import { describe, expect, test } from 'vitest';
import { interleave, MAX_PAYLOAD_BYTES, packetize } from '../../../../../services/simulator/rtsp/rtp-packet.ts';

const position = { ssrc: 0xdeadbeef, timestamp: 0xffff_fff0, sequence: 0xffff };

/** Puts fragments together again, as RFC 6184, 5.8 tells a receiver to. */
function reassemble(packets: readonly Buffer[]): Buffer[] {
  const units: Buffer[] = [];
  for (const packet of packets) {
    const payload = packet.subarray(12);
    if (((payload[0] ?? 0) & 0x1f) !== 28) {
      units.push(payload);
      continue;
    }
    const [indicator = 0, header = 0] = payload;
    if ((header & 0x80) !== 0) units.push(Buffer.from([(indicator & 0xe0) | (header & 0x1f)]));
    units[units.length - 1] = Buffer.concat([units.at(-1) ?? Buffer.alloc(0), payload.subarray(2)]);
  }
  return units;
}

describe('packetize', () => {
  test.each([1, MAX_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES + 1, 2 * MAX_PAYLOAD_BYTES, 50_000])(
    'carries a unit of %i bytes whole',
    (bytes) => {
      const unit = Buffer.alloc(bytes, 0xab);
      unit[0] = 0x65;
      const packets = packetize([unit], position);
      expect(reassemble(packets)).toEqual([unit]);
      expect(Math.max(...packets.map((packet) => packet.length))).toBeLessThanOrEqual(12 + MAX_PAYLOAD_BYTES);
    },
  );

  test.each([MAX_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES + 1, 50_000])(
    'carries a unit of H.265 of %i bytes whole',
    (bytes) => {
      const unit = Buffer.alloc(bytes, 0xab);
      unit.set([19 << 1, 1]);
      const packets = packetize([unit], position, 'h265');
      const payloads = packets.map((packet) => packet.subarray(12));
      expect(Math.max(...payloads.map(({ length }) => length))).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
      if (payloads.length === 1) return expect(payloads).toEqual([unit]);
      // RFC 7798, 4.4.3: payload header of type 49, then start, end and type.
      expect(new Set(payloads.map((payload) => payload.toString('hex', 0, 2)))).toEqual(new Set(['6201']));
      const edges = [0x80 | 19, ...payloads.slice(2).map(() => 19), 0x40 | 19];
      expect(payloads.map((payload) => payload[2])).toEqual(edges);
      expect(Buffer.concat([unit.subarray(0, 2), ...payloads.map((payload) => payload.subarray(3))])).toEqual(unit);
    },
  );

  test('wraps sequence numbers, keeps the time stamp, and marks only the last packet of the access unit', () => {
    const packets = packetize([Buffer.from([0x67, 1]), Buffer.from([0x68, 1]), Buffer.alloc(3_000, 0x65)], position);
    expect(packets.map((packet) => packet.readUInt16BE(2))).toEqual([0xffff, 0, 1, 2, 3]);
    expect(new Set(packets.map((packet) => packet.readUInt32BE(4)))).toEqual(new Set([0xffff_fff0]));
    expect(packets.map((packet) => ((packet[1] ?? 0) & 0x80) !== 0)).toEqual([false, false, false, false, true]);
  });

  test('interleaves with channel and length', () => {
    expect(interleave(3, Buffer.from([1, 2])).toString('hex')).toBe('240300020102');
  });
});
