import { type FfmpegRun, keepFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import Mpeg1Muxer from 'node-rtsp-stream/mpeg1muxer.js';
import type { InitSegment } from '../init-segment.ts';

export interface Mpeg1MuxerOptions {
  readonly ffmpegPath: string;
  /** Of the stream to be written to the child. */
  readonly init: InitSegment;
  /** Pictures before this one are decoded and left out: its presentation time, in ticks of the init segment. */
  readonly firstTime: number;
  readonly signal: AbortSignal;
}

/** JSMpeg decodes without the graphics card: 720p takes a third of a core of a desktop, 1080p most of a phone's. */
const MAX_WIDTH_PX = 1280;
/** MPEG-1 knows 23.976 to 60 pictures a second and refuses what cameras like to send: 10, 12, 15, 20. */
const FRAMES_PER_SEC = 25;
/** MPEG-1 needs about twice the bits of H.264 for the same picture. */
const BITRATE_KBPS = 3_000;
/** Who joins late, or fell behind, waits for a key frame: one a second. */
const GROUP_LENGTH = FRAMES_PER_SEC;

/** Size of the pictures that come out: not wider than what a page can decode, with even sides. */
export function mpeg1Size({ widthPx, heightPx }: Pick<InitSegment, 'widthPx' | 'heightPx'>) {
  const width = Math.min(MAX_WIDTH_PX, widthPx) & ~1;
  return { widthPx: width, heightPx: Math.round((heightPx * width) / widthPx / 2) * 2 };
}

/**
 * An ffmpeg that makes MPEG-1 in an MPEG transport stream of the fragments that are written to it: `node-rtsp-stream`'s muxer,
 * which starts it, reading from a pipe instead of a camera. We keep the child as all others. Times pass through it
 * (`-copyts`) in ticks of 90 kHz.
 */
export function startMpeg1Muxer({ ffmpegPath, init, firstTime, signal }: Mpeg1MuxerOptions): FfmpegRun {
  const { widthPx, heightPx } = mpeg1Size(init);
  const firstSec = ((firstTime - 0.5) / init.timescale).toFixed(6);
  const muxer = new Mpeg1Muxer({
    ffmpegPath,
    url: 'pipe:0',
    ffmpegOptions: {
      ...{ '-loglevel': 'error', '-an': '', '-r': String(FRAMES_PER_SEC), '-fps_mode': 'vfr', '-copyts': '' },
      '-vf': `select=gte(t\\,${firstSec}),scale=${widthPx}:${heightPx}`,
      ...{ '-bf': '0', '-g': String(GROUP_LENGTH), '-threads': '1' },
      // A street lamp that flickers is no change of scene, and each key frame costs as much as ten others.
      '-sc_threshold': '1000000000',
      ...{ '-b:v': `${BITRATE_KBPS}k`, '-maxrate': `${BITRATE_KBPS * 1.5}k`, '-bufsize': `${BITRATE_KBPS}k` },
      // No lead for a player's buffer, and the length of each picture told, so that its end is known when it comes.
      ...{ '-muxdelay': '0', '-muxpreload': '0', '-avoid_negative_ts': 'disabled', '-omit_video_pes_length': '0' },
      '-flush_packets': '1',
    },
  });
  const run = keepFfmpeg(muxer.stream, { signal });
  run.stdin.write(init.bytes);
  return run;
}
