import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gateDraft } from '../support/drafts.ts';
import { eventually } from '../support/eventually.ts';
import { startFakeHub } from '../support/fake-hub.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { openTestLink } from '../support/open-link.ts';
import { ORIGIN } from '../support/open-outbox.ts';

let broker: Mosquitto;
beforeAll(async () => {
  broker = await startMosquitto();
});
afterAll(() => broker.stop());

const startHub = () => startFakeHub({ url: broker.url, origin: ORIGIN, connect: { protocolVersion: 5 } });

test('MQTT 5: content type and expiry are set, and a command finds its way', async () => {
  const hub = await startHub();
  const done: unknown[] = [];
  const { link } = openTestLink({
    broker: { url: broker.url, protocolVersion: 5 },
    keys: hub.signer.keys,
    handlers: { 'live.start': async (action) => void done.push(action) },
  });
  link.report(gateDraft());
  await eventually('the receipt', () => link.figures().outbox.receipted === 1);
  expect(link.figures().clockOffsetMs).toBeLessThan(1_000);
  const online = await eventually('status', () => hub.statuses.find(({ state }) => state === 'online'));
  const challenge = ('challenges' in online ? online.challenges[0] : undefined) ?? '';
  await hub.publish('commands', await hub.signer.command({ ...ORIGIN, id: randomUUID(), challenge }));
  await eventually('the result', () => hub.results[0]);
  expect(done).toHaveLength(1);

  const properties = (end: string) => hub.packets.find(({ topic }) => topic.endsWith(end))?.properties;
  expect(properties('/events')).toMatchObject({ contentType: 'application/cloudevents-batch+json' });
  expect(properties('/events')?.messageExpiryInterval).toBeGreaterThan(3_000);
  expect(properties('/status')).toMatchObject({ contentType: 'application/json' });
  expect(properties('/status')?.messageExpiryInterval).toBeUndefined();
  await hub.stop();
});

test('Mosquitto killed under load and started with an empty memory: nothing is lost', async () => {
  const hub = await startHub();
  const { link } = openTestLink({ broker: { url: broker.url, protocolVersion: 5 }, keys: hub.signer.keys });
  const ids: string[] = [];
  const report = (count: number): void => {
    for (let i = 0; i < count; i += 1) ids.push(link.report(gateDraft()).id);
  };
  await eventually('the connection', () => link.figures().isConnected);
  hub.signs = false;
  report(300);
  await broker.kill();
  report(300);
  await broker.restart();
  hub.signs = true;
  await eventually('all receipts', () => link.figures().outbox.receipted === ids.length, { withinMs: 40_000 });
  expect(new Set(hub.received.map(({ id }) => id))).toEqual(new Set(ids));
  await hub.stop();
});
