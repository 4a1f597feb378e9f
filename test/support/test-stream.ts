import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { COMPRESSED_MAX_BOX_BYTES, Fmp4Parser } from '../../edge/video/fmp4-parser.ts';
import type { Fragment } from '../../edge/video/fragment.ts';
import type { InitSegment } from '../../edge/video/init-segment.ts';

export interface TestStream {
  readonly bytes: Buffer;
  readonly init: InitSegment;
  readonly fragments: readonly Fragment[];
}

/** The ffmpeg that the suite's set-up found. */
export function ffmpegPath(): string {
  const path = process.env['FFMPEG_PATH'];
  if (path === undefined)
    throw new Error('FFMPEG_PATH is not set: the suite runs through test/support/global-setup.ts');
  return path;
}

/**
 * A stream as the edge's ffmpeg writes it, of pictures that tell their number: grey, two levels brighter with each
 * picture, so `pictureNumber` reads it back after any decoder.
 */
export async function renderTestStream({
  pictures = 50,
  groupLength = 10,
  widthPx = 160,
  heightPx = 96,
  profile = 'main',
} = {}): Promise<TestStream> {
  const bytes = await convertWithFfmpeg({
    path: ffmpegPath(),
    args: [
      ...[
        '-f',
        'lavfi',
        '-i',
        `color=black:s=${widthPx}x${heightPx}:r=25,format=yuv420p,geq=lum='20+2*mod(N\\,100)':cb=128:cr=128`,
      ],
      ...['-frames:v', String(pictures), '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'veryfast', '-qp', '4'],
      ...['-profile:v', profile, '-tune', 'zerolatency', '-bf', '0', '-g', String(groupLength), '-sc_threshold', '0'],
      ...['-video_track_timescale', '90000', '-write_prft', 'wallclock'],
      ...['-f', 'mp4', '-movflags', 'frag_every_frame+empty_moov+default_base_moof', 'pipe:1'],
    ],
    input: '',
    signal: AbortSignal.timeout(20_000),
  });
  return { bytes, ...parseAll(bytes) };
}

/** Everything in a finished stream. */
export function parseAll(bytes: Buffer): { init: InitSegment; fragments: Fragment[] } {
  const parser = new Fmp4Parser({ maxBoxBytes: COMPRESSED_MAX_BOX_BYTES });
  const segments = [...parser.push(bytes)];
  parser.end();
  const [first] = segments;
  if (first?.kind !== 'init') throw new Error('no init segment');
  return {
    init: first.init,
    fragments: segments.flatMap((segment) => (segment.kind === 'fragment' ? [segment.fragment] : [])),
  };
}

/** Reads the number of a picture of `renderTestStream` from its middle; it may be off by one, since encoders round. */
export function pictureNumber(picture: { rgb: Uint8Array; widthPx: number; heightPx: number }): number {
  const middle = (Math.floor(picture.heightPx / 2) * picture.widthPx + Math.floor(picture.widthPx / 2)) * 3;
  const luma = 16 + ((picture.rgb[middle] ?? 0) / 255) * 219;
  return Math.round((luma - 20) / 2);
}
