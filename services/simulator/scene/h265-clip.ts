import { rename } from 'node:fs/promises';
import { runFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { SimulatorError } from '../simulator-error.ts';
import { FRAMES_PER_GROUP, FRAMES_PER_SEC } from './walk.ts';

const ENCODER = [
  ...['-c:v', 'libx265', '-preset', 'ultrafast', '-tune', 'zerolatency', '-crf', '26', '-bf', '0'],
  '-x265-params',
  `log-level=none:keyint=${FRAMES_PER_GROUP}:min-keyint=${FRAMES_PER_GROUP}:scenecut=0:open-gop=0:bframes=0:frame-threads=1`,
];

export interface H265ClipOptions {
  /** A rendered clip, H.264 Annex B. */
  readonly from: string;
  /** The file to write, H.265 Annex B; it is whole as soon as it is there. */
  readonly to: string;
  readonly ffmpegPath: string;
  readonly signal: AbortSignal;
}

/**
 * The same clip as a camera of H.265 sends it, key frames at the same places.
 * @throws SimulatorError SCENE_RENDERING_FAILED with ffmpeg's own reason, e.g. that it has no libx265
 */
export async function encodeH265Clip({ from, to, ffmpegPath, signal }: H265ClipOptions): Promise<void> {
  const part = `${to}.${process.pid}.part`;
  const args = ['-y', '-f', 'h264', '-framerate', String(FRAMES_PER_SEC), '-i', from, ...ENCODER, '-f', 'hevc', part];
  const run = runFfmpeg({ path: ffmpegPath, args, input: '', signal });
  run.stdout.resume();
  const { exitCode, error } = await run.ended;
  signal.throwIfAborted();
  if (exitCode !== 0) {
    const message = `The scene could not be encoded as H.265. ${error.message}`;
    throw new SimulatorError('SCENE_RENDERING_FAILED', message, { cause: error });
  }
  await rename(part, to);
}
