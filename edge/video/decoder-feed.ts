import type { PendingUnits } from './decoded-frame.ts';
import type { DecoderProcess } from './decoder-process.ts';
import type { DecodingPace } from './decoding-pace.ts';
import type { VideoUnit } from './ring.ts';

/** Why no more is written to a decoder: the stream became another one, nothing more comes, or idling is over. */
export type FeedEnd = 'changed' | 'closed' | 'woken';

export interface FeedOptions {
  readonly first: VideoUnit;
  readonly rest: AsyncIterator<VideoUnit>;
  readonly child: Pick<DecoderProcess, 'write'>;
  readonly pending: PendingUnits;
  /** Absent: everything is decoded. */
  readonly pace: DecodingPace | undefined;
  /** How long a glimpse is, so that two pictures come out of it. */
  readonly glimpseMs: number;
  /** Whether this machine has no time for more than a glimpse of each group. */
  readonly isShed: () => boolean;
  readonly onPassed: (why: 'idle' | 'shed') => void;
}

/**
 * Groups longer than this are decoded whole also when nothing happens: between two glimpses somebody could come and go, and
 * the ring could lose what would have to be looked at again.
 */
const MAX_IDLE_GROUP_MS = 3_000;

/**
 * Writes units to a decoder until the stream becomes another one. While the pace is idle it writes the beginning of each
 * group only: a key frame and what follows within a glimpse. It does the same while analysis is given up to overload; that ends with a group and is not made up for.
 */
export async function feedDecoder(options: FeedOptions): Promise<FeedEnd> {
  const { first, rest, child, pending, pace, glimpseMs, isShed } = options;
  let unit: VideoUnit | undefined = first;
  let keyAtMs: number | undefined;
  let groupMs = Number.POSITIVE_INFINITY;
  let isIdling = false;
  let isGivenUp = false;
  while (unit !== undefined && unit.init === first.init) {
    if (unit.fragment.isKey) {
      groupMs = keyAtMs === undefined ? groupMs : unit.atMs - keyAtMs;
      keyAtMs = unit.atMs;
      if (pace?.isIdle === true && groupMs <= MAX_IDLE_GROUP_MS) isIdling = true;
      isGivenUp = isShed();
    }
    const sinceKeyMs = unit.atMs - (keyAtMs ?? unit.atMs);
    if (isIdling && (pace?.isIdle === false || sinceKeyMs > MAX_IDLE_GROUP_MS)) {
      if (!isShed()) return 'woken';
      isIdling = false;
      isGivenUp = true;
    }
    if ((isIdling || isGivenUp) && sinceKeyMs > glimpseMs) options.onPassed(isGivenUp ? 'shed' : 'idle');
    else {
      pending.add(unit);
      await child.write(unit.fragment.bytes);
    }
    const next: IteratorResult<VideoUnit> = await rest.next();
    unit = next.done ? undefined : next.value;
  }
  return unit === undefined ? 'closed' : 'changed';
}
