/** An instant as a clock on the estate's wall shows it. */
export interface LocalInstant {
  /** Days since 1970-01-01 of the local calendar. */
  readonly day: number;
  /** Minutes since local midnight as shown, 0..1439. */
  readonly minute: number;
  /** Monday 0 … Sunday 6. */
  readonly weekday: number;
}

export interface LocalTime {
  at(instantMs: number): LocalInstant;
  /** The latest instant, not after `instantMs`, at which the local clock came to a minute of the day; within three days. */
  lastMinute(minute: number, instantMs: number): number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Offsets are looked up in blocks; one takes some 0.3 ms to make and lasts for days. */
const BLOCK_MS = 8 * DAY_MS;
/** No zone has ever changed its offset twice within so short a time. */
const PROBE_MS = 3 * HOUR_MS;
/** A few blocks are ever in use: now, and where a permit began. */
const MAX_BLOCKS = 64;

/** Offset of a zone from UTC that holds from an instant on, milliseconds. */
interface OffsetSince {
  readonly fromMs: number;
  readonly offsetMs: number;
}

/**
 * Local time of one zone, by the tables that come with the runtime (`Intl`), whatever zone the machine is in. Offsets are kept
 * per block of days, because asking `Intl` takes microseconds and a decision asks several times.
 *
 * @param timeZone IANA name
 * @throws RangeError for a name nobody knows
 */
export function createLocalTime(timeZone: string): LocalTime {
  const askOffset = createOffsetQuery(timeZone);
  const blocks = new Map<number, readonly OffsetSince[]>();

  function makeBlock(index: number): readonly OffsetSince[] {
    const startMs = index * BLOCK_MS;
    const found: OffsetSince[] = [{ fromMs: startMs, offsetMs: askOffset(startMs) }];
    for (let fromMs = startMs; fromMs < startMs + BLOCK_MS; fromMs += PROBE_MS) {
      const before = askOffset(fromMs);
      const after = askOffset(fromMs + PROBE_MS);
      if (after === before) continue;
      let low = fromMs;
      let high = fromMs + PROBE_MS;
      while (high - low > 1_000) {
        const middle = low + Math.floor((high - low) / 2_000) * 1_000;
        if (askOffset(middle) === before) low = middle;
        else high = middle;
      }
      found.push({ fromMs: high, offsetMs: after });
    }
    return found;
  }

  function offsetAt(instantMs: number): number {
    const index = Math.floor(instantMs / BLOCK_MS);
    let block = blocks.get(index);
    if (block === undefined) {
      if (blocks.size >= MAX_BLOCKS) blocks.clear();
      block = makeBlock(index);
      blocks.set(index, block);
    }
    return block.findLast(({ fromMs }) => fromMs <= instantMs)?.offsetMs ?? 0;
  }

  const at = (instantMs: number): LocalInstant => {
    const localMs = instantMs + offsetAt(instantMs);
    const day = Math.floor(localMs / DAY_MS);
    // 1970-01-01 was a Thursday.
    const weekday = (((day + 3) % 7) + 7) % 7;
    return { day, minute: Math.floor((localMs - day * DAY_MS) / MINUTE_MS), weekday };
  };

  /** When the local clock showed a time: never in an hour left out, twice in one repeated. */
  function instantsOf(localMs: number): number[] {
    const offsets = new Set([offsetAt(localMs - DAY_MS), offsetAt(localMs + DAY_MS)]);
    return [...offsets].map((offsetMs) => localMs - offsetMs).filter((utcMs) => utcMs + offsetAt(utcMs) === localMs);
  }

  return {
    at,
    lastMinute(minute, instantMs) {
      const today = at(instantMs).day;
      // Tomorrow too: a repeated midnight shows the day before once more.
      const days = [today + 1, today, today - 1, today - 2];
      const instants = days.flatMap((day) => instantsOf(day * DAY_MS + minute * MINUTE_MS));
      return Math.max(...instants.filter((candidate) => candidate <= instantMs));
    },
  };
}

/** Asks the runtime for a zone's offset at an instant, milliseconds. */
function createOffsetQuery(timeZone: string): (instantMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  return (instantMs) => {
    const shown = Object.fromEntries(format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instantMs / 1_000) * 1_000;
  };
}
