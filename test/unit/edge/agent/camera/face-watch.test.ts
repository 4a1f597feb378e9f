import { pino } from 'pino';
import { expect, it } from 'vitest';
import { startFaceWatch } from '../../../../../edge/agent/camera/face-watch.ts';
import type { DecodedFrame } from '../../../../../edge/video/decoded-frame.ts';
import type { FaceModels } from '../../../../../edge/vision/face-models.ts';
import { eventually } from '../../../../support/eventually.ts';

const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now(), after: () => () => undefined };
const frameAt = (atMs: number) =>
  ({ rgb: new Uint8Array(12), widthPx: 2, heightPx: 2, atMs, senderAtMs: atMs }) as DecodedFrame;

it('looks at the newest frame when the models are slow, counts the others, and holds none of them', async () => {
  const seen: number[] = [];
  const gates: (() => void)[] = [];
  const models: FaceModels = {
    async detect(frame) {
      seen.push((frame as DecodedFrame).atMs);
      await new Promise<void>((resolve) => gates.push(resolve));
      return [];
    },
    landmarks: async () => [],
  };
  const watch = startFaceWatch({ models, onShot: () => undefined, clock, log: pino({ enabled: false }) });
  for (let atMs = 1; atMs <= 50; atMs++) watch.offer(frameAt(atMs));
  await eventually('the first is looked at', () => seen.length === 1);
  gates.shift()?.();
  await eventually('the newest is looked at', () => seen.length === 2);
  gates.shift()?.();
  await eventually('both are done', () => watch.stats().observed === 2);
  expect(seen.at(-1)).toBe(50);
  expect(watch.stats().dropped).toBe(50 - seen.length);
  await watch.close();
});

it('survives models that fail', async () => {
  let calls = 0;
  const models: FaceModels = {
    detect: () => (++calls === 1 ? Promise.reject(new Error('crashed')) : Promise.resolve([])),
    landmarks: async () => [],
  };
  const watch = startFaceWatch({ models, onShot: () => undefined, clock, log: pino({ enabled: false }) });
  watch.offer(frameAt(1));
  await eventually('the failure', () => calls === 1);
  watch.offer(frameAt(2));
  await eventually('the next frame', () => watch.stats().observed === 1);
  await watch.close();
});
