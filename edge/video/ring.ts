import type { Fragment } from './fragment.ts';
import type { InitSegment } from './init-segment.ts';
import { createRingReader, type ReaderOptions, type RingReader } from './ring-reader.ts';
import type { PictureTime } from './sender-clock.ts';
import { VideoError } from './video-error.ts';

/** One picture of a compressed stream, with what is needed to decode and to date it. */
export interface VideoUnit extends PictureTime {
  /** Position among all units the ring ever kept: 0, 1, 2 … */
  readonly index: number;
  /** Another object means another run of the stream or other parameter sets: a new decoder, a new header for viewers. */
  readonly init: InitSegment;
  readonly fragment: Fragment;
}

export interface RingOptions {
  /** The most that fragments may take. A group larger than this is not kept: readers then wait for the next key frame. */
  readonly maxBytes: number;
  /** How far back the ring reaches at least, budget allowing. */
  readonly preRollMs: number;
}

export interface RingStats {
  readonly keptUnits: number;
  readonly keptBytes: number;
  readonly keptGroups: number;
  /** Pictures that could not be kept: no key frame before them, or their group was over the budget. */
  readonly lost: number;
}

export interface Ring {
  /** Takes the next picture; never waits for a reader. */
  append(picture: Omit<VideoUnit, 'index'>): void;
  reader(options: ReaderOptions): RingReader;
  /** What is kept, oldest first; starts with a key frame. A copy of the list, not of the pictures. */
  units(): readonly VideoUnit[];
  newest(): VideoUnit | undefined;
  /**
   * Resolves once another picture is there. More may have come by the time the caller runs: look at `newest`.
   * @throws VideoError STREAM_CLOSED; the signal's reason
   */
  next(signal?: AbortSignal): Promise<void>;
  stats(): RingStats;
  /** Ends all readers. */
  close(): void;
}

/** Settles with the next picture, or with the end of the ring; whoever waits may give up by rejecting it. */
export type Waiter = PromiseWithResolvers<void>;

/**
 * Keeps the latest pictures of one stream, in whole groups (a key frame and what depends on it): at least two groups and
 * the pre-roll, unless that takes more than the byte budget.
 */
export function createRing({ maxBytes, preRollMs }: RingOptions): Ring {
  const units: VideoUnit[] = [];
  /** Of those that are kept, the indices of key frames; the oldest unit is always one. */
  const keys: number[] = [];
  const waiters = new Set<Waiter>();
  let nextIndex = 0;
  let keptBytes = 0;
  let lost = 0;
  let isClosed = false;

  const newest = () => units.at(-1);
  const oldestIndex = () => units[0]?.index ?? nextIndex;

  function drop(count: number): void {
    for (const unit of units.splice(0, count)) {
      keptBytes -= unit.fragment.bytes.length;
      if (unit.fragment.isKey) keys.shift();
    }
  }

  /** Places of the second and third key frame: where the oldest group ends, and the proof that two others remain. */
  function laterKeys(): number[] {
    return keys.slice(1, 3).map((index) => index - oldestIndex());
  }

  function shrink(newestAtMs: number): void {
    for (;;) {
      const [end, third] = laterKeys();
      const isOver = keptBytes > maxBytes;
      if (end === undefined) {
        if (!isOver) return;
        lost += units.length;
        drop(units.length); // without its beginning the rest of this group is worth nothing
        return;
      }
      const isDispensable = third !== undefined && (units[end]?.atMs ?? 0) <= newestAtMs - preRollMs;
      if (!isOver && !isDispensable) return;
      drop(end);
    }
  }

  function wait(): Waiter {
    const waiter = Promise.withResolvers<void>();
    if (isClosed) waiter.reject(new VideoError('STREAM_CLOSED'));
    else waiters.add(waiter);
    return waiter;
  }

  async function next(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const waiter = wait();
    const onAbort = () => waiter.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await waiter.promise;
    } finally {
      waiters.delete(waiter);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  return {
    append(picture) {
      if (isClosed) return;
      const last = units.at(-1);
      const continues = last !== undefined && last.init === picture.init;
      if (!continues && !picture.fragment.isKey) {
        lost++;
        return;
      }
      const unit: VideoUnit = { ...picture, index: nextIndex++ };
      units.push(unit);
      if (unit.fragment.isKey) keys.push(unit.index);
      keptBytes += unit.fragment.bytes.length;
      shrink(unit.atMs);
      for (const waiter of waiters) waiter.resolve();
      waiters.clear();
    },

    reader: (options) =>
      createRingReader(
        {
          wait,
          at: (index) => units[index - oldestIndex()],
          newest,
          oldestIndex,
          nextIndex: () => nextIndex,
          findKey: (isWanted) => units.findLast((unit) => unit.fragment.isKey && isWanted(unit)),
        },
        options,
      ),

    units: () => units.slice(),
    newest,
    next,

    stats: () => ({
      keptUnits: units.length,
      keptBytes,
      keptGroups: keys.length,
      lost,
    }),

    close() {
      isClosed = true;
      for (const waiter of waiters) waiter.reject(new VideoError('STREAM_CLOSED'));
    },
  };
}
