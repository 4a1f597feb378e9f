import { rtspInputScript } from '@dipper/ffmpeg/rtsp-input';
import { runFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import type { Side } from './bench.ts';
import { FRAMES_PER_SEC } from './encoded-loop.ts';
import type { LoopCamera } from './loop-camera.ts';
import { processorTimeMs } from './processor-time.ts';

/** Until ffmpeg has opened the stream and seen a key frame. */
const OPEN_FRAMES = 4 * FRAMES_PER_SEC;

/** What a camera is held against: ffmpeg decoding the same main stream to nothing on one thread, live beside the agent. */
export function decodingSide(ffmpegPath: string, camera: LoopCamera, frames: number, work: string): Side {
  return {
    command: `ffmpeg -threads 1 -rtsp_transport tcp -i ${camera.main} -f null -`,
    /** In milliseconds of processor per second of video. */
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
        return { value: await timeOf(run.pid, camera, frames), work };
      } finally {
        stop.abort();
        await run.ended;
      }
    },
  };
}

/** @returns milliseconds of processor per second of video, over so many frames from now */
export async function timeOf(pid: number, camera: LoopCamera, frames: number): Promise<number> {
  const beforeMs = processorTimeMs(pid);
  await camera.frames(frames);
  return (processorTimeMs(pid) - beforeMs) / (frames / FRAMES_PER_SEC);
}
