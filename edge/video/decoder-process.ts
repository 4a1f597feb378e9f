import { once } from 'node:events';
import { Readable } from 'node:stream';
import { runFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import type { InitSegment } from './init-segment.ts';
import { NICENESS } from './niceness.ts';
import { type RawPicture, rawPictures, tellInstants } from './raw-pictures.ts';

export interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A part of a picture, in whole pixels; even ones, since colours are kept for two by two. */
export interface PictureRegion extends PictureSize {
  readonly leftPx: number;
  readonly topPx: number;
}

export interface DecoderProcessOptions {
  readonly ffmpegPath: string;
  /** Of the stream to be decoded. */
  readonly init: InitSegment;
  /** ffmpeg's `select` expression: which pictures to put out. Default: all. */
  readonly select?: string;
  /** The part of each picture that is put out. Default: all of it. */
  readonly region?: PictureRegion;
  /** Wider pictures are scaled down to this. Default: as they are. */
  readonly maxWidthPx?: number;
  readonly signal: AbortSignal;
}

export interface DecoderProcess {
  /** Resolves when there is room for more: what waits here is at most one fragment and a pipe's buffer. */
  write(fragment: Uint8Array): Promise<void>;
  /** No more is to come; what is inside is still put out. */
  end(): void;
  /** To be read once. Ends with the child. @throws VideoError when the child's output is damaged */
  readonly pictures: AsyncIterable<RawPicture>;
  /** Resolves with the reason once the child is gone. */
  readonly ended: Promise<Error>;
}

/** A decoder as a child fed with MP4 fragments, which carry exact times into it; it puts out each picture as soon as it has it. */
export function startDecoderProcess(options: DecoderProcessOptions): DecoderProcess {
  const { ffmpegPath: path, signal } = options;
  const size = pictureSize(options);
  const args = decoderArgs(options, size);
  const run = runFfmpeg({ path, args, writesBeside: true, niceness: NICENESS.capture, signal });
  const gone = run.ended.then(() => undefined);
  run.stdin.write(options.init.bytes);

  return {
    async write(fragment) {
      if (run.stdin.destroyed || run.stdin.writableEnded) return;
      if (run.stdin.write(fragment)) return;
      await Promise.race([once(run.stdin, 'drain').catch(() => undefined), gone]);
    },
    end: () => void run.stdin.end(),
    pictures: rawPictures(run.stdout, run.beside ?? Readable.from([]), size),
    ended: run.ended.then((end) => end.error),
  };
}

function pictureSize({
  init,
  region = { leftPx: 0, topPx: 0, ...init },
  ...options
}: DecoderProcessOptions): PictureSize {
  const { widthPx, heightPx } = region;
  const { maxWidthPx = widthPx } = options;
  if (widthPx <= maxWidthPx) return { widthPx, heightPx };
  return { widthPx: maxWidthPx, heightPx: Math.max(1, Math.round((heightPx * maxWidthPx) / widthPx)) };
}

function decoderArgs({ select, region }: DecoderProcessOptions, { widthPx, heightPx }: PictureSize): string[] {
  const filters = [
    ...(select === undefined ? [] : [`select='${select}'`]),
    ...(region === undefined ? [] : [`crop=${region.widthPx}:${region.heightPx}:${region.leftPx}:${region.topPx}`]),
    // Also where it changes nothing: raw pictures have no header to say that they are of another size.
    `scale=${widthPx}:${heightPx}`,
    'format=rgb24',
    ...tellInstants(3),
  ];
  return [
    // One thread on each side: frame threads cost a picture of delay each, and the cores are shared with the models.
    ...['-copyts', '-threads', '1', '-flags', 'low_delay', '-probesize', '32', '-analyzeduration', '0'],
    ...['-f', 'mp4', '-i', 'pipe:0', '-filter_threads', '1', '-vf', filters.join(',')],
    ...['-fps_mode', 'passthrough', '-threads', '1', '-c:v', 'rawvideo', '-f', 'rawvideo'],
    ...['-flush_packets', '1', 'pipe:1'],
  ];
}
