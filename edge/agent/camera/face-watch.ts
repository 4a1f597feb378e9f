import type { Logger } from 'pino';
import type { Clock } from '../../link/clock.ts';
import type { DecodedFrame } from '../../video/decoded-frame.ts';
import { createFaceCapture, type FaceShot, type SeenFace } from '../../vision/face-capture.ts';
import type { FaceModels } from '../../vision/face-models.ts';
import { isSuperseded } from '../../vision/vision-error.ts';
import { createLatestValue } from './latest-value.ts';

export interface FaceWatchOptions {
  readonly models: FaceModels;
  /** How long a better shot is waited for after the first adequate one. Default 3,000. */
  readonly waitMs?: number | undefined;
  /** A frame shows somebody. */
  readonly onFaces?: () => void;
  readonly onShot: (shot: FaceShot<DecodedFrame>) => void;
  /** Recognition looks at what capture has found; returns at once. */
  readonly onSeen?: ((frame: DecodedFrame, atMs: number, faces: readonly SeenFace[]) => void) | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface FaceWatchStats {
  readonly observed: number;
  /** Frames that a newer one overtook while the detector was busy. */
  readonly dropped: number;
  /** From the frame's instant to the end of its inspection, mean over all frames, ms. */
  readonly latencyMeanMs: number;
  /** Of that, the models' and the tracker's part, ms. */
  readonly detectMeanMs: number;
}

export interface FaceWatch {
  /** Takes the next frame; returns at once. */
  offer(frame: DecodedFrame): void;
  /** Resolves when no frame waits or is being looked at. */
  settled(): Promise<void>;
  /** The stream is gone: whoever was in the picture has left it. */
  endTracks(): void;
  stats(): FaceWatchStats;
  /** No more frames. Resolves when the last one has been looked at. */
  close(): Promise<void>;
}

const END_OF_STREAM = 'end-of-stream';
/**
 * While everybody in the picture has been captured, frames closer together are passed over: two or three a second are enough to
 * follow them, and to notice who comes. At 5 a second that is every other one.
 */
const FOLLOW_EVERY_MS = 390;

/** Looks at frames for faces as fast as the models allow, always at the newest one. */
export function startFaceWatch(options: FaceWatchOptions): FaceWatch {
  const { clock, log, onShot } = options;
  const capture = createFaceCapture<DecodedFrame>({
    models: options.models,
    ...(options.waitMs === undefined ? {} : { waitMs: options.waitMs }),
    ...(options.onSeen === undefined ? {} : { onSeen: options.onSeen }),
  });
  const latest = createLatestValue<DecodedFrame | typeof END_OF_STREAM>();
  const sums = { observed: 0, latencyMs: 0, detectMs: 0 };
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let hasEverybody = false;

  async function observe(frame: DecodedFrame): Promise<void> {
    const startedMs = clock.monotonicMs();
    // Frames come in order; their times may step back by a little when the camera's clock is learnt anew.
    lastAtMs = Math.max(lastAtMs, frame.atMs);
    const { shots, faces, isDone } = await capture.observe(frame, lastAtMs);
    hasEverybody = isDone;
    if (faces.length > 0) options.onFaces?.();
    sums.observed++;
    sums.detectMs += clock.monotonicMs() - startedMs;
    sums.latencyMs += clock.nowMs() - frame.atMs;
    for (const shot of shots) onShot(shot);
  }

  /** Resolves once nothing is left to look at; undefined while there is nothing. */
  let busy: PromiseWithResolvers<void> | undefined;
  let isClosed = false;

  function rest(): void {
    busy?.resolve();
    busy = undefined;
  }

  function take(): Promise<DecodedFrame | typeof END_OF_STREAM | undefined> {
    if (latest.isEmpty) rest();
    return latest.take();
  }

  function put(value: DecodedFrame | typeof END_OF_STREAM): void {
    if (isClosed) return;
    busy ??= Promise.withResolvers<void>();
    latest.put(value);
  }

  async function run(): Promise<void> {
    for (let value = await take(); value !== undefined; value = await take()) {
      if (value === END_OF_STREAM) {
        for (const shot of capture.end()) onShot(shot);
        lastAtMs = Number.NEGATIVE_INFINITY;
        hasEverybody = false;
        continue;
      }
      try {
        await observe(value);
      } catch (error) {
        if (!isSuperseded(error)) log.error({ err: error }, 'a frame could not be searched for faces');
      }
    }
    for (const shot of capture.end()) onShot(shot);
  }
  const done = run();

  return {
    offer(frame) {
      const sinceMs = frame.atMs - lastAtMs;
      if (hasEverybody && sinceMs >= 0 && sinceMs < FOLLOW_EVERY_MS) return;
      put(frame);
    },
    settled: () => busy?.promise ?? Promise.resolve(),
    endTracks: () => put(END_OF_STREAM),
    stats: () => ({
      observed: sums.observed,
      dropped: latest.dropped,
      latencyMeanMs: sums.observed === 0 ? 0 : sums.latencyMs / sums.observed,
      detectMeanMs: sums.observed === 0 ? 0 : sums.detectMs / sums.observed,
    }),
    async close() {
      isClosed = true;
      latest.end();
      await done;
      rest();
    },
  };
}
