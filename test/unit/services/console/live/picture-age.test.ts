import { describe, expect, it } from 'vitest';
import { createPictureAge } from '../../../../../services/console/live/picture-age.ts';

/** The edge's clock is an hour ahead of the page's. */
const EDGE_AHEAD_MS = 3_600_000;

describe('age of the picture on screen', () => {
  it('is not known before there is one', () => {
    const age = createPictureAge(() => undefined);
    age.buffered(0.04, 1_000, 1_000);
    expect(age.ageMs(5_000)).toBeUndefined();
  });

  it('grows when no picture comes', () => {
    const age = createPictureAge(() => undefined);
    age.buffered(0.04, EDGE_AHEAD_MS + 1_000, 1_100);
    age.presented(0);
    expect(age.ageMs(1_100)).toBe(0);
    expect(age.ageMs(4_100)).toBe(3_000);
  });

  it('grows when pictures come and the browser shows none of them', () => {
    const age = createPictureAge(() => undefined);
    age.buffered(0.04, 1_000, 1_000);
    age.presented(0);
    for (let frame = 1; frame <= 100; frame++) age.buffered(0.04 * (frame + 1), 1_000 + frame * 40, 1_000 + frame * 40);
    expect(age.ageMs(5_000)).toBe(4_000);
    age.presented(0.04 * 100 + 0.001);
    expect(age.ageMs(5_000)).toBe(0);
  });

  it('counts what a growing queue on the way adds, without knowing either clock', () => {
    const age = createPictureAge(() => undefined);
    age.buffered(1, EDGE_AHEAD_MS, 200);
    age.buffered(2, EDGE_AHEAD_MS + 1_000, 4_200);
    age.presented(1.5);
    expect(age.ageMs(4_200)).toBe(3_000);
    expect(age.takenAtMs()).toBe(1_200);
  });

  it('counts a delay that was there from the beginning where the clocks are known', () => {
    const age = createPictureAge(() => ({ ms: EDGE_AHEAD_MS, uncertaintyMs: 500 }));
    age.buffered(1, EDGE_AHEAD_MS, 10_000);
    age.presented(0.5);
    expect(age.ageMs(10_000)).toBe(9_500);
  });

  it('does not take clocks that are not well known for a delay', () => {
    const age = createPictureAge(() => ({ ms: 0, uncertaintyMs: 1_000 }));
    age.buffered(1, 0, 900);
    age.presented(0.5);
    expect(age.ageMs(900)).toBe(0);
  });

  it('forgets the old stream when media time begins anew', () => {
    const age = createPictureAge(() => undefined);
    age.buffered(500, 0, 0);
    age.buffered(0.04, 60_000, 60_000);
    age.presented(0);
    expect(age.ageMs(60_100)).toBe(100);
  });
});
