import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFaceWorker } from '@dipper/edge/vision/face-worker';
import { expect, test } from 'vitest';
import { frameOf, groupPhoto, startFaceWorker } from '../../../support/face-pictures.ts';

test('a file that is no model fails the start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dipper-vision-'));
  const path = join(folder, 'no.onnx');
  await writeFile(path, 'no model');
  const starting = createFaceWorker({ detectPath: path, landmarkPath: path, signal: new AbortController().signal });
  await expect(starting).rejects.toMatchObject({ code: 'MODEL_UNUSABLE' });
  await rm(folder, { recursive: true });
});

test('the frame stays the caller’s own, also when its bytes lie in a larger buffer', async () => {
  await using worker = await startFaceWorker();
  const frame = await frameOf(await groupPhoto());
  const larger = new Uint8Array(frame.rgb.length + 100);
  larger.set(frame.rgb, 100);
  const inside = { ...frame, rgb: larger.subarray(100) };
  expect(await worker.detect(inside)).toEqual(await worker.detect(frame));
  expect(inside.rgb).toEqual(new Uint8Array(frame.rgb));
});

test('a box outside of the frame is refused', async () => {
  await using worker = await startFaceWorker();
  const frame = await frameOf(await groupPhoto());
  const outside = { leftPx: 700, topPx: 0, widthPx: 50, heightPx: 50 };
  await expect(worker.landmarks(frame, outside)).rejects.toMatchObject({ code: 'FRAME_INVALID' });
});

test('after its owner stopped it nothing is answered', async () => {
  const owner = new AbortController();
  const worker = await startFaceWorker(owner.signal);
  const frame = await frameOf(await groupPhoto());
  owner.abort();
  await expect(worker.detect(frame)).rejects.toMatchObject({ code: 'INFERENCE_STOPPED' });
  await worker[Symbol.asyncDispose]();
});
