import { once } from 'node:events';
import { runFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { SimulatorError } from '../simulator-error.ts';
import { SCENE_HEIGHT_PX, SCENE_WIDTH_PX } from './backdrop.ts';
import type { Composer } from './compose.ts';
import { SUB_MARK } from './frame-counter.ts';
import { FRAMES_PER_GROUP, FRAMES_PER_SEC } from './walk.ts';

export const SUB_WIDTH_PX = 640;
export const SUB_HEIGHT_PX = 360;

/**
 * Constrained baseline: no B-frames and no CABAC, so that a still picture can be repeated by hand-written skip slices
 * (skip-slice.ts) and every decoder plays it. `stitchable` keeps the parameter sets equal from clip to clip.
 */
function encoderOptions(stream: 'main' | 'sub'): string[] {
  const [crf, maxKbps, level] = stream === 'main' ? ['24', '4000', '3.1'] : ['24', '1000', '3.0'];
  return [
    ...['-c:v', 'libx264', '-profile:v', 'baseline', '-level', level, '-preset', 'superfast'],
    ...['-crf', crf, '-maxrate', `${maxKbps}k`, '-bufsize', `${maxKbps}k`],
    ...['-g', String(FRAMES_PER_GROUP), '-keyint_min', String(FRAMES_PER_GROUP), '-sc_threshold', '0', '-bf', '0'],
    ...['-x264-params', 'stitchable=1:weightp=0:sliced-threads=0:force-cfr=1:ref=1'],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
    ...['-f', 'h264'],
  ];
}

/** Both streams come from the very same frames; the mark is drawn after scaling, so main cannot carry it. */
const FILTER =
  `[0:v]split[main][copy];[copy]scale=${SUB_WIDTH_PX}:${SUB_HEIGHT_PX}:flags=area,` +
  `drawbox=x=iw*${SUB_MARK.left}:y=ih*${SUB_MARK.top}:w=iw*${SUB_MARK.width}:h=ih*${SUB_MARK.height}:color=magenta:t=fill[sub]`;

/** What a cached clip was made with; part of its key. Raise the version when drawing or encoding changes. */
export const RENDERING = {
  version: 4,
  filter: FILTER,
  main: encoderOptions('main'),
  sub: encoderOptions('sub'),
} as const;

export interface RenderOptions {
  readonly composer: Composer;
  readonly frames: number;
  readonly ffmpegPath: string;
  /** Files to write, H.264 Annex B. */
  readonly mainPath: string;
  readonly subPath: string;
  readonly signal: AbortSignal;
  /** 0..1 */
  readonly onFraction: (fraction: number) => void;
}

/**
 * Draws every frame and encodes both streams in one ffmpeg.
 * @throws SimulatorError SCENE_RENDERING_FAILED with ffmpeg's own reason
 */
export async function renderClip(options: RenderOptions): Promise<void> {
  const { composer, frames, ffmpegPath, mainPath, subPath, signal, onFraction } = options;
  const size = `${SCENE_WIDTH_PX}x${SCENE_HEIGHT_PX}`;
  const run = runFfmpeg({
    path: ffmpegPath,
    args: [
      ...['-y', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', size, '-r', String(FRAMES_PER_SEC), '-i', 'pipe:0'],
      ...[
        '-filter_complex',
        FILTER,
        '-map',
        '[main]',
        ...RENDERING.main,
        mainPath,
        '-map',
        '[sub]',
        ...RENDERING.sub,
        subPath,
      ],
    ],
    signal,
  });
  run.stdout.resume();
  let hasEnded = false;
  const ended = run.ended.then((end) => {
    hasEnded = true;
    return end;
  });
  for (let frame = 0; frame < frames && !hasEnded; frame++) {
    const { y, u, v } = composer.draw(frame);
    // One copy a frame: the composer draws the next picture while ffmpeg still reads this one.
    const isFlowing = run.stdin.write(Buffer.concat([y, u, v].map(bytesOf)));
    onFraction((frame + 1) / frames);
    if (!isFlowing) await Promise.race([once(run.stdin, 'drain'), ended]);
  }
  run.stdin.end();
  const { exitCode, error } = await ended;
  signal.throwIfAborted();
  if (exitCode !== 0) {
    throw new SimulatorError('SCENE_RENDERING_FAILED', `The scene could not be encoded. ${error.message}`, {
      cause: error,
    });
  }
}

function bytesOf(plane: Uint8ClampedArray): Uint8Array {
  return new Uint8Array(plane.buffer, plane.byteOffset, plane.length);
}
