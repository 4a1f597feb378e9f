import { describe, expect, it } from 'vitest';
import type { Fragment } from '../../../../edge/video/fragment.ts';
import type { InitSegment } from '../../../../edge/video/init-segment.ts';
import { createRing, type Ring } from '../../../../edge/video/ring.ts';

const INIT = { timescale: 1000 } as InitSegment;

function append(ring: Ring, atMs: number, { isKey = false, sizeBytes = 100, init = INIT } = {}): void {
  const fragment = { bytes: Buffer.alloc(sizeBytes), isKey, presentationTime: atMs } as Fragment;
  ring.append({ senderAtMs: atMs, atMs, init, fragment });
}

/** Groups of ten pictures, one each 100 ms. */
function fill(ring: Ring, pictures: number, { from = 0, sizeBytes = 100 } = {}): void {
  for (let picture = from; picture < from + pictures; picture++) {
    append(ring, picture * 100, { isKey: picture % 10 === 0, sizeBytes });
  }
}

async function take(reader: AsyncIterable<{ atMs: number }>, count: number): Promise<number[]> {
  const times: number[] = [];
  for await (const { atMs } of reader) {
    times.push(atMs);
    if (times.length === count) break;
  }
  return times;
}

describe('what a ring keeps', () => {
  it('is two groups and the pre-roll', () => {
    const ring = createRing({ maxBytes: 1e6, preRollMs: 2_500 });
    fill(ring, 100);
    const times = ring.units().map(({ atMs }) => atMs);
    expect(times[0]).toBe(7_000); // the key frame at or before 9,900 − 2,500
    expect(times.at(-1)).toBe(9_900);
  });

  it('is two groups when the groups are longer than the pre-roll', () => {
    const ring = createRing({ maxBytes: 1e6, preRollMs: 0 });
    fill(ring, 95);
    expect(ring.units()[0]?.atMs).toBe(8_000);
    expect(ring.stats().keptGroups).toBe(2);
  });

  it('never takes more than its bytes', () => {
    const ring = createRing({ maxBytes: 1_550, preRollMs: 60_000 });
    for (let picture = 0; picture < 200; picture++) {
      fill(ring, 1, { from: picture });
      expect(ring.stats().keptBytes).toBeLessThanOrEqual(1_550);
      expect(ring.units()[0]?.fragment.isKey ?? true).toBe(true);
    }
  });

  it('drops a group that is over the budget alone, and goes on with the next key frame', () => {
    const ring = createRing({ maxBytes: 450, preRollMs: 0 });
    fill(ring, 10);
    expect(ring.stats()).toMatchObject({ keptUnits: 0, keptBytes: 0, lost: 10 });
    append(ring, 1_000, { isKey: true });
    expect(ring.units().map(({ atMs }) => atMs)).toEqual([1_000]);
  });

  it('leaves out pictures of a new run that come before its first key frame', () => {
    const ring = createRing({ maxBytes: 1e6, preRollMs: 0 });
    fill(ring, 5);
    const other = { timescale: 1 } as InitSegment;
    append(ring, 600, { init: other });
    append(ring, 700, { init: other, isKey: true });
    expect(ring.units().map(({ atMs }) => atMs)).toEqual([0, 100, 200, 300, 400, 700]);
  });
});

describe('a reader', () => {
  it('starts at the newest key frame, at the next one, or at a time', async () => {
    const ring = createRing({ maxBytes: 1e6, preRollMs: 10_000 });
    fill(ring, 45);
    expect(await take(ring.reader({ from: 'latest-key' }), 2)).toEqual([4_000, 4_100]);
    expect(await take(ring.reader({ from: { atMs: 2_730 } }), 2)).toEqual([2_000, 2_100]);
    const live = take(ring.reader({ from: 'live' }), 2);
    fill(ring, 10, { from: 45 });
    expect(await live).toEqual([5_000, 5_100]);
  });

  it('waits for what is to come, and several do not disturb each other', async () => {
    const ring = createRing({ maxBytes: 1e6, preRollMs: 0 });
    const readers = [take(ring.reader({ from: 'live' }), 15), take(ring.reader({ from: 'latest-key' }), 15)];
    for (let picture = 0; picture < 15; picture++) {
      fill(ring, 1, { from: picture });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await Promise.all(readers)).toEqual(Array(2).fill(Array.from({ length: 15 }, (_, index) => index * 100)));
  });

  it('that is too slow goes on with the oldest key frame kept, and counts what it missed', async () => {
    const ring = createRing({ maxBytes: 1e6, preRollMs: 0 });
    fill(ring, 15);
    const reader = ring.reader({ from: { atMs: 0 } });
    const seen: number[] = [];
    for await (const { atMs, fragment } of reader) {
      seen.push(atMs);
      if (seen.length === 3) fill(ring, 50, { from: 15 });
      if (seen.length === 4) expect(fragment.isKey).toBe(true);
      if (seen.length === 5) break;
    }
    expect(seen).toEqual([0, 100, 200, 5_000, 5_100]);
    expect(reader.skipped).toBe(47);
  });

  it('with a limit of its own goes on with the newest key frame', async () => {
    const ring = createRing({ maxBytes: 1e6, preRollMs: 60_000 });
    fill(ring, 10);
    const reader = ring.reader({ from: { atMs: 0 }, maxLagMs: 2_000 });
    const seen: number[] = [];
    for await (const { atMs } of reader) {
      seen.push(atMs);
      if (seen.length === 2) fill(ring, 36, { from: 10 });
      if (seen.length === 4) break;
    }
    expect(seen).toEqual([0, 100, 4_000, 4_100]);
    expect(reader.skipped).toBe(38);
  });

  it('ends with the ring and with its signal', async () => {
    const ring = createRing({ maxBytes: 1e6, preRollMs: 0 });
    const stop = new AbortController();
    const byRing = take(ring.reader({ from: 'live' }), 1);
    const bySignal = take(ring.reader({ from: 'live', signal: stop.signal }), 1);
    stop.abort();
    expect(await bySignal).toEqual([]);
    ring.close();
    expect(await byRing).toEqual([]);
  });
});
