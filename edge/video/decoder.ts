import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createBackOff } from './back-off.ts';
import type { VideoClock } from './clock.ts';
import { type DecodedFrame, PendingUnits } from './decoded-frame.ts';
import { type FeedEnd, feedDecoder } from './decoder-feed.ts';
import { startDecoderProcess } from './decoder-process.ts';
import type { DecodingPace } from './decoding-pace.ts';
import type { Ring } from './ring.ts';
import { isVideoError, VideoError } from './video-error.ts';

export interface DecoderOptions {
  readonly ring: Ring;
  readonly ffmpegPath: string;
  /** Pictures that come out; all are decoded, since each depends on the one before. */
  readonly framesPerSecond: number;
  readonly maxWidthPx?: number;
  /** Says when a glimpse of each group is enough. Default: never. */
  readonly pace?: DecodingPace;
  /** Whether this machine has no time for more than that. Default: never. */
  readonly isShed?: () => boolean;
  /** Told when decoding does not do what it should, and with undefined once it does again. */
  readonly onTrouble?: (trouble: DecoderTrouble | undefined) => void;
  readonly clock: VideoClock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface DecoderTrouble {
  /** `DECODER_STALLED`, `EDGE_OVERLOADED`, or the code of what ended the decoder. */
  readonly cause: string;
  /** For people. */
  readonly message: string;
}

export interface DecoderStats {
  readonly frames: number;
  /** Units that the decoder was too slow for. */
  readonly skipped: number;
  /** Units given up because this machine has too much to do. */
  readonly shed: number;
  /** Units left out because nothing happened. */
  readonly idled: number;
  /** Decoders started: one for each run of the stream, one after each failure, and one for each awakening. */
  readonly starts: number;
  /** Runs that ended within a second because the stream became another one: the camera alternates parameter sets. */
  readonly shortRuns: number;
}

type RunEnd = Error | 'changed' | 'closed' | 'woken';

export interface Decoder {
  /** To be read once. Ends with the ring or the signal. While nobody asks for the next frame, decoding waits. */
  readonly frames: AsyncIterable<DecodedFrame>;
  stats(): DecoderStats;
}

/** Behind by more than this, the decoder goes on with the newest key frame: an old face is worth less than a current one. */
const MAX_LAG_MS = 4_000;
/** So many units went by and no picture came: the child is stuck. Two groups of a usual camera. */
const STALL_UNITS = 100;
/** While idling, a picture comes once a group. */
const STALL_UNITS_IDLE = 250;
const STALL_CHECK_MS = 1_000;
/** Overload comes in waves: it is over when nothing had to be passed over for so long. */
const RECOVERED_AFTER_MS = 30_000;
/** The second picture of a glimpse is the first one after its time, which at 15 a second may be 67 ms later. */
const GLIMPSE_MARGIN_MS = 60;
/** To start a child costs more than to decode a second: one whose stream is another one sooner is not followed at once. */
const SHORT_RUN_MS = 1_000;

/** Decodes a stream from its ring, for as long as it lasts, with a new child whenever the stream is another one. */
export function startDecoder(options: DecoderOptions): Decoder {
  const { ring, clock, log, signal, pace } = options;
  const backOff = createBackOff({ firstMs: 500, maxMs: 10_000 });
  let frames = 0;
  let skipped = 0;
  let shed = 0;
  let idled = 0;
  let starts = 0;
  let shortRuns = 0;
  let trouble: DecoderTrouble | undefined;

  function setTrouble(next: DecoderTrouble | undefined): void {
    if (next?.cause === trouble?.cause) return;
    trouble = next;
    options.onTrouble?.(next);
  }

  async function* decode(): AsyncGenerator<DecodedFrame, void> {
    let wokenFromMs: number | undefined;
    while (!signal.aborted) {
      try {
        if (ring.newest() === undefined) await ring.next(signal);
      } catch (error) {
        if (signal.aborted || isVideoError(error, 'STREAM_CLOSED')) return;
        throw error;
      }
      starts++;
      const startedMs = clock.monotonicMs();
      const end: RunEnd = yield* decodeRun(wokenFromMs);
      if (signal.aborted) return;
      wokenFromMs = end === 'woken' ? pace?.wokenFromMs : undefined;
      if (end === 'closed' || end === 'woken') continue;
      const isShort = clock.monotonicMs() - startedMs < SHORT_RUN_MS;
      if (!isShort) backOff.reset();
      if (end === 'changed' && !isShort) continue;
      if (end === 'changed') shortRuns++;
      const pauseMs = backOff.nextMs();
      if (end === 'changed') log.info({ pauseMs, shortRuns }, 'the stream became another one soon; decoding waits');
      else {
        log.warn({ err: end, pauseMs }, 'the decoder is started again');
        setTrouble(troubleFrom(end));
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /**
   * One child, for one init segment.
   * @param wokenFromMs what was filmed since then is caught up on; undefined: begins with the newest group
   */
  async function* decodeRun(wokenFromMs: number | undefined): AsyncGenerator<DecodedFrame, RunEnd> {
    const stop = new AbortController();
    const runSignal = AbortSignal.any([signal, stop.signal]);
    const lateMs = wokenFromMs === undefined ? 0 : Math.max(0, (ring.newest()?.atMs ?? 0) - wokenFromMs);
    const reader = ring.reader({
      from: wokenFromMs === undefined ? 'latest-key' : { atMs: wokenFromMs },
      // The group that an awakening begins in is older than the awakening itself.
      maxLagMs: MAX_LAG_MS + 2 * lateMs,
      signal: runSignal,
    });
    const units = reader[Symbol.asyncIterator]();
    const first = await units.next();
    if (first.done) return 'closed';
    const { init } = first.value;
    const child = startDecoderProcess({
      ffmpegPath: options.ffmpegPath,
      init,
      // A hundredth of a second of tolerance: 15 pictures a second are not exact in ticks.
      select: `isnan(prev_selected_t)+gte(t-prev_selected_t,${(1 / options.framesPerSecond - 0.01).toFixed(3)})`,
      ...(options.maxWidthPx === undefined ? {} : { maxWidthPx: options.maxWidthPx }),
      signal: runSignal,
    });
    const pending = new PendingUnits();
    let feedEnd: FeedEnd | undefined;
    const glimpseMs = 1_000 / options.framesPerSecond + GLIMPSE_MARGIN_MS;
    const isShed = options.isShed ?? (() => false);
    const onPassed = (why: 'idle' | 'shed'): void => void (why === 'idle' ? idled++ : shed++);
    const feeding = { first: first.value, rest: units, child, pending, pace, glimpseMs, isShed, onPassed };
    const fed = feedDecoder(feeding).then((end) => {
      feedEnd = end;
      child.end();
    });
    const isGlimpsing = (): boolean => pace?.isIdle === true || isShed();
    const watch = watchForStall(ring, stop, () => (isGlimpsing() ? STALL_UNITS_IDLE : STALL_UNITS));
    let passedOver = 0;
    let shedBefore = shed;
    let keptUpSinceMs = clock.monotonicMs();
    try {
      for await (const picture of child.pictures) {
        const frame = pending.date(picture);
        if (frame === undefined) continue;
        frames++;
        if (reader.skipped > passedOver) {
          log.warn({ skipped: reader.skipped - passedOver }, 'decoding does not keep up with the camera');
          skipped += reader.skipped - passedOver;
          passedOver = reader.skipped;
          keptUpSinceMs = clock.monotonicMs();
          setTrouble(troubleFrom(new VideoError('EDGE_OVERLOADED')));
        } else if (shed > shedBefore) {
          setTrouble(troubleFrom(new VideoError('EDGE_OVERLOADED')));
          shedBefore = shed;
          keptUpSinceMs = clock.monotonicMs();
        } else if (trouble?.cause !== 'EDGE_OVERLOADED' || clock.monotonicMs() - keptUpSinceMs >= RECOVERED_AFTER_MS) {
          setTrouble(undefined);
        }
        watch.pause();
        yield frame;
        watch.resume();
      }
    } catch (error) {
      return error instanceof Error ? error : new VideoError('MP4_INVALID', { cause: error });
    } finally {
      watch.stop();
      stop.abort();
      skipped += reader.skipped - passedOver;
      await fed;
    }
    const reason = await child.ended;
    if (feedEnd === 'changed' || feedEnd === 'woken') return feedEnd;
    if (signal.aborted) return 'closed';
    return watch.isStalled() ? new VideoError('DECODER_STALLED') : reason;
  }

  return { frames: decode(), stats: () => ({ frames, skipped, shed, idled, starts, shortRuns }) };
}

function troubleFrom(error: Error): DecoderTrouble {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'FFMPEG_FAILED';
  return { cause: code, message: error.message };
}

/** Ends the run when the stream goes on and no picture comes, except while the consumer is busy with one. */
function watchForStall(ring: Ring, stop: AbortController, limit: () => number) {
  let isStalled = false;
  let sinceIndex: number | undefined = ring.newest()?.index ?? 0;
  const timer = setInterval(() => {
    if (sinceIndex === undefined || (ring.newest()?.index ?? 0) - sinceIndex < limit()) return;
    isStalled = true;
    stop.abort();
  }, STALL_CHECK_MS);
  return {
    pause() {
      sinceIndex = undefined;
    },
    resume() {
      sinceIndex = ring.newest()?.index ?? 0;
    },
    stop: () => clearInterval(timer),
    isStalled: () => isStalled,
  };
}
