import { mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandAction } from '@dipper/contract/commands';
import type { DipperEvent, DipperEventOf } from '@dipper/contract/events';
import { modelsDir } from '@dipper/models/ensure-models';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { stringify } from 'yaml';
import { type ChildPart, startChildPart } from '../support/child-part.ts';
import { type EmbeddedBroker, startEmbeddedBroker } from '../support/embedded-broker.ts';
import { eventually } from '../support/eventually.ts';
import { type FakeHub, startFakeHub } from '../support/fake-hub.ts';
import { ORIGIN, temporaryFolder } from '../support/open-outbox.ts';
import { processesWith } from '../support/processes.ts';

const main = (part: string): string => fileURLToPath(new URL(`../../${part}/main.ts`, import.meta.url));
const PASSWORD = 'p%40:/?#';
const LOGIN = { username: 'operator', passwordFile: 'device-password' };

let broker: EmbeddedBroker;
let hub: FakeHub;
let street: ChildPart;
beforeAll(async () => {
  broker = await startEmbeddedBroker();
  hub = await startFakeHub({ url: broker.url, origin: ORIGIN, connect: broker.hub });
  const dir = join(tmpdir(), 'dipper-street-of-tests');
  const devices = [
    { id: 'face', kind: 'camera', httpPort: 0, username: LOGIN.username, password: PASSWORD },
    { id: 'barrier', kind: 'barrier', httpPort: 0, username: LOGIN.username, password: PASSWORD },
  ];
  // The rendered scene is kept between runs: it takes a while.
  mkdirSync(dir, { recursive: true });
  const config = join(dir, 'simulator.yaml');
  writeFileSync(config, stringify({ rtspPort: 0, controlPort: 0, scene: 'people', devices }));
  street = await startChildPart(main('services/simulator'), ['--config', config, '--data', dir]);
}, 150_000);
afterAll(async () => {
  await street.stop();
  await hub.stop();
  await broker.stop();
});

/** The hub's end of uplinks: what came, in order. */
async function listenForUplinks() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const received: (Record<string, unknown> | Buffer)[] = [];
  server.on('connection', (socket) =>
    socket.on('message', (data: Buffer, isBinary) => received.push(isBinary ? data : JSON.parse(data.toString()))),
  );
  const uplinkUrl = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { received, invitation: { uplinkUrl, ticket: 't'.repeat(43) }, close: () => server.close() };
}

async function command(action: CommandAction): Promise<void> {
  const online = hub.statuses.findLast(({ state }) => state === 'online');
  const challenge = (online !== undefined && 'challenges' in online ? online.challenges[0] : undefined) ?? '';
  await hub.publish('commands', await hub.signer.command({ ...ORIGIN, challenge, action }));
}

const isCapture = (event: DipperEvent): event is DipperEventOf<'face.captured'> => event.type === 'face.captured';

test('an agent on the simulated street: a face with its picture, a live view, a gate; it leaves nothing running', async () => {
  const dir = temporaryFolder();
  writeFileSync(join(dir, 'hub.pub.jwk'), JSON.stringify(hub.signer.publicJwk));
  writeFileSync(join(dir, 'device-password'), PASSWORD);
  const onvif = (device: string) => ({ url: street.addresses[`onvif:${device}`], ...LOGIN });
  const config = {
    ...ORIGIN,
    dataDir: 'data',
    hub: { publicKeyFile: 'hub.pub.jwk' },
    mqtt: { url: broker.url, username: broker.agent(ORIGIN.agent).username, passwordEnv: 'EDGE_MQTT_PASSWORD' },
    media: { keyFile: 'secrets/media.key' },
    models: { dir: modelsDir(process.env) },
    cameras: [{ id: 'face', place: 'gate', onvif: onvif('face'), capture: { faces: true } }],
    gates: [{ id: 'barrier', place: 'gate', failMode: 'fail-safe', onvif: onvif('barrier') }],
  };
  writeFileSync(join(dir, 'edge.yaml'), stringify(config));
  const agent = await startChildPart(main('edge/agent'), ['--config', join(dir, 'edge.yaml')], {
    EDGE_MQTT_PASSWORD: broker.agent(ORIGIN.agent).password,
    // Inherited by every child, so that the family is found afterwards.
    EDGE_TEST_FAMILY: dir,
  });

  const capture = await eventually('a captured face', () => hub.received.find(isCapture), { withinMs: 60_000 });
  expect(capture).toMatchObject({ subject: 'face', place: 'gate' });
  await eventually('the gate', () =>
    hub.deviceStates.some((state) => state.kind === 'gate' && state.position === 'closed'),
  );
  expect(hub.deviceStates.findLast(({ device }) => device === 'face')).toMatchObject({ connection: 'online' });

  // What the camera tells by itself, over its own events, and its clock.
  await fetch(`${street.addresses['control']}/devices/face/events/tamper`, { method: 'POST', body: '{"active":true}' });
  const tampered = await eventually('what the camera tells', () =>
    hub.received.find((event) => event.type === 'camera.tampered' && event.data.phase === 'started'),
  );
  expect(tampered).toMatchObject({ subject: 'face', place: 'gate', data: { kind: 'reported' } });
  const clockOf = (state: (typeof hub.deviceStates)[number]) => (state.kind === 'camera' ? state.clock : undefined);
  const { offsetMs, uncertaintyMs } = await eventually('its clock', () => hub.deviceStates.map(clockOf).find(Boolean));
  expect(Math.abs(offsetMs)).toBeLessThanOrEqual(uncertaintyMs);

  const uplinks = await listenForUplinks();
  const { media } = capture.data;
  if (!('ref' in media)) throw new Error(`the picture was not kept: ${media.unavailable}`);
  await command({ name: 'media.send', ref: media.ref, ...uplinks.invitation });
  await eventually('the picture', () => uplinks.received.length === 2);
  expect(uplinks.received[0]).toMatchObject({ kind: 'media', ref: media.ref, status: 'available' });
  expect(uplinks.received[1]).toSatisfy((bytes: Buffer) => bytes.readUInt16BE(0) === 0xffd8);

  uplinks.received.length = 0;
  await command({ name: 'live.start', device: 'face', stream: 'main', ...uplinks.invitation });
  await eventually('some frames', () => uplinks.received.length > 10);
  expect(uplinks.received[0]).toMatchObject({ kind: 'live', device: 'face', stream: 'main', widthPx: 1280 });
  expect(hub.results.map(({ ok }) => ok)).toEqual([true, true]);

  // In the middle of everything: frames are being searched, a view is being sent.
  expect(processesWith('EDGE_TEST_FAMILY', dir).length).toBeGreaterThan(2);
  const askedAtMs = Date.now();
  await agent.stop();
  expect(agent.process.exitCode).toBe(0);
  expect(Date.now() - askedAtMs).toBeLessThan(5_000);
  await eventually('the last word', () => hub.statuses.at(-1)?.state === 'offline');
  expect(hub.statuses.at(-1)).toMatchObject({ reason: 'stopped' });
  const published = hub.packets.map(({ payload }) => payload.toString()).join('\n');
  for (const form of [PASSWORD, encodeURIComponent(PASSWORD), `${LOGIN.username}:`]) {
    expect(published).not.toContain(form);
  }
  await eventually('its children to be gone', () => processesWith('EDGE_TEST_FAMILY', dir).length === 0);
  uplinks.close();
}, 120_000);
