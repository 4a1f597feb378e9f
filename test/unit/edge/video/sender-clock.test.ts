import { describe, expect, it } from 'vitest';
import { SenderClock } from '../../../../edge/video/sender-clock.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

const HOUR_MS = 3_600_000;

/** Sends one picture every 40 ms whose camera is `cameraOffsetMs` ahead, each delayed by `delayMs(picture)`. */
function createCamera(cameraOffsetMs: number) {
  const clock = createManualClock();
  const sender = new SenderClock(clock);
  let picture = 0;
  let ahead = cameraOffsetMs;
  return {
    clock,
    setOffset(ms: number) {
      ahead = ms;
    },
    /** @returns how wrong the local time is that the picture was given, ms */
    send(delayMs: number): number {
      clock.advance(40);
      const takenAtMs = clock.nowMs() - delayMs;
      const [time] = sender.observe([{ senderAtMs: takenAtMs + ahead, mediaMs: picture++ * 40 - delayMs }]);
      return (time?.atMs ?? Number.NaN) - takenAtMs;
    },
  };
}

describe('SenderClock', () => {
  it.each([-HOUR_MS, 0, HOUR_MS])('dates pictures of a camera that is %d ms ahead by this machine', (offsetMs) => {
    const camera = createCamera(offsetMs);
    for (let count = 0; count < 100; count++) camera.send(5 + (count % 7) * 10);
    expect(Math.abs(camera.send(60))).toBeLessThanOrEqual(5);
  });

  it('dates what was held back before the first arrival by the last of it', () => {
    const clock = createManualClock();
    const held = Array.from({ length: 20 }, (_, picture) => ({ senderAtMs: picture * 40, mediaMs: picture * 40 }));
    const times = new SenderClock(clock).observe(held);
    expect(times.map(({ atMs }) => clock.nowMs() - atMs)).toEqual(held.map((_, picture) => (19 - picture) * 40));
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
