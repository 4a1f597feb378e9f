import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { InferenceReply } from '@dipper/edge/vision/inference-messages';
import { InferenceQueue } from '@dipper/edge/vision/inference-queue';
import { runInferenceThread } from '@dipper/edge/vision/inference-thread';
import { isSuperseded } from '@dipper/edge/vision/vision-error';
import { afterEach, describe, expect, test } from 'vitest';

const [ANSWER, DIE, THROW, SILENCE, SLOW, HANG] = [1, 2, 3, 4, 5, 6];
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function startThread() {
  const owner = new AbortController();
  const queue = new InferenceQueue();
  const thread = runInferenceThread({
    start: () => new Worker(new URL('../../../support/moody-inference.worker.ts', import.meta.url), { execArgv: [] }),
    queue,
    signal: owner.signal,
    jobLimitMs: 500,
  });
  const stop = async () => {
    owner.abort();
    await thread.stopped;
  };
  stops.push(stop);
  function ask(mood = ANSWER, stream: object = owner): Promise<InferenceReply> {
    const { promise, resolve, reject } = Promise.withResolvers<InferenceReply>();
    const rgb = new Uint8Array([mood ?? 0, 0, 0]);
    queue.add({ request: { kind: 'detect', frame: { widthPx: 1, heightPx: 1, rgb } }, resolve, reject }, stream);
    thread.wake();
    return promise;
  }
  return { thread, queue, ask, stop };
}

describe('the inference thread', () => {
  test.each([
    ['dies', DIE],
    ['throws', THROW],
    ['hangs', SILENCE],
  ])('that %s fails the frame it had, and is replaced', async (_how, mood) => {
    const { thread, ask } = startThread();
    await thread.ready;
    await expect(ask(ANSWER)).resolves.toMatchObject({ kind: 'faces' });
    await expect(ask(mood)).rejects.toMatchObject({ code: 'INFERENCE_CRASHED' });
    await expect(ask(ANSWER)).resolves.toMatchObject({ kind: 'faces' });
    expect(thread.restartCount).toBe(1);
  });

  test('what waits while it is replaced is answered by the next', async () => {
    const { thread, ask } = startThread();
    await thread.ready;
    const doomed = ask(DIE, {});
    const waiting = ask(ANSWER, {});
    await expect(doomed).rejects.toMatchObject({ code: 'INFERENCE_CRASHED' });
    await expect(waiting).resolves.toMatchObject({ kind: 'faces' });
  });

  test('its owner stops it: what it works on and what waits fails', async () => {
    const { thread, ask, stop } = startThread();
    await thread.ready;
    const asked = [ask(SILENCE, {}), ask(ANSWER, {})];
    const outcomes = Promise.allSettled(asked);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await stop();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'INFERENCE_STOPPED' } });
    }
  });
});

describe('a thread in native code', () => {
  test('that hangs there is left to itself, replaced, and ends when it comes back', async () => {
    const { thread, ask } = startThread();
    await thread.ready;
    await expect(ask(HANG)).rejects.toMatchObject({ code: 'INFERENCE_CRASHED' });
    await expect(ask(ANSWER)).resolves.toMatchObject({ kind: 'faces' });
    expect(thread.hungCount).toBe(1);
    await expect.poll(() => thread.hungCount, { timeout: 4_000 }).toBe(0);
  });

  test.for(['replace', 'stop'])('is given up in the middle of an inference, and the process lives: %s', async (how) => {
    const script = fileURLToPath(new URL('../../../support/stop-mid-inference.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script, how]);
    // The later rounds may be late for their inference.
    expect(Number(/given up (\d)/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(2);
  });
});

describe('while a frame is worked on', () => {
  test('one more of each stream may wait, and the latest wins', async () => {
    const { thread, queue, ask } = startThread();
    await thread.ready;
    const [mine, others] = [{}, {}];
    const outcomes = [ask(SLOW, {})];
    await new Promise((resolve) => setTimeout(resolve, 20));
    outcomes.push(ask(ANSWER, mine), ask(ANSWER, others), ask(ANSWER, mine), ask(ANSWER, mine));
    const settled = await Promise.allSettled(outcomes);
    expect(settled.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    const reasons = settled.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
    expect(reasons.every(isSuperseded)).toBe(true);
    expect(queue.droppedCount).toBe(2);
  });
});
