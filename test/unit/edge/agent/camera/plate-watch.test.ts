import { type PlateWatchOptions, startPlateWatch } from '@dipper/edge/agent/camera/plate-watch';
import type { DecodedFrame } from '@dipper/edge/video/decoded-frame';
import type { PlatePassage } from '@dipper/edge/vision/plates/plate-tracker';
import type { PlateReading } from '@dipper/edge/vision/plates/read-plates';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createManualClock } from '../../../../support/manual-clock.ts';

const FRAME_MS = 200;
const START_MS = Date.UTC(2026, 10, 24);
/** The lower right quarter. */
const LANE = [
  [0.5, 0.5],
  [1, 0.5],
  [1, 1],
  [0.5, 1],
] as const;

/** A grey street with something bright in it. @param at its middle, in pixels of 320 × 180 */
function frameAt(frame: number, at?: readonly [number, number], widthPx = 320): DecodedFrame {
  const heightPx = (widthPx * 9) / 16;
  const scale = widthPx / 320;
  const rgb = new Uint8Array(widthPx * heightPx * 3).fill(90);
  if (at !== undefined) {
    for (let y = Math.max(0, at[1] - 25) * scale; y < Math.min(180, at[1] + 25) * scale; y += 1) {
      rgb.fill(230, (y * widthPx + Math.max(0, at[0] - 25) * scale) * 3, (y * widthPx + (at[0] + 25) * scale) * 3);
    }
  }
  const atMs = START_MS + frame * FRAME_MS;
  return { rgb, widthPx, heightPx, presentationTime: frame, atMs, senderAtMs: atMs, unitIndex: frame };
}

function plateAt(text: string, x: number, y: number, widthPx: number): PlateReading {
  const heightPx = widthPx / 3;
  const box = { leftPx: x - widthPx / 2, topPx: y - heightPx / 2, widthPx, heightPx };
  const [left, right, top, bottom] = [box.leftPx, box.leftPx + widthPx, box.topPx, box.topPx + heightPx];
  const quad = [
    { xPx: left, yPx: top },
    { xPx: right, yPx: top },
    { xPx: right, yPx: bottom },
    { xPx: left, yPx: bottom },
  ] as const;
  return { text, confidence: 0.95, colour: 'blue', quad, box };
}

async function watch(
  frames: readonly DecodedFrame[],
  options: Pick<PlateWatchOptions, 'reader'> & Partial<PlateWatchOptions>,
) {
  const passages: PlatePassage[] = [];
  const watching = startPlateWatch({
    ...{ minVotes: 2, clock: createManualClock(START_MS), log: pino({ enabled: false }) },
    onPassage: (passage) => passages.push(passage),
    ...options,
  });
  for (const frame of frames) {
    watching.offer(frame);
    await watching.settled();
  }
  await watching.close();
  return { passages, stats: watching.stats() };
}

const count = (length: number) => Array.from({ length }, (_, index) => index);

test('nothing is read while nothing moves in the lane, whatever moves beside it', async () => {
  let reads = 0;
  const reader = {
    read: async () => {
      reads += 1;
      return { plates: [], tooSmall: [] };
    },
  };
  const beside = count(30).map((frame) => frameAt(frame, [40 + frame, 40]));
  expect((await watch(beside, { reader, lane: LANE })).stats).toMatchObject({ searched: 0, calm: 30 });
  expect(reads).toBe(0);
  const inside = count(30).map((frame) => frameAt(frame, frame < 5 ? undefined : [200 + frame, 130]));
  const { stats } = await watch(inside, { reader, lane: LANE });
  expect(stats.searched).toBeGreaterThanOrEqual(20);
  expect(reads).toBe(stats.searched);
});

test('a plate outside of the lane is not told of, one inside is, once', async () => {
  const reader = {
    read: async (frame: unknown) => {
      const { unitIndex: at } = frame as DecodedFrame;
      return {
        plates: [plateAt('京A12345', 200 + at, 100 + at, 30 + at), plateAt('京B00001', 40 + at, 60, 30 + at)],
        tooSmall: [],
      };
    },
  };
  const frames = count(20).map((frame) => frameAt(frame, frame < 2 ? undefined : [200 + frame, 120]));
  const { passages } = await watch(frames, { reader, lane: LANE });
  expect(passages.map(({ text }) => text)).toEqual(['京A12345']);
});

test('where plates are too small the same instant of the main stream is read, as one vote, in pixels of the frame', async () => {
  const sides: (number | undefined)[] = [];
  const reader: PlateWatchOptions['reader'] = {
    async read(frame, _area, side) {
      sides.push(side);
      const { unitIndex: at } = frame as DecodedFrame;
      if (frame.widthPx === 320) {
        const small = plateAt('京A12B45', 200, 100 + at, 9 + at);
        return { plates: [small], tooSmall: [small.box] };
      }
      return { plates: [plateAt('京A12345', 600, (100 + at) * 3, (9 + at) * 3)], tooSmall: [] };
    },
  };
  const frames = count(12).map((frame) => frameAt(frame, frame < 2 ? undefined : [200, 100 + frame]));
  const { passages, stats } = await watch(frames, {
    reader,
    closeUp: async (frame) => ({ ...frameAt(frame.unitIndex, undefined, 960), atMs: frame.atMs }),
  });
  expect(passages.map(({ text }) => text)).toEqual(['京A12345']);
  expect(passages[0]?.votes).toBeLessThanOrEqual(stats.searched);
  expect(passages[0]?.box.leftPx).toBeCloseTo(200 - (passages[0]?.box.widthPx ?? 0) / 2, 5);
  expect(new Set(sides)).toEqual(new Set([undefined, 960]));
  expect(stats.closeUps).toBe(stats.searched);
});

test('a main stream that is no larger, or lacks the moment, changes nothing', async () => {
  const reader = {
    read: async (frame: unknown) => {
      const { unitIndex: at } = frame as DecodedFrame;
      const plate = plateAt('京A12345', 200, 100 + at, 20 * 1.1 ** at);
      return { plates: [plate], tooSmall: [plate.box] };
    },
  };
  const frames = count(12).map((frame) => frameAt(frame, frame < 2 ? undefined : [200, 100 + frame]));
  for (const closeUp of [async () => undefined, async (frame: DecodedFrame) => frame]) {
    const { passages, stats } = await watch(frames, { reader, closeUp });
    expect(passages.map(({ text }) => text)).toEqual(['京A12345']);
    expect(stats.closeUps).toBe(0);
  }
});

test('models that fail once are asked again with the next frame', async () => {
  let calls = 0;
  const reader = {
    read: async (frame: unknown) => {
      calls += 1;
      if (calls === 1) throw new Error('crashed');
      const { unitIndex: at } = frame as DecodedFrame;
      return { plates: [plateAt('京A12345', 200, 100 + at, 20 * 1.1 ** at)], tooSmall: [] };
    },
  };
  const frames = count(12).map((frame) => frameAt(frame, frame < 2 ? undefined : [200, 100 + frame]));
  expect((await watch(frames, { reader })).passages).toHaveLength(1);
});
