import type { Landmarks } from '@dipper/edge/vision/face-models';
import { pointMotion } from '@dipper/edge/vision/plane-motion';
import { createPresentationCheck, type PresentationSight } from '@dipper/edge/vision/presentation-check';
import { sheetEdgeCount } from '@dipper/edge/vision/sheet-edges';
import { describe, expect, test } from 'vitest';
import { turnedFace as face } from '../../../support/turned-face.ts';

const BOX = { leftPx: 130, topPx: 120, widthPx: 140, heightPx: 160 };
function judgeAll(faces: readonly Landmarks[], about: Partial<PresentationSight> = {}) {
  const check = createPresentationCheck();
  return faces.map((landmarks, index) =>
    check.observe({ atMs: index * 200, box: BOX, landmarks, liveScore: 0.95, sheetEdges: 0, ...about }),
  );
}
const turning = Array.from({ length: 12 }, (_, index) => 12 * Math.sin(index * 0.6));

describe('the motion of points', () => {
  test('of a sheet that turns in space is all explained by a plane, that of a head is not', () => {
    const sheet = pointMotion(face(-10, { flat: true }), face(12, { flat: true }), 90);
    const head = pointMotion(face(-10), face(12), 90);
    expect(sheet?.beyondPlane).toBeLessThan(1e-6);
    expect(head?.beyondPlane).toBeGreaterThan(0.02);
  });

  test('that only moves, turns in the picture and comes nearer is a similarity', () => {
    const before = face(5);
    const after = before.map(({ xPx, yPx }) => ({ xPx: 1.3 * xPx - 0.2 * yPx + 7, yPx: 0.2 * xPx + 1.3 * yPx - 9 }));
    expect(pointMotion(before, after, 90)?.beyondSimilarity).toBeLessThan(1e-6);
  });

  test('of points on a line is not judged', () => {
    const line = Array.from({ length: 10 }, (_, index) => ({ xPx: index, yPx: 2 * index }));
    expect(pointMotion(line, line, 10)).toBeUndefined();
  });
});

describe('a presentation', () => {
  test('of a head that turns is live once there are enough frames, and not before', () => {
    const verdicts = judgeAll(turning.map((yaw) => face(yaw))).map(({ verdict }) => verdict);
    expect(verdicts.slice(0, 5)).toEqual(Array(5).fill('undecided'));
    expect(verdicts.at(-1)).toBe('live');
  });

  test('of a sheet that turns is an attack, however well the model scores it', () => {
    // The landmarks' noise, the same every time.
    const noisy = turning.map((yaw, frame) =>
      face(yaw * 1.5, { flat: true }).map(({ xPx, yPx }, index) => ({
        xPx: xPx + 0.5 * Math.sin(index * 12.9 + frame * 7.1),
        yPx: yPx + 0.5 * Math.cos(index * 5.3 + frame * 3.7),
      })),
    );
    expect(judgeAll(noisy).at(-1)).toEqual({ verdict: 'attack', cues: ['flat'] });
  });

  test('that never moves stays undecided: no sign of life is no life', () => {
    expect(judgeAll(turning.map(() => face(3))).at(-1)?.verdict).toBe('undecided');
  });

  test('that blinks is live without turning, where the eyes are large enough to see it', () => {
    const blinking = Array.from({ length: 12 }, (_, index) => face(2, { eyes: index === 6 ? 0.2 : 1 }));
    expect(judgeAll(blinking).at(-1)).toMatchObject({ verdict: 'live', cues: ['model', 'blink'] });
    const far = blinking.map((points) => points.map(({ xPx, yPx }) => ({ xPx: xPx / 2, yPx: yPx / 2 })));
    expect(judgeAll(far).at(-1)?.verdict).toBe('undecided');
  });

  test('with a rim around it, or one that the model doubts, is an attack although it has depth', () => {
    const heads = turning.map((yaw) => face(yaw));
    expect(judgeAll(heads, { sheetEdges: 3 }).at(-1)).toEqual({ verdict: 'attack', cues: ['sheet'] });
    expect(judgeAll(heads, { liveScore: 0.1 }).at(-1)).toEqual({ verdict: 'attack', cues: ['model'] });
    expect(judgeAll(heads, { liveScore: 0.4 }).at(-1)?.verdict).toBe('undecided');
  });

  test('that was an attack stays one', () => {
    const check = createPresentationCheck();
    const observe = (index: number, liveScore: number) =>
      check.observe({
        atMs: index * 200,
        box: BOX,
        landmarks: face(turning[index % 12] ?? 0),
        liveScore,
        sheetEdges: 0,
      });
    for (let index = 0; index < 6; index += 1) observe(index, 0.05);
    for (let index = 6; index < 40; index += 1) expect(observe(index, 1).verdict).toBe('attack');
  });
});

test('edges of a sheet are counted side by side, and a plain wall has none', () => {
  const widthPx = 400;
  const rgb = new Uint8Array(widthPx * widthPx * 3).fill(120);
  const around = { widthPx, heightPx: widthPx, rgb };
  const box = { leftPx: 150, topPx: 150, widthPx: 80, heightPx: 90 };
  expect(sheetEdgeCount(around, box)).toBe(0);
  const tone = (left: number, top: number, right: number, bottom: number, value: number) => {
    for (let y = top; y < bottom; y += 1) rgb.fill(value, (y * widthPx + left) * 3, (y * widthPx + right) * 3);
  };
  tone(100, 0, 104, 400, 30);
  expect(sheetEdgeCount(around, box)).toBe(1);
  tone(100, 100, 280, 280, 230);
  expect(sheetEdgeCount(around, box)).toBe(4);
});
