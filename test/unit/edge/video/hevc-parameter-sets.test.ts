import { describe, expect, it } from 'vitest';
import { changedFormat, h265Format, isKeyPicture, sampleEntryFor } from '../../../../edge/video/codec.ts';
import { parameterSetsFromHvcC } from '../../../../edge/video/hevc-parameter-sets.ts';
import { VideoError } from '../../../../edge/video/video-error.ts';

/** What ffmpeg 5.1 writes into MP4 for streams of libx265 3.5: 328×188 (coded as 328×192) in 8 bits, 1920×1080 in 10. */
const SMALL =
  '0101600000009000000000003cf000fcfdf8f800000f03' +
  'a00001001840010c01ffff01600000030090000003000003003cba0240' +
  'a10001002a42010101600000030090000003000003003ca00a880c1cb796e92930bc05a02000000300200000030141' +
  'a2000100064401c073c189';
const TEN_BITS =
  '01022000000090000000000078f000fcfdfafa00000f03' +
  'a00001001840010c01ffff022000000300900000030000030078ba0240' +
  'a10001002c420101022000000300900000030000030078a003c0801107cad96e92930bc05a020000030002000003001410' +
  'a2000100064401c073c189';

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');
const formatOf = (hex: string) => h265Format(parameterSetsFromHvcC(bytesOf(hex)));

/** An access unit as MP4 holds it. */
function accessUnit(...units: readonly (readonly number[] | Buffer)[]): Buffer {
  return Buffer.concat(
    units.flatMap((unit) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(unit.length);
      return [length, Buffer.from(unit)];
    }),
  );
}
/** @param type nal_unit_type */
const slice = (type: number): number[] => [type << 1, 1, 0x80, 0];

describe('parameter sets of H.265', () => {
  it('tell size, name and record', () => {
    expect(sampleEntryFor(formatOf(SMALL))).toMatchObject({ type: 'hvc1', widthPx: 328, heightPx: 188 });
    expect(sampleEntryFor(formatOf(TEN_BITS))).toMatchObject({ widthPx: 1920, heightPx: 1080 });
    expect(formatOf(SMALL).codec).toBe('hvc1.1.6.L60.90');
    expect(formatOf(TEN_BITS).codec).toBe('hvc1.2.4.L120.90');
    for (const hex of [SMALL, TEN_BITS]) {
      expect(sampleEntryFor(formatOf(hex)).record.content.toString('hex')).toBe(hex);
    }
  });

  it('that come with a picture count from there on', () => {
    const before = formatOf(SMALL);
    const next = parameterSetsFromHvcC(bytesOf(TEN_BITS));
    const sent = [...next.vps, ...next.sps, ...next.pps];
    const after = changedFormat(before, accessUnit(...sent, slice(19)));
    expect(after).toMatchObject({ kind: 'h265', codec: 'hvc1.2.4.L120.90', parameterSets: next });
    expect(changedFormat(formatOf(TEN_BITS), accessUnit(...sent, slice(19)))).toBeUndefined();
  });

  it('that are cut short or damaged are refused by name, whatever is wrong with them', () => {
    const whole = bytesOf(TEN_BITS);
    for (let length = 0; length < whole.length; length++) {
      const reading = () => h265Format(parameterSetsFromHvcC(whole.subarray(0, length)));
      expect(reading, `${length} bytes`).toThrow(expect.objectContaining({ code: 'PARAMETER_SETS_INVALID' }));
    }
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const damaged = Buffer.from(whole);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      try {
        sampleEntryFor(h265Format(parameterSetsFromHvcC(damaged)));
      } catch (error) {
        if (!(error instanceof VideoError)) throw error;
      }
    }
  });
});

it('a decoder of H.265 can start with a random access picture only', () => {
  const format = formatOf(SMALL);
  const keys = [1, 0, 16, 19, 20, 21].filter((type) => isKeyPicture(format, accessUnit([0x4e, 1, 5, 0], slice(type))));
  expect(keys).toEqual([16, 19, 20, 21]);
  expect(isKeyPicture(format, accessUnit([0x4e, 1, 5, 0]))).toBe(false);
});
