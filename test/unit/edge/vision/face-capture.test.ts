import { createFaceCapture } from '@dipper/edge/vision/face-capture';
import type { FaceWorker } from '@dipper/edge/vision/face-worker';
import type { RgbFrame } from '@dipper/edge/vision/frame';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { frameOf, groupPhoto, startFaceWorker } from '../../../support/face-pictures.ts';

let worker: FaceWorker;
let sharpFrame: RgbFrame;
let blurredFrame: RgbFrame;
let emptyFrame: RgbFrame;
beforeAll(async () => {
  worker = await startFaceWorker();
  sharpFrame = await frameOf(await groupPhoto());
  blurredFrame = await frameOf((await groupPhoto()).blur(1.2));
  emptyFrame = { ...sharpFrame, rgb: new Uint8Array(sharpFrame.rgb.length).fill(100) };
});
afterAll(() => worker[Symbol.asyncDispose]());

describe('watching a stream for faces', () => {
  test('three people come, stay and leave: three shots, each of the sharpest frame', async () => {
    const capture = createFaceCapture({ models: worker.forStream() });
    const taken: { atMs: number; frame: RgbFrame; dueAtMs: number }[] = [];
    for (let atMs = 0; atMs <= 6000; atMs += 200) {
      const frame = atMs < 600 ? blurredFrame : atMs === 600 ? sharpFrame : atMs < 5000 ? blurredFrame : emptyFrame;
      const { shots, faces } = await capture.observe(frame, atMs);
      expect(faces).toHaveLength(frame === emptyFrame ? 0 : 3);
      taken.push(...shots.map((shot) => ({ atMs: shot.atMs, frame: shot.frame, dueAtMs: atMs })));
    }
    expect(taken).toHaveLength(3);
    for (const shot of taken) expect(shot).toMatchObject({ atMs: 600, dueAtMs: 3000 });
    expect(taken.every(({ frame }) => frame === sharpFrame)).toBe(true);
    expect(capture.end()).toEqual([]);
  });

  test('who leaves before three seconds are over is sent when the track ends, or the stream', async () => {
    const capture = createFaceCapture({ models: worker.forStream() });
    await capture.observe(sharpFrame, 0);
    expect((await capture.observe(emptyFrame, 1000)).shots).toEqual([]);
    expect((await capture.observe(emptyFrame, 1200)).shots).toHaveLength(3);
    await capture.observe(sharpFrame, 1400);
    expect(capture.end()).toHaveLength(3);
    expect(capture.end()).toEqual([]);
  });

  test('a shot tells of all adequate looks; who has given it is followed and not judged again, unless somebody listens', async () => {
    let judged = 0;
    const models = worker.forStream();
    const counting = {
      detect: models.detect,
      landmarks(...asked: Parameters<typeof models.landmarks>) {
        judged += 1;
        return models.landmarks(...asked);
      },
    };
    const capture = createFaceCapture({ models: counting, waitMs: 400 });
    expect(await capture.observe(emptyFrame, 0)).toMatchObject({ isDone: false });
    await capture.observe(sharpFrame, 200);
    expect(await capture.observe(sharpFrame, 400)).toMatchObject({ isDone: false });
    const { shots, isDone } = await capture.observe(sharpFrame, 600);
    expect(shots.map(({ looks }) => looks.length)).toEqual([3, 3, 3]);
    expect(shots[0]?.looks[0]).not.toHaveProperty('seenIn.rgb');
    expect(isDone).toBe(true);
    expect(judged).toBe(9);
    expect((await capture.observe(sharpFrame, 800)).faces).toHaveLength(3);
    expect(judged).toBe(9);

    const seen: number[] = [];
    const listened = createFaceCapture({ models, waitMs: 0, onSeen: (_, __, faces) => seen.push(faces.length) });
    await listened.observe(sharpFrame, 0);
    expect(await listened.observe(sharpFrame, 200)).toMatchObject({ isDone: false });
    expect(seen).toEqual([3, 3]);
  });
});
