import type { FaceBox } from '@dipper/edge/vision/face-models';
import { createFaceTracker } from '@dipper/edge/vision/face-tracker';
import { describe, expect, test } from 'vitest';

function face(leftPx: number, topPx = 100, sizePx = 60, score = 0.95): FaceBox {
  return { leftPx, topPx, widthPx: sizePx, heightPx: sizePx * 1.3, score };
}

function tracker() {
  let count = 0;
  return createFaceTracker({
    createId: () => {
      count += 1;
      return `t${count}`;
    },
  });
}

describe('a track', () => {
  test('starts, goes on while its face moves, and ends once it has been gone for more than a second', () => {
    const faces = tracker();
    expect(faces.observe([face(100)], 0).seen).toMatchObject([{ id: 't1', firstSeenAtMs: 0 }]);
    for (let frame = 1; frame <= 5; frame += 1) {
      const { seen } = faces.observe([face(100 + frame * 30)], frame * 200);
      expect(seen).toMatchObject([{ id: 't1', firstSeenAtMs: 0, lastSeenAtMs: frame * 200 }]);
    }
    expect(faces.observe([], 2000)).toEqual({ seen: [], ended: [] });
    expect(faces.observe([], 2001).ended).toMatchObject([{ id: 't1', lastSeenAtMs: 1000, box: face(250) }]);
    expect(faces.observe([], 5000).ended).toEqual([]);
  });

  test('bridges a gap, and is another one after a longer gap', () => {
    const faces = tracker();
    faces.observe([face(100)], 0);
    expect(faces.observe([face(110)], 1000).seen).toMatchObject([{ id: 't1' }]);
    expect(faces.observe([face(110)], 2001)).toMatchObject({ ended: [{ id: 't1' }], seen: [{ id: 't2' }] });
  });

  test('starts with a sure face only, and follows it while it is less sure', () => {
    const faces = tracker();
    expect(faces.observe([face(100, 100, 60, 0.7)], 0).seen).toEqual([]);
    faces.observe([face(100)], 200);
    expect(faces.observe([face(105, 100, 60, 0.7)], 400).seen).toMatchObject([{ id: 't1', box: { score: 0.7 } }]);
  });

  test('a fast face that does not overlap itself is still the same; one of another size is not', () => {
    const faces = tracker();
    faces.observe([face(100)], 0);
    expect(faces.observe([face(163)], 200).seen).toMatchObject([{ id: 't1' }]);
    expect(faces.observe([face(163, 100, 150)], 400).seen).toMatchObject([{ id: 't2' }]);
  });

  test('goes on where its face must be by now: who passes close to the camera leaves by two faces a frame', () => {
    const faces = tracker();
    for (const [frame, leftPx] of [100, 150, 220, 320, 450, 600].entries()) {
      expect(faces.observe([face(leftPx)], frame * 200).seen).toMatchObject([{ id: 't1' }]);
    }
  });

  test('ends with its stream', () => {
    const faces = tracker();
    faces.observe([face(100), face(400)], 0);
    expect(faces.endAll()).toHaveLength(2);
    expect(faces.endAll()).toEqual([]);
  });
});

describe('several faces', () => {
  test('keep their tracks while they walk past each other, in whatever order the detector names them', () => {
    const faces = tracker();
    faces.observe([face(100, 100), face(400, 160)], 0);
    for (let frame = 1; frame <= 10; frame += 1) {
      const [goingRight, goingLeft] = [face(100 + frame * 30, 100), face(400 - frame * 30, 160)];
      const { seen } = faces.observe(frame % 2 === 0 ? [goingRight, goingLeft] : [goingLeft, goingRight], frame * 200);
      expect(seen.find(({ id }) => id === 't1')?.box).toEqual(goingRight);
      expect(seen.find(({ id }) => id === 't2')?.box).toEqual(goingLeft);
    }
  });

  test('a newcomer beside an old face gets a track of its own', () => {
    const faces = tracker();
    faces.observe([face(100)], 0);
    expect(faces.observe([face(180), face(102)], 200).seen.map(({ id, box }) => [id, box.leftPx])).toEqual([
      ['t1', 102],
      ['t2', 180],
    ]);
  });
});
