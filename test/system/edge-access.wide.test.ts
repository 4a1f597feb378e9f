import { afterAll, beforeAll, expect, test } from 'vitest';
import { GATE, IN, OUT, person, policyBody } from '../support/access-policy.ts';
import { type Entrance, startEntrance } from '../support/entrance.ts';
import { eventually } from '../support/eventually.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';

let broker: Mosquitto;
let entrance: Entrance;

beforeAll(async () => {
  broker = await startMosquitto();
  entrance = await startEntrance({
    gates: {
      [GATE]: {
        simulated: { kind: 'barrier', travelMs: 50, holdOpenMs: 100, relayPulseMs: 50 },
        config: { contactToken: 'input-arm-down', place: 'lanting-service-gate' },
      },
    },
    broker: broker.url,
    readers: { 'reader-in': IN, 'reader-out': OUT },
  });
});
afterAll(async () => {
  await entrance?.close();
  await broker?.stop();
});

const resident = person(1);

test('a card opens the gate, and the record tells it from request to passage', async () => {
  await entrance.setPolicy(policyBody([resident]));
  // The reader's broker may still be on its way.
  await eventually('the reader is followed', async () => {
    const since = entrance.reports.length;
    await entrance.read('reader-in', 'card', 'card 0001');
    return eventually('an answer', () => entrance.access(since).length > 0, { withinMs: 1_000 });
  });
  const record = await entrance.record(0, 'access.taken');
  expect(record.map(({ type }) => type)).toEqual(['access.requested', 'access.granted', 'access.taken']);
});
