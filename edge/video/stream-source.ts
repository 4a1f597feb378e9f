import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { FfmpegError } from '@dipper/ffmpeg/errors';
import { rtspInputScript } from '@dipper/ffmpeg/rtsp-input';
import { runFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import type { Logger } from 'pino';
import { type BackOffOptions, createBackOff } from './back-off.ts';
import type { VideoClock } from './clock.ts';
import { changedFormat } from './codec.ts';
import { COMPRESSED_MAX_BOX_BYTES, Fmp4Parser } from './fmp4-parser.ts';
import type { Fragment } from './fragment.ts';
import { type InitSegment, withFormat } from './init-segment.ts';
import { MediaProgress } from './media-progress.ts';
import type { Ring } from './ring.ts';
import { type PictureTime, SenderClock } from './sender-clock.ts';
import { SenderSteps } from './sender-steps.ts';
import type { StreamAddress, StreamState } from './stream-state.ts';
import { isVideoError, VideoError } from './video-error.ts';

export interface StreamSourceOptions {
  /** Asked before each attempt: a camera that was reset may have moved its stream. What it throws is the cause. */
  readonly address: (signal: AbortSignal) => Promise<StreamAddress> | StreamAddress;
  readonly ffmpegPath: string;
  readonly ring: Pick<Ring, 'append'>;
  readonly onState: (state: StreamState) => void;
  /** The camera's clock was set by so much. */
  readonly onClockStep?: (stepMs: number) => void;
  readonly clock: VideoClock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** How long the camera may say nothing before the stream is opened anew. */
  readonly silenceMs?: number;
  /**
   * How long pictures may come without a key frame before the stream is opened anew, which makes cameras send one.
   * Default 30,000: encoders that stretch their groups over a still scene go up to 16 s.
   */
  readonly keyFrameMs?: number;
  /** How long the camera may take to tell where its stream is. Default 60,000: four ONVIF calls of ten seconds, and more. */
  readonly addressTimeoutMs?: number;
  readonly backOff?: BackOffOptions;
  /** The shortest pause after a refusal: cameras lock an account after a handful of wrong passwords. */
  readonly refusedPauseMs?: number;
}

export interface StreamSourceStats {
  readonly runs: number;
  readonly units: number;
  /** Times that the camera's clock was set. */
  readonly clockSteps: number;
  /** How old a picture of the present run was when it came into the ring, ms: two pictures' time, and what the network adds. */
  readonly delayMeanMs: number;
  readonly delayMaxMs: number;
}

export interface StreamSource {
  stats(): StreamSourceStats;
  /**
   * The camera has been heard from: the pause before the next attempt is over, and those to come begin short again. After a
   * refusal its pause stays, which keeps an account from being locked.
   */
  hurry(): void;
  /** Resolves when the signal has ended the source and its child is gone. */
  readonly done: Promise<void>;
}

const DEFAULT_SILENCE_MS = 5_000;
const DEFAULT_KEY_FRAME_MS = 30_000;
const DEFAULT_ADDRESS_TIMEOUT_MS = 60_000;
const DEFAULT_BACK_OFF: BackOffOptions = { firstMs: 1_000, maxMs: 30_000 };
const DEFAULT_REFUSED_PAUSE_MS = 15_000;
/** A run that lasted this long was a good one: the next attempt comes soon. */
const GOOD_RUN_MS = 10_000;
/** ffmpeg's own limit comes first and says more; this one is for a child that hangs. */
const WATCHDOG_GRACE_MS = 1_000;

/**
 * What ffmpeg read while it was probing comes out in one go, old by up to a second. It is dated together with what follows
 * in this time, which tells how old it is.
 */
const BACKLOG_MS = 300;

/** Copies, never decodes: 0.1 % of a core for 1080p. Sound is left out, since G.711 does not go into MP4. */
const OUTPUT_ARGS = [
  ...['-map', '0:v:0', '-c', 'copy', '-f', 'mp4'],
  ...['-movflags', 'frag_every_frame+empty_moov+default_base_moof'],
  ...['-write_prft', 'wallclock', '-flush_packets', '1', 'pipe:1'],
];

/** How exactly the watchdog has to know when pictures came last. */
const TELL_EVERY_MS = 500;

const NO_DELAYS = { units: 0, sumMs: 0, maxMs: 0 };

interface ArrivedPicture {
  readonly fragment: Fragment;
  readonly init: InitSegment;
}

interface RunFailure {
  readonly cause: string;
  readonly message: string;
}

/**
 * Keeps one RTSP session to a camera's stream and puts its pictures into a ring. One attempt at a time: the next ffmpeg
 * starts when the last one is gone, so the camera never sees two sessions.
 */
export function startStreamSource(options: StreamSourceOptions): StreamSource {
  const { ring, clock, log, signal, silenceMs = DEFAULT_SILENCE_MS } = options;
  const { keyFrameMs = DEFAULT_KEY_FRAME_MS } = options;
  const backOff = createBackOff(options.backOff ?? DEFAULT_BACK_OFF);
  const delays = { ...NO_DELAYS };
  const steps = new SenderSteps();
  let clockSteps = 0;
  let runs = 0;
  let hurry = backOff.reset;
  let units = 0;

  /** Dates pictures that came in one piece and puts them into the ring. */
  function keep(pictures: readonly ArrivedPicture[], senderClock: SenderClock): void {
    const nowMs = clock.nowMs();
    const times = senderClock.observe(
      pictures.map(({ fragment, init }) => ({
        senderAtMs: fragment.senderAtMs ?? nowMs,
        mediaMs: (fragment.presentationTime / init.timescale) * 1000,
        durationMs: (fragment.durationTicks / init.timescale) * 1000,
      })),
    );
    const newest = times.at(-1);
    if (newest !== undefined) watchClock(newest);
    for (const [place, picture] of pictures.entries()) {
      const time = times[place];
      if (time === undefined) continue;
      ring.append({ ...picture, ...time });
      delays.units++;
      delays.sumMs += nowMs - time.atMs;
      delays.maxMs = Math.max(delays.maxMs, nowMs - time.atMs);
      units++;
    }
  }

  function watchClock({ senderAtMs, atMs }: PictureTime): void {
    const monotonicMs = clock.monotonicMs();
    const stepMs = steps.observe(monotonicMs, senderAtMs - atMs + clock.nowMs() - monotonicMs);
    if (stepMs === undefined) return;
    clockSteps++;
    log.warn({ stepMs }, "the camera's clock was set");
    options.onClockStep?.(stepMs);
  }

  /** Reads one run to its end. @throws VideoError when what came is not a stream we can use */
  async function consume(stdout: Readable, onUnits: () => void): Promise<void> {
    const parser = new Fmp4Parser({ maxBoxBytes: COMPRESSED_MAX_BOX_BYTES });
    const senderClock = new SenderClock(clock);
    const progress = new MediaProgress();
    let init: InitSegment | undefined;
    let held: ArrivedPicture[] = [];
    let backlogEndsMs: number | undefined;
    /** Of the stream that was told of last: it changes when the camera is set to another size. */
    let toldInit: InitSegment | undefined;
    /** When the newest key frame came, or the first picture. */
    let keyAtMs: number | undefined;
    let toldAtMs = Number.NEGATIVE_INFINITY;

    function flush(): void {
      keep(held, senderClock);
      const key = held.findLast(({ fragment }) => fragment.isKey);
      held = [];
      if (key === undefined || key.init === toldInit) return;
      if (toldInit === undefined) Object.assign(delays, NO_DELAYS); // the backlog's age says nothing of the network
      toldInit = key.init;
      options.onState({ kind: 'online', init: key.init });
    }

    function take(chunk: Buffer): void {
      for (const segment of parser.push(chunk)) {
        init = segment.kind === 'init' ? segment.init : currentInit(init ?? segment.init, segment.fragment);
        if (segment.kind !== 'fragment') continue;
        held.push({ fragment: segment.fragment, init });
        const mediaMs = (segment.fragment.presentationTime / init.timescale) * 1000;
        if (progress.stands(mediaMs)) throw new VideoError('STREAM_TIME_STOPPED');
      }
      if (held.length === 0) return;
      const arrivedMs = clock.monotonicMs();
      if (arrivedMs - toldAtMs > TELL_EVERY_MS) {
        toldAtMs = arrivedMs;
        onUnits();
      }
      if (keyAtMs === undefined || held.some(({ fragment }) => fragment.isKey)) keyAtMs = arrivedMs;
      if (arrivedMs - keyAtMs > keyFrameMs) throw new VideoError('STREAM_NO_KEY_FRAME');
      backlogEndsMs ??= arrivedMs + BACKLOG_MS;
      if (arrivedMs >= backlogEndsMs) flush();
    }

    // By events: an iterator makes a handful of promises for each of fifty chunks a second, and nothing here waits.
    const over = Promise.withResolvers<void>();
    stdout.once('close', over.resolve).on('data', (chunk: Buffer) => {
      try {
        if (!stdout.destroyed) take(chunk);
      } catch (error) {
        stdout.destroy();
        over.reject(error);
      }
    });
    await over.promise;
    flush();
  }

  /** @throws VideoError STREAM_ADDRESS_TIMED_OUT, also when the one who is asked does not heed the signal */
  async function askAddress(): Promise<StreamAddress> {
    const limit = new AbortController();
    const over = AbortSignal.any([signal, limit.signal]);
    const timer = setTimeout(() => limit.abort(), options.addressTimeoutMs ?? DEFAULT_ADDRESS_TIMEOUT_MS);
    const late = Promise.withResolvers<never>();
    over.addEventListener('abort', () => late.reject(new VideoError('STREAM_ADDRESS_TIMED_OUT')), { once: true });
    try {
      return await Promise.race([late.promise, options.address(over)]);
    } finally {
      clearTimeout(timer);
    }
  }

  async function runOnce(): Promise<RunFailure> {
    const stop = new AbortController();
    let isSilent = false;
    let watchdog: NodeJS.Timeout | undefined;
    let own: RunFailure | undefined;
    try {
      const input = rtspInputScript({ ...(await askAddress()), timeoutMs: silenceMs });
      // From here on the stream is late, not the one who tells where it is.
      watchdog = setTimeout(() => {
        isSilent = true;
        stop.abort();
      }, silenceMs + WATCHDOG_GRACE_MS);
      const run = runFfmpeg({
        path: options.ffmpegPath,
        args: [...input.args, ...OUTPUT_ARGS],
        input: input.stdin,
        secrets: input.secrets,
        sourceTimeoutMs: silenceMs,
        signal: AbortSignal.any([signal, stop.signal]),
      });
      try {
        await consume(run.stdout, () => watchdog?.refresh());
      } catch (error) {
        own = failureFrom(error);
        stop.abort();
      }
      const end = await run.ended;
      if (isSilent) return failureFrom(new FfmpegError('STREAM_TIMED_OUT', 'The camera fell silent.'));
      return own ?? failureFrom(end.error);
    } catch (error) {
      return failureFrom(error);
    } finally {
      clearTimeout(watchdog);
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      options.onState({ kind: 'connecting' });
      runs++;
      Object.assign(delays, NO_DELAYS);
      const startedMs = clock.monotonicMs();
      steps.opened(startedMs);
      const failure = await runOnce();
      if (signal.aborted) return;
      if (delays.units > 0 && clock.monotonicMs() - startedMs > GOOD_RUN_MS) backOff.reset();
      const pauseMs = isRefusal(failure.cause) ? (options.refusedPauseMs ?? DEFAULT_REFUSED_PAUSE_MS) : 0;
      const retryInMs = Math.round(Math.max(backOff.nextMs(), pauseMs));
      log.warn({ cause: failure.cause, reason: failure.message, retryInMs }, 'the stream ended');
      options.onState({ kind: 'failed', ...failure, retryInMs });
      const pause = new AbortController();
      if (pauseMs === 0) {
        hurry = () => {
          backOff.reset();
          pause.abort();
        };
      }
      await sleep(retryInMs, undefined, { signal: AbortSignal.any([signal, pause.signal]) }).catch(() => undefined);
      hurry = backOff.reset;
    }
  }

  return {
    hurry: () => hurry(),
    stats: () => ({
      runs,
      units,
      clockSteps,
      delayMeanMs: delays.units === 0 ? 0 : delays.sumMs / delays.units,
      delayMaxMs: delays.maxMs,
    }),
    done: run(),
  };
}

/** The init segment that holds from this fragment on: another one where new parameter sets came with it. */
function currentInit(init: InitSegment, fragment: Fragment): InitSegment {
  const changed = changedFormat(init.format, fragment.payload);
  return changed === undefined ? init : withFormat(init, changed);
}

/** The camera answers and says no; asking again soon does harm or nothing. */
function isRefusal(cause: string): boolean {
  return cause === 'STREAM_REFUSED' || cause === 'STREAM_CODEC_UNSUPPORTED' || cause === 'ONVIF_REFUSED';
}

function failureFrom(error: unknown): RunFailure {
  if (error instanceof FfmpegError || isVideoError(error)) return { cause: error.code, message: error.message };
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[A-Z]/.test(error.code)) {
    return { cause: error.code, message: error.message };
  }
  return { cause: 'STREAM_FAILED', message: 'The stream could not be opened.' };
}
