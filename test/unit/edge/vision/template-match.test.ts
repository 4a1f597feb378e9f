import { mostAlike, similarity, thresholdFor } from '@dipper/edge/vision/template-match';
import { describe, expect, test } from 'vitest';

const vector = (...values: number[]) => Float32Array.from(values, (value) => value / Math.hypot(...values));

test('similarity is the cosine', () => {
  expect(similarity(vector(1, 0), vector(1, 1))).toBeCloseTo(Math.SQRT1_2, 6);
  expect(similarity(vector(1, 0), vector(-1, 0))).toBeCloseTo(-1, 6);
});

test('whoever is most alike is found among all templates of all enrolled', () => {
  const enrolled = [
    { holder: 'a', templates: [vector(1, 0, 0), vector(1, 1, 0)] },
    { holder: 'b', templates: [vector(0, 0, 1), vector(0, 1, 0.2)] },
  ];
  expect(mostAlike(vector(0, 1, 0.1), enrolled)).toMatchObject({ holder: 'b' });
  expect(mostAlike(vector(1, 0.9, 0), enrolled)).toMatchObject({ holder: 'a' });
  expect(mostAlike(vector(1, 0, 0), [])).toBeUndefined();
});

describe('the threshold', () => {
  test('never falls below its floor, and rises with the number of those compared', () => {
    expect(thresholdFor(0)).toBe(0.45);
    expect(thresholdFor(1)).toBe(0.45);
    const rising = [10, 100, 1_000, 10_000].map((count) => thresholdFor(count));
    expect(rising).toEqual(rising.toSorted((a, b) => a - b));
    expect(new Set(rising).size).toBe(4);
  });

  test('follows the normal tail that it is derived from', () => {
    // P(z > 3.0902) = 1e-3, P(z > 4.2649) = 1e-5
    expect(thresholdFor(100, 0.1)).toBe(0.45);
    expect(thresholdFor(100)).toBeCloseTo(0.05 + 4.2649 * 0.1, 3);
  });
});
