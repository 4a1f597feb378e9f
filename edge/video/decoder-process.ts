import { once } from 'node:events';
import { runFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { Fmp4Parser, RAW_MAX_BOX_BYTES } from './fmp4-parser.ts';
import type { InitSegment } from './init-segment.ts';
import { NICENESS } from './niceness.ts';
import { VideoError } from './video-error.ts';

/** A decoded picture: packed RGB, three bytes a pixel, row by row without padding. */
export interface RawPicture {
  readonly rgb: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Ticks of the compressed stream's timescale: finds the unit it came from. */
  readonly presentationTime: number;
}

export interface DecoderProcessOptions {
  readonly ffmpegPath: string;
  /** Of the stream to be decoded. */
  readonly init: InitSegment;
  /** ffmpeg's `select` expression: which pictures to put out. Default: all. */
  readonly select?: string;
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

/**
 * A decoder as a child fed with MP4 fragments: MP4 on both sides carries exact times through it. QuickTime's muxer puts
 * a picture out when the next one comes, so pictures are late by one output interval.
 */
export function startDecoderProcess(options: DecoderProcessOptions): DecoderProcess {
  const { ffmpegPath: path, signal } = options;
  const run = runFfmpeg({ path, args: decoderArgs(options), niceness: NICENESS.capture, signal });
  const gone = run.ended.then(() => undefined);
  run.stdin.write(options.init.bytes);

  async function* pictures(): AsyncGenerator<RawPicture, void> {
    const parser = new Fmp4Parser({ maxBoxBytes: RAW_MAX_BOX_BYTES });
    for await (const chunk of run.stdout as AsyncIterable<Buffer>) {
      for (const segment of parser.push(chunk)) {
        if (segment.kind === 'init') continue;
        const { widthPx, heightPx } = segment.init;
        const { payload, presentationTime } = segment.fragment;
        if (payload.length !== widthPx * heightPx * 3) throw new VideoError('MP4_INVALID', { detail: 'picture size' });
        yield { rgb: payload, widthPx, heightPx, presentationTime };
      }
    }
  }

  return {
    async write(fragment) {
      if (run.stdin.destroyed || run.stdin.writableEnded) return;
      if (run.stdin.write(fragment)) return;
      await Promise.race([once(run.stdin, 'drain').catch(() => undefined), gone]);
    },
    end: () => void run.stdin.end(),
    pictures: pictures(),
    ended: run.ended.then((end) => end.error),
  };
}

function decoderArgs({ init, select, maxWidthPx }: DecoderProcessOptions): string[] {
  const filters = [
    ...(select === undefined ? [] : [`select='${select}'`]),
    // Even sides: QuickTime pads odd rows.
    ...(maxWidthPx === undefined || init.widthPx <= maxWidthPx ? [] : [`scale=${maxWidthPx & ~1}:-2`]),
  ];
  return [
    // One thread on each side: frame threads cost a picture of delay each, and the cores are shared with the models.
    ...['-copyts', '-threads', '1', '-flags', 'low_delay', '-probesize', '32', '-analyzeduration', '0'],
    ...['-f', 'mp4', '-i', 'pipe:0', '-filter_threads', '1', '-vf', filters.length === 0 ? 'null' : filters.join(',')],
    ...['-fps_mode', 'passthrough', '-threads', '1', '-c:v', 'rawvideo', '-pix_fmt', 'rgb24'],
    ...['-enc_time_base', `1:${init.timescale}`, '-video_track_timescale', String(init.timescale)],
    // Without these the first picture would have time 0.
    ...['-avoid_negative_ts', 'disabled', '-use_editlist', '0'],
    ...['-f', 'mov', '-movflags', 'frag_every_frame+empty_moov+default_base_moof+frag_discont'],
    ...['-flush_packets', '1', 'pipe:1'],
  ];
}
