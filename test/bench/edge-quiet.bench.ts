import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findFfmpeg } from '@dipper/ffmpeg/find-ffmpeg';
import type { Bench, BenchContext, PreparedBench } from './bench.ts';
import { startBenchAgent } from './bench-agent.ts';
import { decodingSide, timeOf } from './decoding-reference.ts';
import { FRAMES_PER_SEC } from './encoded-loop.ts';
import { startNoisyCamera } from './noisy-camera.ts';

/** How long one sample is. */
const SAMPLE_FRAMES = 20 * FRAMES_PER_SEC;
/** Until models and compiler are warm, both streams are open, and the first ten seconds of looking closely are over. */
const WARM_UP_FRAMES = 60 * FRAMES_PER_SEC;

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
  const running = parts.move();
  return {
    dipper: {
      command: agent.command,
      sample: async () => ({ value: await timeOf(agent.process.pid, camera, SAMPLE_FRAMES), work }),
    },
    reference: decodingSide(ffmpegPath, camera, SAMPLE_FRAMES, work),
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
