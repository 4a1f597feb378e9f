import { createFrameWatch } from '@dipper/edge/agent/camera/frame-watch';
import type { DecodedFrame } from '@dipper/edge/video/decoded-frame';
import { createDecodingPace } from '@dipper/edge/video/decoding-pace';
import { createMotionWatch } from '@dipper/edge/vision/motion-watch';
import { expect, it } from 'vitest';
import { createManualClock } from '../../../../support/manual-clock.ts';

const [WIDTH_PX, HEIGHT_PX] = [128, 72];

/** A grey street; `person` is where somebody stands, from the left. */
function frameAt(atMs: number, personPx?: number): DecodedFrame {
  const rgb = new Uint8Array(WIDTH_PX * HEIGHT_PX * 3).fill(120);
  if (personPx !== undefined) {
    for (let y = 30; y < 70; y++) rgb.fill(60, (y * WIDTH_PX + personPx) * 3, (y * WIDTH_PX + personPx + 12) * 3);
  }
  return { rgb, widthPx: WIDTH_PX, heightPx: HEIGHT_PX, presentationTime: atMs, unitIndex: 0, atMs, senderAtMs: atMs };
}

function watch() {
  const clock = createManualClock();
  const pace = createDecodingPace({ clock, lingerMs: 10_000 });
  const searched: number[] = [];
  const believed: number[] = [];
  let settled = 0;
  const frames = createFrameWatch({
    ...{ pace, motion: createMotionWatch() },
    health: { observe: ({ atMs }) => believed.push(atMs) },
    faces: {
      offer: ({ atMs }) => searched.push(atMs),
      settled: async () => void settled++,
    },
  });
  const startMs = clock.nowMs();
  /** Shows a frame that is taken so long after the start. */
  const show = async (afterMs: number, personPx?: number) => {
    if (startMs + afterMs > clock.nowMs()) clock.advance(startMs + afterMs - clock.nowMs());
    await frames.observe(frameAt(startMs + afterMs, personPx));
  };
  const since = (times: number[]) => times.splice(0).map((atMs) => atMs - startMs);
  return {
    pace,
    frames,
    show,
    startMs,
    searched: () => since(searched),
    believed: () => since(believed),
    settled: () => settled,
  };
}

it('while nothing moves, one frame in ten seconds is searched for faces', async () => {
  const { pace, show, searched } = watch();
  for (let afterMs = 0; afterMs < 10_000; afterMs += 1_000) await show(afterMs);
  expect(searched()).toHaveLength(10);
  for (let afterMs = 10_000; afterMs < 60_000; afterMs += 2_000) await show(afterMs);
  expect(pace.isIdle).toBe(true);
  expect(searched()).toEqual([20_000, 30_000, 40_000, 50_000]);
});

it('who walks in is searched for from the last calm frame on, each frame once and one after another', async () => {
  const { pace, frames, show, startMs, searched, believed, settled } = watch();
  for (let afterMs = 0; afterMs <= 20_000; afterMs += 2_000) await show(afterMs);
  searched();
  believed();
  // A glimpse in two seconds: somebody is there who was not.
  await show(22_000, 40);
  expect(pace.isIdle).toBe(false);
  expect(pace.wokenFromMs).toBe(startMs + 20_000);
  expect(searched()).toEqual([]);
  // The decoder goes back to the key frame before, and on.
  for (let afterMs = 20_000; afterMs <= 23_000; afterMs += 200) await show(afterMs, (afterMs - 20_000) / 40);
  const found = searched();
  expect(found).toEqual(Array.from({ length: 16 }, (_, place) => 20_000 + place * 200));
  expect(settled()).toBe(11);
  expect(believed().filter((afterMs) => afterMs < 22_000)).toEqual([]);
  expect(frames.stats()).toMatchObject({ awakenings: 1, isIdle: false });
});

it('a device that tells of motion is looked at closely, whatever the picture shows', async () => {
  const { pace, show, searched, startMs } = watch();
  for (let afterMs = 0; afterMs <= 20_000; afterMs += 2_000) await show(afterMs);
  searched();
  pace.wake(startMs + 19_000);
  expect(pace.wokenFromMs).toBe(startMs + 19_000);
  await show(21_000);
  await show(21_200);
  expect(searched()).toEqual([21_000, 21_200]);
});

it('goes on when the clock of this machine is set back', async () => {
  const { show, searched } = watch();
  await show(3_600_000);
  await show(0);
  await show(200);
  expect(searched()).toEqual([3_600_000, 0, 200]);
});
