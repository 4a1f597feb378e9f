import { readFrameCounter } from '@dipper/simulator/scene/frame-counter';
import { FRAMES_PER_SEC } from '@dipper/simulator/scene/walk';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { watchedStreet } from '../support/watched-street.ts';

/** Long enough for several groups of pictures to be passed over, and for the street to have become the usual. */
const STILL_GROUPS = 8;
const FRAME_MS = 1_000 / FRAMES_PER_SEC;
/** Issue 3, capability 8. */
const MAX_ERROR_MS = 100;

// Two streets: what their cameras wait for is waited for at once.
const still = watchedStreet({ cameras: ['entrance'], scene: 'still', hasFaceModels: true });
const busy = watchedStreet({ cameras: ['entrance'], hasFaceModels: true });

describe.concurrent('a camera that is watched', () => {
  it('idles over a still street, and captures who walks in then as if it had watched every frame', async () => {
    const camera = still.watch('entrance', { models: still.models });
    await camera.isIn('online');
    await eventually('it idles', () => camera.stats().watch.isIdle, { withinMs: 30_000 });
    const before = camera.stats();
    await eventually(
      'groups are passed over',
      () => camera.stats().decoder.idled - before.decoder.idled > STILL_GROUPS * 25,
      { withinMs: 60_000 },
    );
    const idle = camera.stats();
    // Two frames a group, and the models look at one in ten seconds.
    expect(idle.decoder.frames - before.decoder.frames).toBeLessThanOrEqual(3 * (STILL_GROUPS + 2));
    expect((idle.faces?.observed ?? 0) - (before.faces?.observed ?? 0)).toBeLessThanOrEqual(3);
    expect(camera.eventsOf('face.captured')).toEqual([]);

    await still.estate.showScene('people');
    const shown = await eventually('somebody is captured', () => camera.eventsOf('face.captured')[0], {
      withinMs: 30_000,
    });
    expect(shown.data.source).toBe('main');
    const woken = camera.stats();
    expect(woken.watch.awakenings).toBeGreaterThanOrEqual(1);
    expect(woken.decoder.starts).toBeGreaterThanOrEqual(2);
    await camera.stop();
  }, 180_000);

  it('and whose clock is set by an hour is told of, and what it shows is dated right before and after', async () => {
    const camera = busy.watch('entrance', { models: busy.models });
    const { loopFrames } = busy.estate.state;
    const loopMs = loopFrames * FRAME_MS;
    /** When the loop began, modulo its length: the counter is shown from its instant on, so the least is the truth. */
    let loopStartMs = Number.POSITIVE_INFINITY;
    let anchorMs = Number.NaN;
    const sampling = setInterval(() => {
      const counter = busy.estate.state.devices[0]?.frameCounter ?? Number.NaN;
      const startMs = Date.now() - counter * FRAME_MS;
      if (Number.isNaN(anchorMs)) anchorMs = startMs;
      loopStartMs = Math.min(loopStartMs, anchorMs + centred(startMs - anchorMs, loopMs));
    }, 3);
    try {
      /** How far from the burnt-in counter's instant the events are dated, ms. */
      const errors = () =>
        camera.eventsOf('face.captured').map(({ occurredAtMs }, place) => {
          const frame = camera.cutFrom[place];
          const counter = frame && readFrameCounter(frame.rgb, frame.widthPx, frame.heightPx);
          return Math.abs(centred(occurredAtMs - loopStartMs - (counter ?? Number.NaN) * FRAME_MS, loopMs));
        });
      await eventually('somebody is captured', () => camera.eventsOf('face.captured').length > 1, { withinMs: 30_000 });
      await eventually('the stream is settled', () => (camera.stats().streams.main?.units ?? 0) > 17 * FRAMES_PER_SEC, {
        withinMs: 40_000,
      });
      await busy.estate.setFault('entrance', 'clock-offset', { seconds: 3_600 });
      const stepped = await eventually('the step is told', () => camera.eventsOf('clock.stepped')[0]);
      expect(stepped.data.clock).toBe('camera');
      expect(Math.abs(stepped.data.stepMs - 3_600_000)).toBeLessThan(1_000);
      const isAfter = ({ occurredAtMs, data }: { occurredAtMs: number; data: { senderAt: string } }) =>
        Date.parse(data.senderAt) - occurredAtMs > 3_599_000;
      await eventually('somebody is captured', () => camera.eventsOf('face.captured').some(isAfter), {
        withinMs: 40_000,
      });
      const found = errors();
      expect(Math.max(...found)).toBeLessThan(MAX_ERROR_MS);
      expect(camera.eventsOf('clock.stepped')).toHaveLength(1);
      expect(camera.stats().streams.main?.clockSteps).toBe(1);
    } finally {
      clearInterval(sampling);
      await camera.stop();
    }
  }, 180_000);
});

/** The same place in a loop, nearest to 0. */
function centred(value: number, loop: number): number {
  return value - Math.round(value / loop) * loop;
}
