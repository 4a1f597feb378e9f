import { createFaceWorker, type FaceWorker } from '@dipper/edge/vision/face-worker';
import { ensureModels, modelsDir } from '@dipper/models/ensure-models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type SimulatedStreet, startSimulatedStreet } from '../support/simulated-street.ts';
import { startWatchingCamera } from '../support/watching-camera.ts';

/** Long enough for several groups of pictures to be passed over, and for the street to have become the usual. */
const STILL_GROUPS = 8;

let street: SimulatedStreet;
let models: FaceWorker;
const stop = new AbortController();
beforeAll(async () => {
  street = await startSimulatedStreet(['entrance']);
  await street.estate.showScene('still');
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

it('idles over a still street, and captures who walks in then as if it had watched every frame', async () => {
  const camera = startWatchingCamera({ device: 'entrance', find: async () => street.access('entrance'), models });
  await camera.isIn('online');
  await eventually('it idles', () => camera.stats().watch.isIdle, { withinMs: 30_000 });
  const before = camera.stats();
  await eventually(
    'groups are passed over',
    () => camera.stats().decoder.idled - before.decoder.idled > STILL_GROUPS * 25,
    {
      withinMs: 60_000,
    },
  );
  const idle = camera.stats();
  // Two frames a group, and the models look at one in ten seconds.
  expect(idle.decoder.frames - before.decoder.frames).toBeLessThanOrEqual(3 * (STILL_GROUPS + 2));
  expect((idle.faces?.observed ?? 0) - (before.faces?.observed ?? 0)).toBeLessThanOrEqual(3);
  expect(camera.eventsOf('face.captured')).toEqual([]);

  await street.estate.showScene('people');
  const shown = await eventually('somebody is captured', () => camera.eventsOf('face.captured')[0], {
    withinMs: 30_000,
  });
  expect(shown.data.source).toBe('main');
  const woken = camera.stats();
  expect(woken.watch.awakenings).toBeGreaterThanOrEqual(1);
  expect(woken.decoder.starts).toBeGreaterThanOrEqual(2);
  await camera.stop();
}, 180_000);
