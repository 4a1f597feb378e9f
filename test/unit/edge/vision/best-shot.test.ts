import { createBestShots, type ShotCandidate } from '@dipper/edge/vision/best-shot';
import { describe, expect, test } from 'vitest';

function candidate(atMs: number, score: number, adequate = true): ShotCandidate {
  const quality = { score, sharpness: 50, sizePx: 60, yawDeg: 0, pitchDeg: 0, rollDeg: 0, bothEyes: true };
  return { atMs, quality, adequate };
}

describe('the best shot of a track', () => {
  test('is sent three seconds after the first adequate face, not after the first face', () => {
    const shots = createBestShots();
    shots.offer('a', candidate(0, 0.9, false));
    shots.offer('a', candidate(1000, 0.4));
    shots.offer('a', candidate(2000, 0.6));
    shots.offer('a', candidate(3000, 0.5));
    expect(shots.takeDue(3999)).toEqual([]);
    expect(shots.takeDue(4000)).toEqual([{ track: 'a', shot: candidate(2000, 0.6) }]);
  });

  test('is sent at the end of the track if that comes first', () => {
    const shots = createBestShots();
    shots.offer('a', candidate(0, 0.4));
    shots.offer('a', candidate(200, 0.4));
    expect(shots.end('a')).toEqual(candidate(0, 0.4));
    expect(shots.takeDue(10_000)).toEqual([]);
  });

  test('is sent once: what comes later in the track is not', () => {
    const shots = createBestShots();
    shots.offer('a', candidate(0, 0.4));
    expect(shots.takeDue(3000)).toHaveLength(1);
    shots.offer('a', candidate(3200, 0.9));
    expect(shots.takeDue(60_000)).toEqual([]);
    expect(shots.end('a')).toBeUndefined();
  });

  test('is none where no face was adequate', () => {
    const shots = createBestShots();
    shots.offer('a', candidate(0, 0.9, false));
    expect(shots.takeDue(60_000)).toEqual([]);
    expect(shots.end('a')).toBeUndefined();
  });

  test('tracks wait each for themselves', () => {
    const shots = createBestShots();
    shots.offer('a', candidate(0, 0.4));
    shots.offer('b', candidate(1000, 0.4));
    expect(shots.takeDue(3500).map(({ track }) => track)).toEqual(['a']);
    expect(shots.takeDue(4000).map(({ track }) => track)).toEqual(['b']);
  });
});
