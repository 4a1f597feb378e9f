import type { Ring, VideoUnit, Waiter } from './ring.ts';
import { isVideoError } from './video-error.ts';

export interface ReaderOptions {
  /** `latest-key`: the newest group from its start. `live`: the next key frame to come. Else the key frame at or before. */
  readonly from: 'latest-key' | 'live' | { readonly atMs: number };
  /** A reader further behind than this skips to the newest key frame, if that brings it forward. Default: never. */
  readonly maxLagMs?: number;
  readonly signal?: AbortSignal;
}

/** Gives units at its reader's pace: a key frame first, and one after each gap. Ends with the ring or the signal. */
export interface RingReader extends AsyncIterable<VideoUnit> {
  /** Units that this reader was too slow for. */
  readonly skipped: number;
}

/** The part of a ring that a reader looks at. Indices run without gaps; the oldest unit is always a key frame. */
export type RingView = Pick<Ring, 'newest'> & {
  wait(): Waiter;
  at(index: number): VideoUnit | undefined;
  oldestIndex(): number;
  nextIndex(): number;
  /** The newest key frame that satisfies this. */
  findKey(isWanted: (unit: VideoUnit) => boolean): VideoUnit | undefined;
};

export function createRingReader(ring: RingView, options: ReaderOptions): RingReader {
  const { from, maxLagMs = Number.POSITIVE_INFINITY, signal } = options;
  let position = startIndex(ring, from);
  let awaitsKey = from === 'live';
  let skipped = 0;

  function skipTo(index: number): void {
    skipped += Math.max(0, index - position);
    position = Math.max(position, index);
  }

  /** The unit to give now; undefined while there is none. */
  function take(): VideoUnit | undefined {
    skipTo(ring.oldestIndex());
    while (awaitsKey && ring.at(position)?.fragment.isKey === false) position++;
    let unit = ring.at(position);
    if (unit === undefined) return undefined;
    if ((ring.newest()?.atMs ?? 0) - unit.atMs > maxLagMs) {
      skipTo(ring.findKey(() => true)?.index ?? position);
      unit = ring.at(position);
    }
    awaitsKey = false;
    position++;
    return unit;
  }

  async function* read(): AsyncGenerator<VideoUnit, void> {
    // One listener for all that is read: one for each picture was a tenth of what an idle camera costs.
    let waiter: Waiter | undefined;
    const onAbort = (): void => waiter?.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal?.aborted) {
        const unit = take();
        if (unit !== undefined) {
          yield unit;
          continue;
        }
        waiter = ring.wait();
        await waiter.promise;
      }
    } catch (error) {
      if (!signal?.aborted && !isVideoError(error, 'STREAM_CLOSED')) throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  return {
    get skipped() {
      return skipped;
    },
    [Symbol.asyncIterator]: read,
  };
}

function startIndex(ring: RingView, from: ReaderOptions['from']): number {
  if (from === 'live') return ring.nextIndex();
  if (from === 'latest-key') return ring.findKey(() => true)?.index ?? ring.nextIndex();
  return ring.findKey((unit) => unit.atMs <= from.atMs)?.index ?? ring.oldestIndex();
}
