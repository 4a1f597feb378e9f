import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { VideoError } from './video-error.ts';

/** A decoded picture: packed RGB, three bytes a pixel, row by row without padding. */
export interface RawPicture {
  readonly rgb: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Ticks of the compressed stream's timescale: finds the unit it came from. */
  readonly presentationTime: number;
}

/**
 * ffmpeg filters that tell the instant of each picture on a pipe of its own. A container would carry it, too, but each of
 * ffmpeg's holds a picture back until the next one tells how long it lasts: at five pictures a second, a fifth of a second.
 */
export const tellInstants = (pipe: number): readonly string[] => [
  // Nothing is printed of a picture about which nothing is known.
  'metadata=mode=add:key=dipper:value=1',
  `metadata=mode=print:file='pipe\\:${pipe}':direct=1`,
];

/**
 * Joins pictures that come on one pipe with the instants told on the other, each as soon as it is whole. To be read once; ends
 * with the pictures' pipe.
 * @throws VideoError PICTURES_INVALID when an instant is missing or is none
 */
export async function* rawPictures(
  bytes: Readable,
  instants: Readable,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): AsyncGenerator<RawPicture, void> {
  const told = presentationTimes(instants);
  try {
    for await (const rgb of portions(bytes, widthPx * heightPx * 3)) {
      const next = await told.next();
      if (next.done) throw new VideoError('PICTURES_INVALID', { detail: 'a picture without its instant' });
      yield { rgb, widthPx, heightPx, presentationTime: next.value };
    }
  } finally {
    await told.return();
  }
}

/** @throws VideoError PICTURES_INVALID */
async function* presentationTimes(instants: Readable): AsyncGenerator<number, void> {
  const lines = createInterface({ input: instants, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) {
      if (!line.startsWith('frame:')) continue;
      const ticks = Number(/ pts:(-?\d+) /.exec(line)?.[1] ?? Number.NaN);
      if (!Number.isSafeInteger(ticks)) throw new VideoError('PICTURES_INVALID', { detail: 'no instant' });
      yield ticks;
    }
  } finally {
    lines.close();
  }
}

/** Cuts a stream into pieces of one size; what is left at its end is dropped. */
async function* portions(bytes: Readable, size: number): AsyncGenerator<Uint8Array, void> {
  let piece = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; ) {
      const count = Math.min(chunk.length - at, size - filled);
      piece.set(chunk.subarray(at, at + count), filled);
      filled += count;
      at += count;
      if (filled < size) continue;
      yield piece;
      // Whoever has the picture keeps it.
      piece = new Uint8Array(size);
      filled = 0;
    }
  }
}
