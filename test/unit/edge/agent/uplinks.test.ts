import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createPictureStore } from '@dipper/edge/agent/picture-store/picture-store';
import { createUplinks } from '@dipper/edge/agent/uplinks';
import type { LiveFrame } from '@dipper/edge/link/live-uplink';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { eventually } from '../../../support/eventually.ts';
import { temporaryFolder } from '../../../support/open-outbox.ts';

const JPEG = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(50_000, 0x42), Buffer.from('ffd9', 'hex')]);
const log = pino({ enabled: false });
const COMMAND = { id: randomUUID(), issuer: 'hub' };

/** The hub's end. */
let server: WebSocketServer;
let received: (object | Buffer)[] = [];
beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) =>
    socket.on('message', (data: Buffer, isBinary) => received.push(isBinary ? data : JSON.parse(data.toString()))),
  );
  await new Promise((resolve) => server.once('listening', resolve));
});
afterAll(() => {
  for (const socket of server.clients) socket.terminate();
  server.close();
});
beforeEach(() => {
  received = [];
});
const invitation = () => ({
  uplinkUrl: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  ticket: 't'.repeat(43),
});

async function openStore() {
  const dir = temporaryFolder();
  const owner = new AbortController();
  const clock = { now: Date.now(), nowMs: () => clock.now, monotonicMs: () => clock.now };
  const pictures = await createPictureStore({
    dir: join(dir, 'pictures'),
    keyFile: join(dir, 'media.key'),
    retentionMs: 3_600_000,
    maxBytes: 10_000_000,
    clock,
    signal: owner.signal,
    log,
  });
  onTestFinished(() => pictures.close());
  const put = async () => (await pictures.put(JPEG, { device: 'gate-face', capturedAtMs: clock.now })).ref;
  return { dir, pictures, clock, put, signal: owner.signal };
}

test('a picture is opened for the one who asked and sent untouched', async () => {
  const store = await openStore();
  const ref = await store.put();
  const { handlers } = createUplinks({ ...store, camera: () => undefined, log });
  await handlers['media.send']?.({ name: 'media.send', ref, ...invitation() }, COMMAND);
  await eventually('the picture', () => received.length === 2);
  expect(received).toEqual([{ kind: 'media', ref, status: 'available', mime: 'image/jpeg', bytes: JPEG.length }, JPEG]);
});

test('a picture that is over, unknown or damaged is told as such', async () => {
  const store = await openStore();
  const { handlers } = createUplinks({ ...store, camera: () => undefined, log });
  const ask = async (ref: string): Promise<void> =>
    handlers['media.send']?.({ name: 'media.send', ref, ...invitation() }, COMMAND);

  const damaged = await store.put();
  const sealed = join(store.dir, 'pictures', 'sealed');
  for (const name of readdirSync(sealed, { recursive: true, encoding: 'utf8' }).filter((each) =>
    each.includes(damaged),
  )) {
    const bytes = readFileSync(join(sealed, name));
    bytes[bytes.length - 20] = (bytes.at(-20) ?? 0) ^ 1;
    writeFileSync(join(sealed, name), bytes);
  }
  await ask(damaged);
  await ask(randomUUID());
  const over = await store.put();
  store.clock.now += 3_600_001;
  await ask(over);
  await eventually('three answers', () => received.length === 3);
  expect(received.map((each) => 'status' in each && each.status)).toEqual(['corrupt', 'unknown', 'expired']);
});

test('a live view comes from the camera that was named, and an unknown one is refused', async () => {
  const store = await openStore();
  const asked: string[] = [];
  async function* live(stream: string): AsyncGenerator<LiveFrame> {
    asked.push(stream);
    yield { kind: 'init', mime: 'video/mp4', widthPx: 640, heightPx: 360, atMs: 1, bytes: Buffer.from([1]) };
  }
  const camera = (device: string) => (device === 'gate-face' ? { live } : undefined);
  const uplinks = createUplinks({ ...store, camera, log });
  const start = (device: string) =>
    uplinks.handlers['live.start']?.({ name: 'live.start', device, stream: 'main', ...invitation() }, COMMAND);
  await expect(start('gate-back')).rejects.toMatchObject({ code: 'DEVICE_UNKNOWN' });
  await start('gate-face');
  await eventually('header and init', () => received.length === 2);
  expect(received[0]).toMatchObject({ kind: 'live', device: 'gate-face', stream: 'main' });
  expect(asked).toEqual(['main']);
  await eventually('its end', () => uplinks.liveCount === 0);
});
