import { createPlateTracker, type PlateTrackerOptions } from '@dipper/edge/vision/plates/plate-tracker';
import type { PlateReading } from '@dipper/edge/vision/plates/read-plates';
import { describe, expect, test } from 'vitest';

const FRAME_MS = 200;

interface Place {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
}

function reading(text: string, { x, y, widthPx }: Place, confidence = 0.95): PlateReading {
  const heightPx = widthPx / 3;
  const box = { leftPx: x - widthPx / 2, topPx: y - heightPx / 2, widthPx, heightPx };
  const corner = (right: number, down: number) => ({ xPx: x + right * widthPx, yPx: y + down * heightPx });
  const quad = [corner(-0.5, -0.5), corner(0.5, -0.5), corner(0.5, 0.5), corner(-0.5, 0.5)] as const;
  return { text, confidence, colour: 'blue', quad, box };
}

/** A car that drives up: its plate comes down the picture and grows. */
const drivingUp = (frame: number): Place => ({ x: 300 - frame * 2, y: 100 + frame * 6, widthPx: 50 * 1.06 ** frame });
const drivingOff = (frame: number): Place => drivingUp(20 - frame);
/** Boxes of a plate that stands jitter. */
const standing = (frame: number): Place => ({
  x: 500 + (frame % 3) - 1,
  y: 200 + (frame % 2),
  widthPx: 100 + ((frame * 7) % 5) - 2,
});

/** @param frames what is read in each frame; undefined where nothing is */
function follow(frames: readonly (readonly PlateReading[])[], options: PlateTrackerOptions = {}) {
  const tracker = createPlateTracker(options);
  const passages = frames.flatMap((readings, frame) => tracker.observe(readings, frame * FRAME_MS));
  return [...passages, ...tracker.endAll()];
}

const frames = (count: number, at: (frame: number) => readonly PlateReading[]) =>
  Array.from({ length: count }, (_, frame) => at(frame));

describe('a vehicle that drives up', () => {
  test('is told once, as soon as frames agree and it has moved', () => {
    const tracker = createPlateTracker();
    const told = frames(20, (frame) => [reading('京A12345', drivingUp(frame))]).map(
      (readings, frame) => tracker.observe(readings, frame * FRAME_MS).length,
    );
    expect(told.findIndex((count) => count > 0)).toBeLessThan(6);
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(tracker.endAll()).toEqual([]);
  });

  test('is told with its votes, direction and place', () => {
    const [passage, ...others] = follow(frames(20, (frame) => [reading('京A12345', drivingUp(frame))]));
    expect(others).toEqual([]);
    expect(passage).toMatchObject({ text: '京A12345', direction: 'approaching', colour: 'blue', firstSeenAtMs: 0 });
    expect(passage?.votes).toBeGreaterThanOrEqual(2);
  });

  test('is not told of after one reading, however sure', () => {
    expect(follow(frames(20, (frame) => (frame === 7 ? [reading('京A12345', drivingUp(7), 1)] : [])))).toEqual([]);
  });

  test('is not told of while every frame reads something else', () => {
    const wrong = (frame: number) => `京A1234${frame % 10}`;
    expect(follow(frames(10, (frame) => [reading(wrong(frame), drivingUp(frame))]))).toEqual([]);
  });

  test('a misreading in between is outvoted', () => {
    const text = (frame: number) => (frame % 4 === 1 ? '京A123A5' : '京A12345');
    const passages = follow(frames(20, (frame) => [reading(text(frame), drivingUp(frame))]));
    expect(passages.map(({ text }) => text)).toEqual(['京A12345']);
  });

  test('two misreadings that agree are corrected by the frames that follow, under the same track', () => {
    const text = (frame: number) => (frame < 5 ? '京A123A5' : '京A12345');
    const [first, second, ...others] = follow(frames(20, (frame) => [reading(text(frame), drivingUp(frame))]));
    expect([first?.text, second?.text]).toEqual(['京A123A5', '京A12345']);
    expect(second?.track).toBe(first?.track);
    expect(others).toEqual([]);
  });

  test('more votes can be asked for, fewer than two cannot', () => {
    const some = frames(6, (frame) => [reading('京A12345', drivingUp(frame))]);
    expect(follow(some, { minVotes: 7 })).toEqual([]);
    expect(follow(some, { minVotes: 6 })[0]?.votes).toBe(6);
    expect(follow([[reading('京A12345', drivingUp(3), 1)]], { minVotes: 1 })).toEqual([]);
  });

  test('and waits at the barrier behind a passer-by, then drives on, is one passage', () => {
    const waits = (frame: number): readonly PlateReading[] => {
      if (frame < 15) return [reading('京A12345', drivingUp(frame))];
      if (frame < 40) return [];
      return [reading('京A12345', drivingUp(Math.max(15, frame - 45)))];
    };
    expect(follow(frames(70, waits))).toHaveLength(1);
  });

  test('and comes again after a minute is another', () => {
    const again = (frame: number) => (frame % 400 < 20 ? [reading('京A12345', drivingUp(frame % 400))] : []);
    expect(follow(frames(440, again))).toHaveLength(2);
  });

  test('and drives off again at once is told as leaving too', () => {
    const upAndOff = (frame: number) => {
      if (frame < 20) return [reading('京A12345', drivingUp(frame))];
      return frame < 40 ? [] : [reading('京A12345', drivingOff(frame - 40))];
    };
    expect(follow(frames(60, upAndOff)).map(({ direction }) => direction)).toEqual(['approaching', 'leaving']);
  });
});

describe('a parked vehicle', () => {
  test('is never told', () => {
    expect(follow(frames(300, (frame) => [reading('京A12345', standing(frame))]))).toEqual([]);
  });

  test('is not told when a passer-by hides it, nor for one box that is much too large', () => {
    const seen = (frame: number) => {
      if (frame % 40 > 20) return [];
      const place = standing(frame);
      return [reading('京A12345', frame % 40 === 15 ? { ...place, widthPx: place.widthPx * 1.7 } : place)];
    };
    expect(follow(frames(200, seen))).toEqual([]);
  });

  test('is not told while the camera sags by a pixel a minute', () => {
    const sagging = (frame: number) => ({ ...standing(frame), y: 200 + frame / 300 });
    expect(follow(frames(9_000, (frame) => [reading('京A12345', sagging(frame))]))).toEqual([]);
  });

  test('is told as leaving once it drives off', () => {
    const off = (frame: number): Place => ({ x: 500, y: 200 - frame * 4, widthPx: 100 * 0.95 ** frame });
    const seen = (frame: number) => [reading('京A12345', frame < 100 ? standing(frame) : off(frame - 100))];
    expect(follow(frames(120, seen)).map(({ direction }) => direction)).toEqual(['leaving']);
  });

  test('does not keep the one that drives up beside it from being told', () => {
    const both = (frame: number) => [reading('京B00001', standing(frame)), reading('京A12345', drivingUp(frame))];
    expect(follow(frames(20, both)).map(({ text }) => text)).toEqual(['京A12345']);
  });
});

test('two vehicles behind one another are two passages', () => {
  const both = (frame: number) => [
    ...(frame < 20 ? [reading('京A12345', drivingUp(frame))] : []),
    ...(frame > 12 && frame < 33 ? [reading('沪B6789C', drivingUp(frame - 13))] : []),
  ];
  const passages = follow(frames(60, both));
  expect(passages.map(({ text }) => text)).toEqual(['京A12345', '沪B6789C']);
  expect(new Set(passages.map(({ track }) => track)).size).toBe(2);
});

test('one that crosses the picture is told when it is gone, with no direction', () => {
  const crossing = (frame: number): Place => ({ x: 100 + frame * 25, y: 200, widthPx: 100 });
  const tracker = createPlateTracker();
  const during = frames(15, (frame) => [reading('京A12345', crossing(frame))]).flatMap((readings, frame) =>
    tracker.observe(readings, frame * FRAME_MS),
  );
  expect(during).toEqual([]);
  expect(tracker.observe([], 10_000)).toMatchObject([{ text: '京A12345', direction: 'unknown' }]);
});
