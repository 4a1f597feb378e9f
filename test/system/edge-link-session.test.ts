import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gateDraft } from '../support/drafts.ts';
import { type EmbeddedBroker, startEmbeddedBroker } from '../support/embedded-broker.ts';
import { eventually } from '../support/eventually.ts';
import { startFakeHub } from '../support/fake-hub.ts';
import { createHubSigner, LIVE_START } from '../support/hub-signer.ts';
import { openTestLink } from '../support/open-link.ts';
import { ORIGIN } from '../support/open-outbox.ts';

let broker: EmbeddedBroker;
beforeAll(async () => {
  broker = await startEmbeddedBroker();
});
afterAll(() => broker.stop());

const address = (protocolVersion: 4 | 5 = 4) => ({ url: broker.url, protocolVersion, ...broker.agent(ORIGIN.agent) });

test('a command travels over the broker once; repeated and misdirected ones are answered and do nothing', async () => {
  const hub = await startFakeHub({ url: broker.url, origin: ORIGIN, connect: broker.hub });
  const done: unknown[] = [];
  openTestLink({
    broker: address(),
    keys: hub.signer.keys,
    handlers: { 'live.start': async (action) => void done.push(action) },
  });
  const online = await eventually('status', () => hub.statuses.find(({ state }) => state === 'online'));
  const challenge = ('challenges' in online ? online.challenges[0] : undefined) ?? '';
  const id = randomUUID();
  const genuine = await hub.signer.command({ ...ORIGIN, id, challenge });
  await hub.publish('commands', genuine);
  await hub.publish('commands', genuine);
  await hub.publish('commands', await hub.signer.command({ ...ORIGIN, agent: 'lanting-edge-2', challenge }));
  await hub.publish('commands', await createHubSigner().command({ ...ORIGIN, challenge }));
  const results = await eventually('four results', () => hub.results.length === 4 && hub.results);
  expect(results.map(({ ok, code }) => code ?? ok).toSorted()).toEqual(
    ['COMMAND_MISDIRECTED', 'COMMAND_REPLAYED', 'SIGNATURE_INVALID', true].toSorted(),
  );
  expect(results.find(({ ok }) => ok)?.command).toBe(id);
  expect(done).toEqual([LIVE_START]);
  await hub.stop();
});

test('forged receipts sent over the broker leave every event where it is', async () => {
  const hub = await startFakeHub({ url: broker.url, origin: ORIGIN, connect: broker.hub });
  hub.signs = false;
  const { link } = openTestLink({ broker: address(), keys: hub.signer.keys });
  const { epoch } = link.report(gateDraft());
  await eventually('the event', () => hub.received.some((event) => event.epoch === epoch));
  const claims = { ...ORIGIN, epoch, ranges: [[1, 1] as [number, number]] };
  await hub.publish('receipts', await createHubSigner().receipt(claims));
  await hub.publish('receipts', await hub.signer.receipt({ ...claims, epoch: randomUUID() }));
  await hub.publish('receipts', await hub.signer.receipt({ ...claims, ranges: [[1, 2]] }));
  await eventually('three refusals', () => Object.keys(link.figures().receipts.refused).length === 3);
  expect(link.figures().outbox).toMatchObject({ waiting: 1, receipted: 0 });
  await hub.publish('receipts', await hub.signer.receipt(claims));
  await eventually('the genuine one to count', () => link.figures().outbox.waiting === 0);
  await hub.stop();
});

test('device states are retained, and told again to a broker that forgot them', async () => {
  const hub = await startFakeHub({ url: broker.url, origin: ORIGIN, connect: broker.hub });
  const { link } = openTestLink({ broker: address(), keys: hub.signer.keys });
  const state = {
    kind: 'gate',
    device: 'lanting-service-barrier',
    connection: 'online',
    since: new Date().toISOString(),
    position: 'closed',
    relay: 'inactive',
    contact: 'closed',
  } as const;
  link.setDeviceState(state);
  await eventually('the state', () => hub.deviceStates.length === 1);
  await hub.stop();
  await broker.restart();
  const late = await startFakeHub({ url: broker.url, origin: ORIGIN, connect: { ...broker.hub, clean: true } });
  await eventually('the state again', () => late.deviceStates.length > 0);
  expect(late.deviceStates[0]).toEqual(state);
  await late.stop();
});

test('a broker that does not speak MQTT 5 is told from one that is away', async () => {
  const { link, logged } = openTestLink({ broker: address(5), keys: createHubSigner().keys });
  const line = await eventually('the refusal', () => logged.find(({ code }) => code === 'MQTT_VERSION_REFUSED'));
  expect(line['msg']).toMatch(/does not speak MQTT 5\. Set mqtt\.protocolVersion to 4/);
  expect(link.figures().isConnected).toBe(false);
  expect(link.report(gateDraft()).isNew).toBe(true);
});

test('a wrong password is told by name and never shown', async () => {
  const wrong = { ...address(), password: 'p%40:/?#' };
  const { logged } = openTestLink({ broker: wrong, keys: createHubSigner().keys });
  await eventually('the refusal', () => logged.find(({ code }) => code === 'MQTT_CREDENTIALS_REFUSED'));
  expect(JSON.stringify(logged)).not.toContain('p%40');
});
