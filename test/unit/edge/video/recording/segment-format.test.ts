import { RecordingError } from '@dipper/edge/video/recording/recording-error';
import { groupBytes, scanGroups } from '@dipper/edge/video/recording/segment-format';
import type { VideoUnit } from '@dipper/edge/video/ring';
import { expect, it } from 'vitest';
import { renderTestStream } from '../../../../support/test-stream.ts';

it('finds groups in anything a disk may give back, or says that it is damaged; never more than is there', async () => {
  const { init, fragments } = await renderTestStream({ pictures: 30 });
  const units = fragments.map((fragment, index): VideoUnit => {
    const atMs = Date.UTC(2026, 5, 1) + index * 40;
    return { index, init, fragment, atMs, senderAtMs: atMs };
  });
  const segment = Buffer.concat([init.bytes, ...[0, 10, 20].map((from) => groupBytes(units.slice(from, from + 10)))]);
  expect(scanGroups(segment)).toMatchObject({ pictures: 30, endOffset: segment.length });

  // A linear congruential generator (Numerical Recipes): a failure can be repeated.
  let seed = 20_260_602;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  let refusals = 0;
  for (let round = 0; round < 2_000; round += 1) {
    const bytes = Buffer.from(segment.subarray(0, random(segment.length + 1)));
    for (let flips = random(5); flips > 0 && bytes.length > 0; flips -= 1) {
      bytes[random(round % 2 === 0 ? Math.min(bytes.length, 1_500) : bytes.length)] = random(256);
    }
    try {
      const { groups, endOffset } = scanGroups(bytes);
      expect(endOffset).toBeLessThanOrEqual(bytes.length);
      expect(groups.every(({ offset }) => offset < endOffset)).toBe(true);
    } catch (error) {
      if (!(error instanceof RecordingError)) throw error;
      refusals += 1;
    }
  }
  expect(refusals).toBeGreaterThan(50);
  expect(refusals).toBeLessThan(1_950);
});
