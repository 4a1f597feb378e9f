import { type DecodedFrame, PendingUnits } from './decoded-frame.ts';
import { type PictureRegion, type PictureSize, startDecoderProcess } from './decoder-process.ts';
import type { Ring, VideoUnit } from './ring.ts';
import type { PictureTime } from './sender-clock.ts';
import { isVideoError, VideoError } from './video-error.ts';

export interface DecodeWindowOptions {
  readonly ring: Ring;
  readonly ffmpegPath: string;
  /** The middle of the window, as another stream of the same camera dates it. */
  readonly instant: PictureTime;
  readonly beforeMs: number;
  readonly afterMs: number;
  /** The part of the picture that is wanted, given its size. Default: all of it. */
  readonly regionOf?: (picture: PictureSize) => PictureRegion;
  /** How long to wait for the end of the window to arrive; what is there then is used. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** A picture of a window, or the wanted part of it. */
export interface WindowFrame extends DecodedFrame {
  /** The whole picture, and where in it the frame lies. */
  readonly picture: PictureSize;
  readonly region: PictureRegion;
}

/** Two streams whose clocks differ from ours by the same amount carry the same clock: their stamps can be compared. */
const SAME_CLOCK_MS = 100;
/** A picture further from an instant than one of ten a second may be is not of that instant. */
const SAME_INSTANT_MS = 100;
/** Decoding ten seconds of 1080p takes one; a child that takes longer is stuck. */
const MAX_DECODE_MS = 10_000;

/**
 * How long after an instant a unit was taken, ms. By the camera's stamps where both streams carry its clock (exact), else
 * by this machine's time (as exact as both streams' delays are alike): a stream has no camera clock before its first
 * RTCP sender report.
 */
export function msAfter(instant: PictureTime, unit: PictureTime): number {
  const offsetMs = unit.atMs - unit.senderAtMs;
  const isSameClock = Math.abs(offsetMs - (instant.atMs - instant.senderAtMs)) <= SAME_CLOCK_MS;
  return isSameClock ? unit.senderAtMs - instant.senderAtMs : unit.atMs - instant.atMs;
}

/**
 * How many pictures of a stream have to be decoded to have the one of an instant, itself included: those since its key frame.
 * @returns undefined when the ring does not hold it
 */
export function picturesSinceKey(units: readonly VideoUnit[], instant: PictureTime): number | undefined {
  const away = (unit: VideoUnit): number => Math.abs(msAfter(instant, unit));
  let nearest: VideoUnit | undefined;
  let count = 0;
  let countOfNearest: number | undefined;
  for (const unit of units) {
    count = unit.fragment.isKey ? 1 : count + 1;
    if (nearest !== undefined && away(unit) >= away(nearest)) continue;
    nearest = unit;
    countOfNearest = count;
  }
  return nearest !== undefined && away(nearest) <= SAME_INSTANT_MS ? countOfNearest : undefined;
}

/**
 * Decodes the pictures around an instant at full resolution, each once, in order of time. Only as many are held as the
 * caller keeps: decoding waits for it.
 *
 * @throws VideoError WINDOW_UNAVAILABLE when the ring has nothing of it; FfmpegError when the decoder fails
 */
export async function* decodeWindow(options: DecodeWindowOptions): AsyncGenerator<WindowFrame, void> {
  const { ring, instant, beforeMs, afterMs } = options;
  await waitFor(options);
  const place = (unit: VideoUnit) => msAfter(instant, unit);
  const units = ring.units();
  const isWanted = (unit: VideoUnit) => place(unit) >= -beforeMs && place(unit) <= afterMs;
  const nearest = units.filter(isWanted).toSorted((a, b) => Math.abs(place(a)) - Math.abs(place(b)))[0];
  if (nearest === undefined) throw new VideoError('WINDOW_UNAVAILABLE');
  const run = units.filter((unit) => unit.init === nearest.init);
  const wanted = run.filter(isWanted);
  const first = wanted[0] ?? nearest;
  const last = wanted.at(-1) ?? nearest;
  const key = run.findLast((unit) => unit.fragment.isKey && unit.index <= first.index) ?? run[0] ?? first;

  const picture = { widthPx: nearest.init.widthPx, heightPx: nearest.init.heightPx };
  const region = options.regionOf?.(picture) ?? { leftPx: 0, topPx: 0, ...picture };
  const stop = new AbortController();
  const child = startDecoderProcess({
    ffmpegPath: options.ffmpegPath,
    init: nearest.init,
    select: `between(pts,${first.fragment.presentationTime},${last.fragment.presentationTime})`,
    region,
    signal: AbortSignal.any([options.signal, stop.signal, AbortSignal.timeout(MAX_DECODE_MS)]),
  });
  const pending = new PendingUnits();
  const fed = feed(
    run.filter((unit) => unit.index >= key.index && unit.index <= last.index),
    child,
    pending,
  );
  let count = 0;
  try {
    for await (const decoded of child.pictures) {
      const frame = pending.date(decoded);
      if (frame === undefined) continue;
      count++;
      yield { ...frame, picture, region };
    }
    if (count === 0) throw await child.ended;
  } finally {
    stop.abort();
    await fed;
  }
}

async function feed(
  units: readonly VideoUnit[],
  child: ReturnType<typeof startDecoderProcess>,
  pending: PendingUnits,
): Promise<void> {
  for (const unit of units) {
    pending.add(unit);
    await child.write(unit.fragment.bytes);
  }
  child.end();
}

async function waitFor({ ring, instant, afterMs, waitMs, signal }: DecodeWindowOptions): Promise<void> {
  const deadline = AbortSignal.timeout(waitMs);
  const either = AbortSignal.any([signal, deadline]);
  const hasEnd = () => {
    const newest = ring.newest();
    return newest !== undefined && msAfter(instant, newest) >= afterMs;
  };
  while (!hasEnd()) {
    try {
      await ring.next(either);
    } catch (error) {
      if (deadline.aborted || isVideoError(error, 'STREAM_CLOSED')) return;
      throw error;
    }
  }
}
