import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamName } from '@dipper/contract/commands';
import type { Logger } from 'pino';
import type { Clock } from '../../link/clock.ts';
import { createBackOff } from '../../video/back-off.ts';
import { createRing, type Ring } from '../../video/ring.ts';
import { type StreamSource, type StreamSourceStats, startStreamSource } from '../../video/stream-source.ts';
import type { StreamState } from '../../video/stream-state.ts';
import { type CameraAccess, createAccessBook, type FindCamera } from './camera-access.ts';

export interface CameraStreamsOptions {
  readonly find: FindCamera;
  readonly ffmpegPath: string;
  /** How long a stream may go on without a key frame; see the stream source. */
  readonly keyFrameMs?: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly onAccess: (access: CameraAccess) => void;
  readonly onState: (stream: StreamName, state: StreamState) => void;
  readonly onClockStep?: (stepMs: number) => void;
}

export interface CameraStreams {
  readonly rings: { readonly main: Ring; readonly sub: Ring };
  stats(): Partial<Record<StreamName, StreamSourceStats>>;
  /** Resolves when the signal has ended everything and no child is left. */
  readonly done: Promise<void>;
}

/**
 * Main is looked back at when a shot is cut: three seconds after the face, and later while others are cut. 32 MB hold ten
 * seconds of 25 Mbit/s.
 */
const MAIN_RING = { maxBytes: 32 * 1024 * 1024, preRollMs: 10_000 };
/** As far back as idling may have to be made up for: two groups, and the time to notice. */
const SUB_RING = { maxBytes: 8 * 1024 * 1024, preRollMs: 8_000 };
const FIND_BACK_OFF = { firstMs: 2_000, maxMs: 60_000 };

/** Keeps both streams of a camera open, each in its ring; a camera with one stream fills both rings from one session. */
export function startCameraStreams(options: CameraStreamsOptions): CameraStreams {
  const { clock, log, signal, onState } = options;
  const rings = { main: createRing(MAIN_RING), sub: createRing(SUB_RING) };
  const sources: Partial<Record<StreamName, StreamSource>> = {};
  const find = createAccessBook(options.find, clock);

  async function address(stream: StreamName, over: AbortSignal) {
    const access = await find(over);
    options.onAccess(access);
    return access[stream];
  }

  /** A camera that was away is back with all its streams: the one that comes first does not let the other wait out its pause. */
  function tellOf(stream: StreamName, other: StreamName): (state: StreamState) => void {
    return (state) => {
      onState(stream, state);
      if (state.kind === 'online') sources[other]?.hurry();
    };
  }

  function start(stream: StreamName, ring: Pick<Ring, 'append'>, tell: (state: StreamState) => void): void {
    sources[stream] = startStreamSource({
      address: (over) => address(stream, over),
      ffmpegPath: options.ffmpegPath,
      ...(options.keyFrameMs !== undefined && { keyFrameMs: options.keyFrameMs }),
      ring,
      onState: tell,
      // Both streams carry one clock.
      ...(stream === 'main' && options.onClockStep !== undefined && { onClockStep: options.onClockStep }),
      clock,
      log: log.child({ stream }),
      signal,
    });
  }

  /** Whether there is one stream or two has to be known first. @returns undefined when stopped before */
  async function firstAccess(): Promise<CameraAccess | undefined> {
    const backOff = createBackOff(FIND_BACK_OFF);
    while (!signal.aborted) {
      try {
        return await find(signal);
      } catch (error) {
        if (signal.aborted) return undefined;
        const retryInMs = Math.round(backOff.nextMs());
        const state = { kind: 'failed', ...describe(error), retryInMs } as const;
        log.warn({ cause: state.cause, reason: state.message, retryInMs }, 'the camera does not tell its streams');
        onState('main', state);
        onState('sub', state);
        await sleep(retryInMs, undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  async function run(): Promise<void> {
    const access = await firstAccess();
    if (access !== undefined) {
      options.onAccess(access);
      if (access.main.url === access.sub.url) {
        const append: Ring['append'] = (picture) => {
          rings.main.append(picture);
          rings.sub.append(picture);
        };
        start('main', { append }, (state) => {
          onState('main', state);
          onState('sub', state);
        });
      } else {
        start('main', rings.main, tellOf('main', 'sub'));
        start('sub', rings.sub, tellOf('sub', 'main'));
      }
      await Promise.all(Object.values(sources).map(({ done }) => done));
    }
    rings.main.close();
    rings.sub.close();
  }

  return {
    rings,
    stats: () => Object.fromEntries(Object.entries(sources).map(([stream, source]) => [stream, source.stats()])),
    done: run(),
  };
}

function describe(error: unknown): { cause: string; message: string } {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return { cause: error.code, message: error.message };
  }
  return { cause: 'CAMERA_UNREACHABLE', message: 'The camera could not be asked for its streams.' };
}
