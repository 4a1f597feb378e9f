import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeLiveFrame } from '@dipper/contract/uplink';
import { type LiveFrame, sendLive } from '@dipper/edge/link/live-uplink';
import { sendMedia } from '@dipper/edge/link/uplink';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { eventually } from '../../../support/eventually.ts';

const TICKET = 't'.repeat(43);
let server: WebSocketServer;
let uplinkUrl: string;
const sockets: WebSocket[] = [];
const messages: (object | Buffer)[] = [];
let closeCode: number | undefined;

beforeEach(async () => {
  messages.length = 0;
  sockets.length = 0;
  closeCode = undefined;
  server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    verifyClient: ({ req }, done) => done(req.headers.authorization === `Bearer ${TICKET}`, 401),
  });
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('message', (data: Buffer, isBinary) => messages.push(isBinary ? data : JSON.parse(data.toString())));
    socket.on('close', (code) => {
      closeCode = code;
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  uplinkUrl = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/edge/v1/uplink`;
});
afterEach(() => {
  for (const socket of server.clients) socket.terminate();
  server.close();
});

const { signal } = new AbortController();
const invitation = () => ({ uplinkUrl, ticket: TICKET });
const header = { kind: 'live', device: 'gate-face', stream: 'sub', mime: 'video/mp4', widthPx: 640, heightPx: 360 };
const init = (byte: number): LiveFrame => ({
  kind: 'init',
  mime: 'video/mp4',
  widthPx: 640,
  heightPx: 360,
  atMs: byte,
  bytes: Buffer.from([byte]),
});

test('a picture goes as header and bytes, and the socket is closed with 1000', async () => {
  const ref = randomUUID();
  const picture = Buffer.alloc(300_000, 7);
  const media = { kind: 'media', ref, status: 'available', mime: 'image/jpeg', bytes: picture.length } as const;
  await sendMedia(invitation(), media, picture, signal);
  await eventually('the close', () => closeCode !== undefined);
  expect(messages).toEqual([media, picture]);
  expect(closeCode).toBe(1000);
});

test('a picture that is gone goes as a header alone', async () => {
  const media = { kind: 'media', ref: randomUUID(), status: 'expired' } as const;
  await sendMedia(invitation(), media, undefined, signal);
  await eventually('the close', () => closeCode !== undefined);
  expect(messages).toEqual([media]);
});

test('a ticket the hub does not take, and a hub that is not there, are UPLINK_REFUSED', async () => {
  const media = { kind: 'media', ref: randomUUID(), status: 'expired' } as const;
  const refused = expect.objectContaining({ code: 'UPLINK_REFUSED' });
  await expect(sendMedia({ uplinkUrl, ticket: 'x'.repeat(43) }, media, undefined, signal)).rejects.toEqual(refused);
  await expect(sendMedia({ uplinkUrl: 'ws://127.0.0.1:1/', ticket: TICKET }, media, undefined, signal)).rejects.toEqual(
    refused,
  );
});

test('a live view is header, init and frames, with a new header for new parameters; it ends when the hub closes', async () => {
  let isFeedOver = false;
  const { ended } = await sendLive({
    invitation: invitation(),
    device: 'gate-face',
    stream: 'sub',
    signal,
    async *open(over) {
      yield init(1);
      yield { kind: 'key', atMs: 1_700_000_000_123.5, bytes: Buffer.from([2]) };
      yield { kind: 'delta', atMs: 1_700_000_000_163, bytes: Buffer.from([3]) };
      yield init(4);
      await new Promise((resolve) => over.addEventListener('abort', resolve, { once: true }));
      isFeedOver = true;
    },
  });
  await eventually('the second init', () => messages.length === 6);
  const seen = messages.map((each) => {
    const frame = Buffer.isBuffer(each) ? decodeLiveFrame(each) : undefined;
    return frame === undefined ? each : [frame.kind, frame.atMs, frame.content[0]];
  });
  expect(seen).toEqual([
    header,
    ['init', 1, 1],
    ['key', 1_700_000_000_123.5, 2],
    ['delta', 1_700_000_000_163, 3],
    header,
    ['init', 4, 4],
  ]);
  sockets[0]?.close();
  expect(await ended).toEqual({ sentFrames: 4, skippedFrames: 0 });
  expect(isFeedOver).toBe(true);
});

test('a hub that takes too slowly gets fewer groups of pictures, each from its key frame on', async () => {
  const { ended } = await sendLive({
    invitation: invitation(),
    device: 'gate-face',
    stream: 'main',
    signal,
    async *open() {
      yield init(0);
      await eventually('the connection', () => sockets[0]);
      sockets[0]?.pause();
      for (let frame = 0; frame < 400; frame += 1) {
        yield { kind: frame % 20 === 0 ? 'key' : 'delta', atMs: frame, bytes: Buffer.alloc(50_000) };
        if (frame === 250) sockets[0]?.resume();
        await delay(1);
      }
    },
  });
  const { sentFrames, skippedFrames } = await ended;
  expect(skippedFrames).toBeGreaterThan(40);
  expect(sentFrames + skippedFrames).toBe(401);
  await eventually('the close', () => closeCode !== undefined);
  const frames = messages.flatMap((each) => (Buffer.isBuffer(each) ? [decodeLiveFrame(each)] : []));
  expect(frames).toHaveLength(sentFrames);
  frames.forEach((frame, index) => {
    const before = frames[index - 1];
    if (frame?.kind === 'delta') expect(before?.atMs).toBe(frame.atMs - 1);
  });
});
