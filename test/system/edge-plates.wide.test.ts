import type { PlateOffer } from '@dipper/edge/agent/camera/plate-capture';
import type { PlateWorker } from '@dipper/edge/vision/plates/plate-worker';
import { DRIVING_PLATES, PARKED_PLATE } from '@dipper/simulator/scene/vehicle-drive';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startPlateWorker } from '../support/plate-models.ts';
import { type SimulatedStreet, startSimulatedStreet } from '../support/simulated-street.ts';
import { startWatchingCamera } from '../support/watching-camera.ts';

let worker: PlateWorker;
let street: SimulatedStreet;
beforeAll(async () => {
  worker = await startPlateWorker();
  street = await startSimulatedStreet(['lane'], 'vehicles');
}, 120_000);
afterAll(async () => {
  await street?.close();
  await worker?.[Symbol.asyncDispose]();
});

test('each of two cars that drive up is told of once and offered to the gate; the one that is parked never', async () => {
  const offers: PlateOffer[] = [];
  const camera = startWatchingCamera({
    device: 'lane',
    find: async () => street.access('lane'),
    plates: { models: worker, minVotes: 2, offer: (offer) => offers.push(offer) },
  });
  const [first, second] = DRIVING_PLATES;
  const reads = () => camera.eventsOf('plate.read').map(({ data }) => data);
  // The loop takes 40 s, and the camera may have come in the middle of a car.
  await eventually('both cars', () => DRIVING_PLATES.every((plate) => reads().some((read) => read.plate === plate)), {
    withinMs: 90_000,
  });
  const readInFrames = camera.stats().plates?.read ?? 0;
  await camera.stop();

  const told = reads().map(({ plate }) => plate);
  expect(told.toSorted()).toEqual([first, second].toSorted());
  expect(new Set(reads().map(({ track }) => track)).size).toBe(2);
  for (const { direction, votes, colour, plate } of reads()) {
    expect(direction).toBe('approaching');
    expect(votes).toBeGreaterThanOrEqual(2);
    expect(colour).toBe(plate === second ? 'green' : 'blue');
  }
  expect(offers.map(({ plate }) => plate)).toEqual(told);
  // The parked one was read again and again.
  expect(told).not.toContain(PARKED_PLATE);
  expect(readInFrames).toBeGreaterThan(20);
}, 150_000);
