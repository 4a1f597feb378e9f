import { describe, expect, it } from 'vitest';
import { h264Format } from '../../../../edge/video/codec.ts';
import { startDecoderProcess } from '../../../../edge/video/decoder-process.ts';
import { withFormat } from '../../../../edge/video/init-segment.ts';
import {
  changedParameterSets,
  codecString,
  type ParameterSets,
  pictureFormat,
} from '../../../../edge/video/parameter-sets.ts';
import { ffmpegPath, pictureNumber, renderTestStream, type TestStream } from '../../../support/test-stream.ts';

function setsOf(stream: TestStream): ParameterSets {
  if (stream.init.format.kind !== 'h264') throw new Error('not H.264');
  return stream.init.format.parameterSets;
}

describe('parameter sets', () => {
  it.each([
    ['baseline', 160, 96],
    ['main', 176, 144],
    ['high', 1280, 720],
    ['high', 642, 358],
  ])('of profile %s tell the picture size %d×%d, cropping applied', async (profile, widthPx, heightPx) => {
    const sets = setsOf(await renderTestStream({ profile, widthPx, heightPx, pictures: 1 }));
    expect(pictureFormat(sets)).toMatchObject({ widthPx, heightPx, chromaFormat: 1, bitDepthLuma: 8 });
    expect(codecString(sets)).toMatch(/^avc1\.(42|4d|64)/);
  });

  it('that are repeated in the stream change nothing, others do', async () => {
    const [before, after] = await Promise.all([renderTestStream(), renderTestStream({ widthPx: 320, heightPx: 192 })]);
    const present = setsOf(before);
    const repeated = [...present.sps, ...present.pps];
    expect(changedParameterSets(present, repeated)).toBeUndefined();
    const next = setsOf(after);
    expect(changedParameterSets(present, [...next.sps, ...next.pps])).toEqual(next);
  });

  it('cut short are an error, not a guess', () => {
    const sets = { sps: [Buffer.from([0x67, 0x64, 0, 0x1f, 0xac])], pps: [Buffer.from([0x68, 0, 0, 0])] };
    expect(() => pictureFormat(sets)).toThrow(expect.objectContaining({ code: 'PARAMETER_SETS_INVALID' }));
  });

  it('that are damaged are read or refused by name, whatever is wrong with them', async () => {
    const { sps, pps } = setsOf(await renderTestStream({ profile: 'high', pictures: 1 }));
    // xorshift32: the same damage each time.
    let state = 0x2545f491;
    const below = (limit: number): number => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % limit;
    };
    const damaged = (unit: Uint8Array): Buffer => {
      const bytes = Buffer.from(unit.subarray(0, 1 + below(unit.length)));
      for (let count = below(4); count > 0; count -= 1) bytes[below(bytes.length)] = below(256);
      return bytes;
    };
    const seen = { read: 0, refused: 0 };
    for (let round = 0; round < 5_000; round += 1) {
      const sets = { sps: sps.map(damaged), pps: pps.map(damaged) };
      try {
        const { widthPx, heightPx } = pictureFormat(sets);
        expect(widthPx > 0 && heightPx > 0).toBe(true);
        codecString(sets);
        changedParameterSets({ sps, pps }, [...sets.sps, ...sets.pps]);
        seen.read += 1;
      } catch (error) {
        expect(error).toMatchObject({ code: 'PARAMETER_SETS_INVALID' });
        seen.refused += 1;
      }
    }
    expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(100);
  });

  it('put into an init segment make one that decodes the new pictures', async () => {
    const [before, after] = await Promise.all([
      renderTestStream({ profile: 'main' }),
      renderTestStream({ profile: 'high', widthPx: 320, heightPx: 192, pictures: 12 }),
    ]);
    const init = withFormat(before.init, h264Format(setsOf(after)));
    expect(init).toMatchObject({ widthPx: 320, heightPx: 192, format: after.init.format });
    const decoder = startDecoderProcess({ ffmpegPath: ffmpegPath(), init, signal: AbortSignal.timeout(10_000) });
    for (const { bytes } of after.fragments) await decoder.write(bytes);
    decoder.end();
    const numbers: number[] = [];
    for await (const picture of decoder.pictures) {
      expect(picture).toMatchObject({ widthPx: 320, heightPx: 192 });
      numbers.push(pictureNumber(picture));
    }
    expect(numbers).toHaveLength(12);
    expect(Math.abs((numbers[11] ?? 0) - 11)).toBeLessThanOrEqual(1);
  });
});
