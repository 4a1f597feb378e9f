import { describe, expect, it } from 'vitest';
import { SenderClock } from '../../../../edge/video/sender-clock.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

const HOUR_MS = 3_600_000;

const PICTURE_MS = 40;

/**
 * Takes one picture every 40 ms, `cameraOffsetMs` ahead; each comes out of the copying ffmpeg when the second after it begins
 * to arrive, delayed by so much.
 */
function createCamera(cameraOffsetMs: number) {
  const clock = createManualClock();
  const sender = new SenderClock(clock);
  const startMs = clock.monotonicMs();
  const wallMinusMonotonicMs = clock.nowMs() - startMs;
  let picture = 0;
  let ahead = cameraOffsetMs;
  return {
    clock,
    setOffset(ms: number) {
      ahead = ms;
    },
    /** @returns how wrong the local time is that the picture was given, ms */
    send(delayMs: number): number {
      const mediaMs = picture++ * PICTURE_MS;
      const arrivesMs = startMs + mediaMs + 2 * PICTURE_MS + delayMs;
      clock.advance(Math.max(0, arrivesMs - clock.monotonicMs()));
      const takenMs = startMs + mediaMs;
      const senderAtMs = takenMs + wallMinusMonotonicMs + ahead;
      const [time] = sender.observe([{ senderAtMs, mediaMs, durationMs: PICTURE_MS }]);
      const wallNowMs = clock.nowMs() - clock.monotonicMs();
      return (time?.atMs ?? Number.NaN) - takenMs - wallNowMs;
    },
  };
}

describe('SenderClock', () => {
  it.each([-HOUR_MS, 0, HOUR_MS])('dates pictures of a camera that is %d ms ahead by this machine', (offsetMs) => {
    const camera = createCamera(offsetMs);
    for (let count = 0; count < 100; count++) camera.send(5 + (count % 7) * 10);
    expect(Math.abs(camera.send(60))).toBeLessThanOrEqual(5);
  });

  it('dates what was held back before the first arrival by the last of it, which is two pictures old', () => {
    const clock = createManualClock();
    const held = Array.from({ length: 20 }, (_, picture) => ({
      ...{ senderAtMs: picture * 40, mediaMs: picture * 40, durationMs: 40 },
    }));
    const times = new SenderClock(clock).observe(held);
    expect(times.map(({ atMs }) => clock.nowMs() - atMs)).toEqual(held.map((_, picture) => (21 - picture) * 40));
    const alone = new SenderClock(clock).observe([{ senderAtMs: 5_000, mediaMs: 0, durationMs: 40 }]);
    expect(alone.map(({ atMs }) => clock.nowMs() - atMs)).toEqual([80]);
  });

  it('goes by the line of the stream before the first sender report: all that was held back is stamped alike then', () => {
    const clock = createManualClock();
    const letGoMs = clock.nowMs();
    const held = Array.from({ length: 15 }, (_, picture) => ({
      ...{ senderAtMs: letGoMs, mediaMs: picture * 67, durationMs: 67 },
    }));
    const times = new SenderClock(clock).observe(held);
    expect(times.map(({ atMs }) => letGoMs - atMs)).toEqual(held.map((_, picture) => (16 - picture) * 67));
  });

  it('is as exact with a camera that leaves pictures out', () => {
    const clock = createManualClock();
    const sender = new SenderClock(clock);
    const startMs = clock.nowMs();
    // Taken at these instants; picture n comes out when n + 2 arrives, 3 ms after it was taken.
    const taken = Array.from({ length: 40 }, (_, picture) => startMs + 40 * (picture + Math.floor(picture / 3) * 2));
    for (const [picture, takenMs] of taken.slice(0, -2).entries()) {
      clock.advance((taken[picture + 2] ?? 0) + 3 - clock.nowMs());
      const durationMs = (taken[picture + 1] ?? 0) - takenMs;
      const [time] = sender.observe([{ senderAtMs: takenMs, mediaMs: takenMs - startMs, durationMs }]);
      if (picture > 0) expect((time?.atMs ?? 0) - takenMs).toBe(3);
    }
  });

  it('is not moved by a congested network', () => {
    const camera = createCamera(HOUR_MS);
    for (let count = 0; count < 50; count++) camera.send(4);
    for (const delayMs of [36, 70, 105, 138, 105, 70, 36]) {
      expect(Math.abs(camera.send(delayMs))).toBeLessThanOrEqual(4);
    }
  });

  it('starts anew when the camera is set to another time, forwards or backwards', () => {
    const camera = createCamera(0);
    for (let count = 0; count < 50; count++) camera.send(4);
    camera.setOffset(-HOUR_MS);
    expect(Math.abs(camera.send(4))).toBeLessThanOrEqual(4);
    camera.setOffset(300);
    expect(Math.abs(camera.send(4))).toBeLessThanOrEqual(4);
  });

  it('follows the wall clock of this machine when that is set', () => {
    const camera = createCamera(0);
    for (let count = 0; count < 50; count++) camera.send(4);
    camera.clock.setWall(camera.clock.nowMs() + HOUR_MS);
    camera.setOffset(-HOUR_MS); // the camera itself did not move
    expect(Math.abs(camera.send(4))).toBeLessThanOrEqual(4);
  });

  it('forgets what it learnt a minute ago: quartz clocks drift', () => {
    const camera = createCamera(0);
    camera.send(0);
    // 30 ms a minute slower is far more than a quartz does.
    for (let count = 0; count < 3_000; count++) {
      camera.setOffset(-count * 0.02);
      camera.send(2);
    }
    expect(Math.abs(camera.send(2))).toBeLessThanOrEqual(40);
  });
});
