import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createBackOff } from './back-off.ts';
import type { VideoClock } from './clock.ts';
import { type DecodedFrame, PendingUnits } from './decoded-frame.ts';
import { type DecoderProcess, startDecoderProcess } from './decoder-process.ts';
import type { Ring, VideoUnit } from './ring.ts';
import { isVideoError, VideoError } from './video-error.ts';

export interface DecoderOptions {
  readonly ring: Ring;
  readonly ffmpegPath: string;
  /** Pictures that come out; all are decoded, since each depends on the one before. */
  readonly framesPerSecond: number;
  readonly maxWidthPx?: number;
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
  /** Decoders started: one for each run of the stream, and one after each failure. */
  readonly starts: number;
  /** Runs that ended within a second because the stream became another one: the camera alternates parameter sets. */
  readonly shortRuns: number;
}

export interface Decoder {
  /** To be read once. Ends with the ring or the signal. While nobody asks for the next frame, decoding waits. */
  readonly frames: AsyncIterable<DecodedFrame>;
  stats(): DecoderStats;
}

/** Behind by more than this, the decoder goes on with the newest key frame: an old face is worth less than a current one. */
const MAX_LAG_MS = 4_000;
/** So many units went by and no picture came: the child is stuck. Two groups of a usual camera. */
const STALL_UNITS = 100;
const STALL_CHECK_MS = 1_000;
/** Overload comes in waves: it is over when nothing had to be passed over for so long. */
const RECOVERED_AFTER_MS = 30_000;
/** To start a child costs more than to decode a second: one whose stream is another one sooner is not followed at once. */
const SHORT_RUN_MS = 1_000;

/** Decodes a stream from its ring, for as long as it lasts, with a new child whenever the stream is another one. */
export function startDecoder(options: DecoderOptions): Decoder {
  const { ring, clock, log, signal } = options;
  const backOff = createBackOff({ firstMs: 500, maxMs: 10_000 });
  let frames = 0;
  let skipped = 0;
  let starts = 0;
  let shortRuns = 0;
  let trouble: DecoderTrouble | undefined;

  function setTrouble(next: DecoderTrouble | undefined): void {
    if (next?.cause === trouble?.cause) return;
    trouble = next;
    options.onTrouble?.(next);
  }

  async function* decode(): AsyncGenerator<DecodedFrame, void> {
    while (!signal.aborted) {
      try {
        if (ring.newest() === undefined) await ring.next(signal);
      } catch (error) {
        if (signal.aborted || isVideoError(error, 'STREAM_CLOSED')) return;
        throw error;
      }
      starts++;
      const startedMs = clock.monotonicMs();
      const end = yield* decodeRun();
      if (signal.aborted) return;
      if (end === 'closed') continue;
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

  /** One child, for one init segment. @returns why it failed, or that the stream went on with another one or was closed */
  async function* decodeRun(): AsyncGenerator<DecodedFrame, Error | 'changed' | 'closed'> {
    const stop = new AbortController();
    const runSignal = AbortSignal.any([signal, stop.signal]);
    const reader = ring.reader({ from: 'latest-key', maxLagMs: MAX_LAG_MS, signal: runSignal });
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
    let hasStreamChanged = false;
    const fed = feed(first.value, units, child, pending).then((changed) => {
      hasStreamChanged = changed;
      child.end();
    });
    const watch = watchForStall(ring, stop);
    let passedOver = 0;
    let keptUpSinceMs = clock.monotonicMs();
    try {
      for await (const picture of child.pictures) {
        const frame = pending.date(picture);
        if (frame === undefined) continue;
        frames++;
        if (reader.skipped > passedOver) {
          log.warn({ skipped: reader.skipped - passedOver }, 'decoding does not keep up with the camera');
          setTrouble(troubleFrom(new VideoError('EDGE_OVERLOADED')));
          skipped += reader.skipped - passedOver;
          passedOver = reader.skipped;
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
    if (hasStreamChanged) return 'changed';
    if (signal.aborted) return 'closed';
    return watch.isStalled() ? new VideoError('DECODER_STALLED') : reason;
  }

  return { frames: decode(), stats: () => ({ frames, skipped, starts, shortRuns }) };
}

function troubleFrom(error: Error): DecoderTrouble {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'FFMPEG_FAILED';
  return { cause: code, message: error.message };
}

/** Writes units to the child until the stream becomes another one. @returns whether it did */
async function feed(
  first: VideoUnit,
  units: AsyncIterator<VideoUnit>,
  child: DecoderProcess,
  pending: PendingUnits,
): Promise<boolean> {
  let unit: VideoUnit | undefined = first;
  while (unit !== undefined && unit.init === first.init) {
    pending.add(unit);
    await child.write(unit.fragment.bytes);
    const next: IteratorResult<VideoUnit> = await units.next();
    unit = next.done ? undefined : next.value;
  }
  return unit !== undefined;
}

/** Ends the run when the stream goes on and no picture comes, except while the consumer is busy with one. */
function watchForStall(ring: Ring, stop: AbortController) {
  let isStalled = false;
  let sinceIndex: number | undefined = ring.newest()?.index ?? 0;
  const timer = setInterval(() => {
    if (sinceIndex === undefined || (ring.newest()?.index ?? 0) - sinceIndex < STALL_UNITS) return;
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
