import { Worker } from 'node:worker_threads';
import type { InferenceReply } from '@dipper/edge/vision/inference-messages';
import { InferenceQueue } from '@dipper/edge/vision/inference-queue';
import { runInferenceThread } from '@dipper/edge/vision/inference-thread';
import { ensureModels, modelsDir } from '@dipper/models/ensure-models';

/**
 * A process that gives its inference thread up in the middle of an inference, as the watchdog does (`replace`) and as the
 * owner does (`stop`), a few times over, with the real models. It prints how often it got so far.
 */
const models = await ensureModels({ dir: modelsDir(process.env), sets: ['face-capture'] });
const workerData = { detectPath: models['face-detection'].path, landmarkPath: models['face-landmarks'].path };
const frame = { widthPx: 960, heightPx: 540, rgb: new Uint8Array(960 * 540 * 3) };
const isReplaced = process.argv[2] === 'replace';
const ROUNDS = 6;
let givenUp = 0;

for (let round = 1; round <= ROUNDS; round++) {
  const owner = new AbortController();
  const queue = new InferenceQueue();
  const thread = runInferenceThread({
    start: () =>
      new Worker(new URL('../../edge/vision/inference.worker.ts', import.meta.url), { workerData, execArgv: [] }),
    queue,
    signal: owner.signal,
    // Less than the first inference of a thread takes.
    ...(isReplaced && { jobLimitMs: round * 3 }),
  });
  await thread.ready;
  const { promise, resolve, reject } = Promise.withResolvers<InferenceReply>();
  queue.add({ request: { kind: 'detect', frame }, resolve, reject }, queue);
  thread.wake();
  if (!isReplaced) setTimeout(() => owner.abort(), round * 3);
  await promise.catch(() => (givenUp += 1));
  owner.abort();
  await thread.stopped;
}
console.log('given up', givenUp);
