import { PLAYBACK_AHEAD_MS } from '@dipper/contract/uplink';
import { type BackOff, createBackOff } from '../api/back-off.ts';
import type { OpenSocket } from '../api/socket.ts';
import type { After } from '../time/after.ts';
import { createPlaybackClock, type PlaybackClock } from './playback-clock.ts';
import { connectPlayback, type PlaybackConnection, type PlaybackEnd } from './playback-connection.ts';
import { isSamePlaybackState, type PlaybackState, playbackStateOf } from './playback-state.ts';
import { createRecordedSink } from './recorded-sink.ts';

/** How often the hand of the time line moves. */
const LOOK_EVERY_MS = 200;
/** Less than this ahead of the picture, and more is asked for: as much as a slow uplink needs, not what a seek throws away. */
const LOW_AHEAD_MS = 8_000;
const ASK_AHEAD_MS = 20_000;
/** A browser stops up to a picture before the end of what it has: half a second at two pictures a second. */
const DRY_SEC = 0.08;
const NEARLY_DRY_SEC = 0.6;
/** Before its first picture a stretch has nothing to show: an instant well before it is not in it. */
const NEAR_MS = 1_000;

/** Refusals that trying again does not change. */
const FINAL: ReadonlySet<string> = new Set([
  'NOT_SIGNED_IN',
  'RECORDING_MISSING',
  'RECORDING_OFF',
  'RECORDING_DAMAGED',
  'CODEC_UNSUPPORTED',
  'DEVICE_UNKNOWN',
  'NOT_FOUND',
  'FORBIDDEN',
  'REQUEST_INVALID',
]);

export interface PlaybackPlayerOptions {
  readonly video: HTMLVideoElement;
  /** Where to begin, ms since 1970. */
  readonly atMs: number;
  /** WebSocket path of what was recorded from an instant on. */
  readonly pathAt: (atMs: number) => string;
  readonly openSocket: OpenSocket;
  readonly after: After;
  readonly onState: (state: PlaybackState) => void;
  readonly onSignedOut: () => void;
  readonly backOff?: BackOff;
  /** Ends everything the player has opened. */
  readonly signal: AbortSignal;
}

export interface PlaybackPlayer {
  play(): void;
  pause(): void;
  /** Goes to an instant; at once where its picture is there. */
  seek(atMs: number): void;
}

/** One unbroken stretch on its way from the edge to the screen. */
interface Run {
  readonly clock: PlaybackClock;
  connection: PlaybackConnection | undefined;
  askedUntilMs: number;
  hasPicture: boolean;
  end: PlaybackEnd | undefined;
  problem: string | undefined;
}

/** Plays a recording in a video element at the speed of life, from any instant on, and tells where it stands. */
export function createPlaybackPlayer(options: PlaybackPlayerOptions): PlaybackPlayer {
  const { video, pathAt, openSocket, after, signal, onState } = options;
  const backOff = options.backOff ?? createBackOff({ maxMs: 15_000 });
  let wantedMs = options.atMs;
  let isPaused = false;
  let endRun = new AbortController();
  let run: Run | undefined;
  let state: PlaybackState | undefined;
  let cancelLook = (): void => {};
  let cancelRetry = (): void => {};

  const shownMs = (): number =>
    (run?.hasPicture === true ? run.clock.instantOf(video.currentTime) : undefined) ?? wantedMs;
  const lose = (of: Run, problem: string): void => {
    of.problem = problem;
    if (problem === 'NOT_SIGNED_IN') options.onSignedOut();
    if (FINAL.has(problem)) return;
    cancelRetry = after(backOff.next(), () => {
      // What has come already is shown first, and how far it goes is where the next try begins.
      if (isDry(of)) start(shownMs());
      else lose(of, problem);
    });
  };
  const isDry = ({ hasPicture }: Run): boolean => {
    const last = video.buffered.length - 1;
    if (!hasPicture || last < 0) return true;
    const aheadSec = video.buffered.end(last) - video.currentTime;
    const hasStopped = video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA && !video.seeking;
    return aheadSec <= DRY_SEC || (hasStopped && aheadSec <= NEARLY_DRY_SEC);
  };
  const start = (atMs: number): void => {
    endRun.abort();
    cancelRetry();
    endRun = new AbortController();
    const ended = AbortSignal.any([signal, endRun.signal]);
    wantedMs = atMs;
    const clock = createPlaybackClock();
    const next: Run = {
      clock,
      connection: undefined,
      askedUntilMs: atMs + PLAYBACK_AHEAD_MS,
      hasPicture: false,
      end: undefined,
      problem: undefined,
    };
    run = next;
    const sink = createRecordedSink({
      video,
      signal: ended,
      onAppended({ atMs: takenAtMs }, endSec) {
        clock.appended(endSec, takenAtMs);
        if (!next.hasPicture) arrive(next);
      },
      onForgotten: clock.forget,
      onBroken(code) {
        endRun.abort();
        lose(next, code);
      },
    });
    next.connection = connectPlayback({
      path: pathAt(atMs),
      openSocket,
      after,
      signal: ended,
      onHeader: sink.begin,
      onFrame: sink.push,
      onEnd(end) {
        next.end = end;
      },
      onLost: (problem) => lose(next, problem),
    });
  };
  /** Shows the picture that was asked for as soon as it has come: a group begins before it. */
  const arrive = (of: Run): void => {
    const mediaSec = of.clock.mediaSecOf(wantedMs);
    if (mediaSec === undefined) return;
    of.hasPicture = true;
    backOff.reset();
    video.currentTime = mediaSec;
    setRunning();
  };
  const setRunning = (): void => {
    if (isPaused) video.pause();
    else if (video.paused && run?.hasPicture === true) video.play().catch(() => {});
  };
  const askForMore = (of: Run, atMs: number): void => {
    if (of.end !== undefined || of.problem !== undefined || of.askedUntilMs - atMs > LOW_AHEAD_MS) return;
    of.askedUntilMs = atMs + ASK_AHEAD_MS;
    of.connection?.askUntil(of.askedUntilMs);
  };
  const look = (): void => {
    cancelLook = after(LOOK_EVERY_MS, look);
    if (run === undefined) return;
    const atMs = shownMs();
    if (!isPaused) askForMore(run, atMs);
    setRunning();
    const { hasPicture, end, problem } = run;
    const retries = problem !== undefined && !FINAL.has(problem);
    const next = playbackStateOf({ atMs, hasPicture, isPaused, isDry: isDry(run), end, problem, retries });
    if (state === undefined || !isSamePlaybackState(state, next)) onState(next);
    state = next;
  };

  video.muted = true;
  video.playsInline = true;
  start(wantedMs);
  signal.addEventListener(
    'abort',
    () => {
      cancelLook();
      cancelRetry();
      video.removeAttribute('src');
      video.load();
    },
    { once: true },
  );
  look();
  return {
    play() {
      isPaused = false;
      setRunning();
    },
    pause() {
      isPaused = true;
      setRunning();
    },
    seek(atMs) {
      const mediaSec = run?.hasPicture === true ? run.clock.mediaSecOf(atMs) : undefined;
      const isThere = mediaSec !== undefined && run !== undefined && isNear(run.clock.instantOf(mediaSec), atMs);
      if (!isThere) return start(atMs);
      wantedMs = atMs;
      video.currentTime = mediaSec;
      setRunning();
    },
  };
}

function isNear(foundMs: number | undefined, wantedMs: number): boolean {
  return foundMs !== undefined && Math.abs(foundMs - wantedMs) <= NEAR_MS;
}
