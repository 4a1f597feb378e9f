import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findFfmpeg } from '@dipper/ffmpeg/find-ffmpeg';
import { rtspInputScript } from '@dipper/ffmpeg/rtsp-input';
import { runFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import type { Bench, BenchContext, PreparedBench } from './bench.ts';
import { startBenchAgent } from './bench-agent.ts';
import { FRAMES_PER_SEC, startNoisyCamera } from './noisy-camera.ts';
import { processorTimeMs } from './processor-time.ts';

/** How long one sample is. */
const SAMPLE_FRAMES = 20 * FRAMES_PER_SEC;
/** Until models and compiler are warm, both streams are open, and the first ten seconds of looking closely are over. */
const WARM_UP_FRAMES = 60 * FRAMES_PER_SEC;
/** Until ffmpeg has opened the stream and seen a key frame. */
const OPEN_FRAMES = 4 * FRAMES_PER_SEC;

/** Goal: issue 3, Speed and memory. */
export const bench: Bench = {
  what: 'processor time of a whole agent (faces, recorder on) over a quiet 1080p25 camera, against ffmpeg decoding the same main stream to nothing on one thread',
  unit: 'ms of processor per second of video',
  goal: { ratio: 0.25, is: 'at-most' },
  prepare,
};

async function prepare({ seed }: BenchContext): Promise<PreparedBench> {
  await using parts = new AsyncDisposableStack();
  const { path: ffmpegPath } = await findFfmpeg({ env: process.env });
  const camera = parts.use(await startNoisyCamera(ffmpegPath, seed));
  const { main, sub, login } = camera;
  const agent = parts.use(await startBenchAgent([{ id: 'camera', login, streams: { main, sub } }]));
  await camera.frames(WARM_UP_FRAMES);

  const work = `${SAMPLE_FRAMES} frames of the main stream`;
  /** @returns milliseconds of processor per second of video */
  async function timeOf(pid: number): Promise<number> {
    const beforeMs = processorTimeMs(pid);
    await camera.frames(SAMPLE_FRAMES);
    return (processorTimeMs(pid) - beforeMs) / (SAMPLE_FRAMES / FRAMES_PER_SEC);
  }

  const running = parts.move();
  return {
    dipper: {
      command: agent.command,
      sample: async () => ({ value: await timeOf(agent.process.pid), work }),
    },
    reference: {
      command: `ffmpeg -threads 1 -rtsp_transport tcp -i ${camera.main} -f null -`,
      async sample() {
        const stop = new AbortController();
        const input = rtspInputScript({ url: camera.main, ...camera.login, timeoutMs: 5_000 });
        const run = runFfmpeg({
          path: ffmpegPath,
          args: ['-threads', '1', ...input.args, '-map', '0:v:0', '-f', 'null', '-'],
          input: input.stdin,
          signal: stop.signal,
        });
        run.stdout.resume();
        try {
          await camera.frames(OPEN_FRAMES);
          if (run.pid === undefined) throw (await run.ended).error;
          return { value: await timeOf(run.pid), work };
        } finally {
          stop.abort();
          await run.ended;
        }
      },
    },
    detail: () => ({
      mainKbps: camera.mainKbps,
      recordedMegabytes: Math.round(sizeOf(join(agent.dir, 'recordings')) / 1e6),
    }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Bytes of all files below a folder. */
function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
