import type { PlateOffer } from '@dipper/edge/agent/camera/plate-capture';
import type { PlateWorker } from '@dipper/edge/vision/plates/plate-worker';
import { DRIVING_PLATES, PARKED_PLATE } from '@dipper/simulator/scene/vehicle-drive';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GATE, person, policyBody } from '../support/access-policy.ts';
import { type Entrance, startEntrance } from '../support/entrance.ts';
import { eventually } from '../support/eventually.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { startPlateWorker } from '../support/plate-models.ts';
import { watchedStreet } from '../support/watched-street.ts';

/** Without the number that is burnt into the picture. */
const LANE = [
  [0, 0.15],
  [1, 0.15],
  [1, 1],
  [0, 1],
] as const;
const [RESIDENT, STRANGER] = DRIVING_PLATES;

let worker: PlateWorker;
let broker: Mosquitto;
let entrance: Entrance;
const street = watchedStreet({ cameras: ['lane'], scene: 'vehicles' });
beforeAll(async () => {
  worker = await startPlateWorker();
  broker = await startMosquitto();
  entrance = await startEntrance({
    gates: {
      [GATE]: {
        simulated: { kind: 'barrier', travelMs: 50, holdOpenMs: 100, relayPulseMs: 50 },
        config: { contactToken: 'input-arm-down', place: 'lanting-service-gate' },
      },
    },
    broker: broker.url,
    readers: {},
  });
  await entrance.setPolicy(policyBody([person(1, { plate: RESIDENT })]));
}, 150_000);
afterAll(async () => {
  await entrance?.close();
  await broker?.stop();
  await worker?.[Symbol.asyncDispose]();
});

test('of two cars each is told of once, and the barrier opens for the one that may; the one that is parked is never told of', async () => {
  const offers: PlateOffer[] = [];
  const camera = street.watch('lane', {
    plates: {
      ...{ models: worker, lane: LANE, minVotes: 2 },
      offer({ plate, atMs, evidence }) {
        offers.push({ plate, atMs, evidence });
        entrance.supervisor.offerFactor({ device: GATE, factor: 'plate', value: plate, atMs, evidence });
      },
    },
  });
  const reads = () => camera.eventsOf('plate.read').map(({ data }) => data);
  // The loop takes 40 s, and the camera may have come in the middle of a car.
  await eventually('both cars', () => DRIVING_PLATES.every((plate) => reads().some((read) => read.plate === plate)), {
    withinMs: 120_000,
  });
  const readInFrames = camera.stats().plates?.read ?? 0;
  await camera.stop();

  const told = reads().map(({ plate }) => plate);
  expect(told.toSorted()).toEqual(DRIVING_PLATES.toSorted());
  expect(new Set(reads().map(({ track }) => track)).size).toBe(2);
  for (const { direction, votes, colour, plate } of reads()) {
    expect(direction).toBe('approaching');
    expect(votes).toBeGreaterThanOrEqual(2);
    expect(colour).toBe(plate === STRANGER ? 'green' : 'blue');
  }
  expect(offers.map(({ plate }) => plate)).toEqual(told);
  // The parked one was read again and again.
  expect(told).not.toContain(PARKED_PLATE);
  expect(readInFrames).toBeGreaterThan(2 * told.length);

  const outcomes = await eventually('both are decided', () => {
    const ends = entrance.access().filter(({ type }) => type === 'access.granted' || type === 'access.denied');
    return ends.length >= 2 && ends.map(({ type }) => type).toSorted();
  });
  expect(outcomes).toEqual(['access.denied', 'access.granted']);
  // Told by the barrier's contact: the arm was seen to leave its rest.
  await entrance.record(0, 'access.taken');
}, 200_000);
