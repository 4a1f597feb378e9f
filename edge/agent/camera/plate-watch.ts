import type { Logger } from 'pino';
import type { Clock } from '../../link/clock.ts';
import type { DecodedFrame } from '../../video/decoded-frame.ts';
import { clipBox, overlap, type PixelBox, scaleBox } from '../../vision/box.ts';
import { type Corner, createMotionWatch, isInside, type Polygon } from '../../vision/motion-watch.ts';
import { createPlateTracker, type PlatePassage } from '../../vision/plates/plate-tracker.ts';
import type { PlateReader } from '../../vision/plates/plate-worker.ts';
import { boxAround, placeQuad } from '../../vision/plates/quad.ts';
import type { PlateReading } from '../../vision/plates/read-plates.ts';
import { isSuperseded } from '../../vision/vision-error.ts';
import { createLatestValue } from './latest-value.ts';

export interface PlateWatchOptions {
  readonly reader: PlateReader;
  /** Plates outside of it are not read. Default: the whole picture. */
  readonly lane?: Polygon | undefined;
  /** Frames that have to agree. */
  readonly minVotes: number;
  /** The same instant in the main stream, asked for where plates are too small to be read. Undefined when it has none. */
  readonly closeUp?: ((frame: DecodedFrame) => Promise<DecodedFrame | undefined>) | undefined;
  /** A vehicle drove up or off. `frame` has the size that its box is in pixels of. */
  readonly onPassage: (passage: PlatePassage, frame: { readonly widthPx: number; readonly heightPx: number }) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface PlateWatchStats {
  /** Frames that were searched for plates. */
  readonly searched: number;
  /** Frames that were left out since nothing moved in the lane. */
  readonly calm: number;
  /** Frames that a newer one overtook while the models were busy. */
  readonly dropped: number;
  /** Plates read in single frames. */
  readonly read: number;
  /** Frames in which plates were so small that the main stream was looked into. */
  readonly closeUps: number;
  readonly passages: number;
  /** The models' and the tracker's part of a frame, mean, ms. */
  readonly readMeanMs: number;
}

export interface PlateWatch {
  /** Takes the next frame; returns at once. */
  offer(frame: DecodedFrame): void;
  /** Resolves when no frame waits or is being looked at. */
  settled(): Promise<void>;
  /** The stream is gone: whoever was in the lane has left it. */
  endTracks(): void;
  stats(): PlateWatchStats;
  /** No more frames. Resolves when the last one has been looked at. */
  close(): Promise<void>;
}

const END_OF_STREAM = 'end-of-stream';
const WHOLE_PICTURE: Polygon = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];
/** So long after the last motion in the lane it is still searched: a car that stopped may have been too blurred before. */
const LINGER_MS = 4_000;
/** So much larger a picture has to be to show more. */
const MIN_GAIN = 1.2;

/** Reads plates in a lane while something moves there, always in the newest frame, and tells of vehicles that pass. */
export function startPlateWatch(options: PlateWatchOptions): PlateWatch {
  const { reader, minVotes, clock, log, lane = WHOLE_PICTURE } = options;
  const tracker = createPlateTracker({ minVotes });
  const motion = createMotionWatch({ zones: [lane] });
  const latest = createLatestValue<DecodedFrame | typeof END_OF_STREAM>();
  const sums = { searched: 0, calm: 0, read: 0, closeUps: 0, passages: 0, readMs: 0 };
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let movedAtMs = Number.NEGATIVE_INFINITY;
  let size = { widthPx: 1, heightPx: 1 };

  function tell(passages: readonly PlatePassage[]): void {
    for (const passage of passages) {
      sums.passages++;
      options.onPassage(passage, size);
    }
  }

  /** What the main stream shows at this instant, in pixels of the frame; undefined where it shows no more. */
  async function lookCloser(frame: DecodedFrame, at: readonly PixelBox[]): Promise<PlateReading[] | undefined> {
    const closer = await options.closeUp?.(frame);
    if (closer === undefined || closer.widthPx < frame.widthPx * MIN_GAIN) return undefined;
    sums.closeUps++;
    const { plates } = await reader.read(closer, scaleBox(surroundings(at, frame), frame, closer), 960);
    const scale = { x: frame.widthPx / closer.widthPx, y: frame.heightPx / closer.heightPx };
    return plates.map((plate) => {
      const quad = placeQuad(plate.quad, scale, { xPx: 0, yPx: 0 });
      return { ...plate, quad, box: boxAround(quad) };
    });
  }

  async function observe(frame: DecodedFrame): Promise<void> {
    const startedMs = clock.monotonicMs();
    size = frame;
    const found = await reader.read(frame, areaOf(lane, frame));
    // One instant is one vote, from whichever stream.
    const closer = found.tooSmall.length > 0 ? await lookCloser(frame, found.tooSmall) : undefined;
    const clear = found.plates.filter(({ box }) => !found.tooSmall.some((small) => overlap(small, box) > 0));
    const more = closer?.filter((plate) => !clear.some(({ box }) => overlap(box, plate.box) > 0));
    const readings = (more === undefined ? found.plates : [...clear, ...more]).filter((reading) =>
      isIn(lane, reading, frame),
    );
    // Frames come in order; their times may step back by a little when the camera's clock is learnt anew.
    lastAtMs = Math.max(lastAtMs, frame.atMs);
    tell(tracker.observe(readings, lastAtMs));
    sums.searched++;
    sums.read += readings.length;
    sums.readMs += clock.monotonicMs() - startedMs;
  }

  /** Resolves once nothing is left to look at; undefined while there is nothing. */
  let busy: PromiseWithResolvers<void> | undefined;
  let isClosed = false;

  function rest(): void {
    busy?.resolve();
    busy = undefined;
  }

  function put(value: DecodedFrame | typeof END_OF_STREAM): void {
    if (isClosed) return;
    busy ??= Promise.withResolvers<void>();
    latest.put(value);
  }

  async function run(): Promise<void> {
    for (;;) {
      if (latest.isEmpty) rest();
      const value = await latest.take();
      if (value === undefined) break;
      if (value === END_OF_STREAM) {
        tell(tracker.endAll());
        lastAtMs = Number.NEGATIVE_INFINITY;
        movedAtMs = Number.NEGATIVE_INFINITY;
        continue;
      }
      try {
        await observe(value);
      } catch (error) {
        if (!isSuperseded(error)) log.error({ err: error }, 'a frame could not be searched for plates');
      }
    }
    tell(tracker.endAll());
  }
  const done = run();

  return {
    offer(frame) {
      if (motion.observe(frame.atMs, frame).isMoving) movedAtMs = frame.atMs;
      if (Math.abs(frame.atMs - movedAtMs) <= LINGER_MS) put(frame);
      else sums.calm++;
    },
    settled: () => busy?.promise ?? Promise.resolve(),
    endTracks: () => put(END_OF_STREAM),
    stats: () => ({
      ...{ searched: sums.searched, calm: sums.calm, read: sums.read },
      ...{ closeUps: sums.closeUps, passages: sums.passages },
      dropped: latest.dropped,
      readMeanMs: sums.searched === 0 ? 0 : sums.readMs / sums.searched,
    }),
    async close() {
      isClosed = true;
      latest.end();
      await done;
      rest();
    },
  };
}

/** What holds some boxes, and half as much again to every side: the detector wants to see what is no text. */
function surroundings(boxes: readonly PixelBox[], frame: DecodedFrame): PixelBox {
  const leftPx = Math.min(...boxes.map((box) => box.leftPx - box.widthPx / 2));
  const topPx = Math.min(...boxes.map((box) => box.topPx - box.heightPx * 2));
  const rightPx = Math.max(...boxes.map((box) => box.leftPx + box.widthPx * 1.5));
  const bottomPx = Math.max(...boxes.map((box) => box.topPx + box.heightPx * 3));
  return clipBox({ leftPx, topPx, widthPx: rightPx - leftPx, heightPx: bottomPx - topPx }, frame);
}

/** The upright rectangle around the lane. */
function areaOf(lane: Polygon, { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number }) {
  const xs = lane.map(([x]) => x);
  const ys = lane.map(([, y]) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return {
    leftPx: left * widthPx,
    topPx: top * heightPx,
    widthPx: Math.ceil((Math.max(...xs) - left) * widthPx),
    heightPx: Math.ceil((Math.max(...ys) - top) * heightPx),
  };
}

function isIn(lane: Polygon, { box }: PlateReading, frame: DecodedFrame): boolean {
  const middle: Corner = [
    (box.leftPx + box.widthPx / 2) / frame.widthPx,
    (box.topPx + box.heightPx / 2) / frame.heightPx,
  ];
  return isInside(middle, lane);
}
