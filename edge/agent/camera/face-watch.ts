import type { Logger } from 'pino';
import type { Clock } from '../../link/clock.ts';
import type { DecodedFrame } from '../../video/decoded-frame.ts';
import { createFaceCapture, type FaceShot } from '../../vision/face-capture.ts';
import type { FaceModels } from '../../vision/face-models.ts';
import { isSuperseded } from '../../vision/vision-error.ts';
import { createLatestValue } from './latest-value.ts';

export interface FaceWatchOptions {
  readonly models: FaceModels;
  /** How long a better shot is waited for after the first adequate one. Default 3,000. */
  readonly waitMs?: number | undefined;
  readonly onShot: (shot: FaceShot<DecodedFrame>) => void;
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
  /** The stream is gone: whoever was in the picture has left it. */
  endTracks(): void;
  stats(): FaceWatchStats;
  /** No more frames. Resolves when the last one has been looked at. */
  close(): Promise<void>;
}

const END_OF_STREAM = 'end-of-stream';

/** Looks at frames for faces as fast as the models allow, always at the newest one. */
export function startFaceWatch(options: FaceWatchOptions): FaceWatch {
  const { clock, log, onShot } = options;
  const capture = createFaceCapture<DecodedFrame>({
    models: options.models,
    ...(options.waitMs === undefined ? {} : { waitMs: options.waitMs }),
  });
  const latest = createLatestValue<DecodedFrame | typeof END_OF_STREAM>();
  const sums = { observed: 0, latencyMs: 0, detectMs: 0 };
  let lastAtMs = Number.NEGATIVE_INFINITY;

  async function observe(frame: DecodedFrame): Promise<void> {
    const startedMs = clock.monotonicMs();
    // Frames come in order; their times may step back by a little when the camera's clock is learnt anew.
    lastAtMs = Math.max(lastAtMs, frame.atMs);
    const { shots } = await capture.observe(frame, lastAtMs);
    sums.observed++;
    sums.detectMs += clock.monotonicMs() - startedMs;
    sums.latencyMs += clock.nowMs() - frame.atMs;
    for (const shot of shots) onShot(shot);
  }

  async function run(): Promise<void> {
    for (let value = await latest.take(); value !== undefined; value = await latest.take()) {
      if (value === END_OF_STREAM) {
        for (const shot of capture.end()) onShot(shot);
        lastAtMs = Number.NEGATIVE_INFINITY;
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
    offer: (frame) => latest.put(frame),
    endTracks: () => latest.put(END_OF_STREAM),
    stats: () => ({
      observed: sums.observed,
      dropped: latest.dropped,
      latencyMeanMs: sums.observed === 0 ? 0 : sums.latencyMs / sums.observed,
      detectMeanMs: sums.observed === 0 ? 0 : sums.detectMs / sums.observed,
    }),
    async close() {
      latest.end();
      await done;
    },
  };
}
