import { createFaceWorker, type FaceWorker } from '@dipper/edge/vision/face-worker';
import { ensureModels, modelsDir } from '@dipper/models/ensure-models';
import { readFrameCounter } from '@dipper/simulator/scene/frame-counter';
import { FRAMES_PER_SEC } from '@dipper/simulator/scene/walk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type SimulatedStreet, startSimulatedStreet } from '../support/simulated-street.ts';
import { startWatchingCamera } from '../support/watching-camera.ts';

const FRAME_MS = 1_000 / FRAMES_PER_SEC;
/** Issue 3, capability 8. */
const MAX_ERROR_MS = 100;

let street: SimulatedStreet;
let models: FaceWorker;
const stop = new AbortController();
beforeAll(async () => {
  street = await startSimulatedStreet(['entrance']);
  const files = await ensureModels({ dir: modelsDir(process.env), sets: ['face-capture'] });
  models = await createFaceWorker({
    detectPath: files['face-detection'].path,
    landmarkPath: files['face-landmarks'].path,
    signal: stop.signal,
  });
}, 120_000);
afterAll(async () => {
  stop.abort();
  await street.close();
});

it('a camera whose clock is set by an hour is told of, and what it shows is dated right before and after', async () => {
  const camera = startWatchingCamera({ device: 'entrance', find: async () => street.access('entrance'), models });
  const { loopFrames } = street.estate.state;
  const loopMs = loopFrames * FRAME_MS;
  /** When the loop began, modulo its length: the counter is shown from its instant on, so the least is the truth. */
  let loopStartMs = Number.POSITIVE_INFINITY;
  let anchorMs = Number.NaN;
  const sampling = setInterval(() => {
    const counter = street.estate.state.devices[0]?.frameCounter ?? Number.NaN;
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
    await street.estate.setFault('entrance', 'clock-offset', { seconds: 3_600 });
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

/** The same place in a loop, nearest to 0. */
function centred(value: number, loop: number): number {
  return value - Math.round(value / loop) * loop;
}
