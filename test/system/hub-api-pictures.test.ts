import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EventView } from '@dipper/contract/api/inventory';
import type { CommandClaims } from '@dipper/contract/commands';
import { encodeLiveFrame } from '@dipper/contract/uplink';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { type ChildPart, startChildPart } from '../support/child-part.ts';
import { eventually } from '../support/eventually.ts';
import { type FakeEdge, startFakeEdge } from '../support/fake-edge.ts';
import { watchLive } from '../support/live-viewer.ts';
import { ADMIN_PASSWORD, type HubGround, signInAs, startHubGround } from '../support/running-hub.ts';
import { faceCaptured } from '../support/sample-events.ts';

const ENTRY = fileURLToPath(new URL('../../services/hub/main.ts', import.meta.url));
const CAMERA = 'lanting-service-face';

/** A JPEG as far as anybody on the way can tell, with something in it that occurs nowhere else. */
const MARK = randomBytes(48);
const PICTURE = Buffer.concat([Buffer.from([0xff, 0xd8]), ...Array(700).fill(MARK), Buffer.from([0xff, 0xd9])]);

let ground: HubGround;
let hub: ChildPart;
let url: string;
let edge: FakeEdge;
let admin: ApiClient;
/** What the edge sends on a live uplink, and what it says about a picture; each test sets its own. */
let playLive: (socket: WebSocket) => Promise<void>;
let mediaStatus: 'available' | 'expired' | 'erased' | 'unknown' | 'corrupt';

const liveHeader = JSON.stringify({
  kind: 'live',
  device: CAMERA,
  stream: 'main',
  mime: 'video/mp4; codecs="avc1.64001f"',
  widthPx: 1280,
  heightPx: 720,
});

function sendPicture(socket: WebSocket, { action }: CommandClaims): void {
  const ref = action.name === 'media.send' ? action.ref : '';
  if (mediaStatus !== 'available') {
    socket.send(JSON.stringify({ kind: 'media', ref, status: mediaStatus }));
  } else {
    socket.send(JSON.stringify({ kind: 'media', ref, status: 'available', mime: 'image/jpeg', bytes: PICTURE.length }));
    for (let at = 0; at < PICTURE.length; at += 8192) socket.send(PICTURE.subarray(at, at + 8192));
  }
  socket.close(1000);
}

/** Tells the hub of a captured face, and waits until it is in the history. */
async function capture(expiresAt = new Date(Date.now() + 3_600_000)): Promise<string> {
  const ref = randomUUID();
  const event = faceCaptured(edge.next());
  event.data.media = { ref, mime: 'image/jpeg', expiresAt: expiresAt.toISOString() };
  await edge.tell([event]);
  await eventually('the capture to be stored', async () =>
    (await admin.list<EventView>('/api/v1/events?type=face.captured')).some(({ id }) => id === event.id),
  );
  return ref;
}

const look = (client: ApiClient, ref: string, reason = 'who was at the gate'): Promise<Response> =>
  client.send('POST', `/api/v1/media/${ref}/views`, { reason });

interface Audited {
  readonly account: string | null;
  readonly target: string;
  readonly reason: string | null;
  readonly outcome: string;
}
const auditOf = (ref: string): Promise<readonly Audited[]> =>
  admin.list<Audited>(`/api/v1/audit?action=media.view&target=${ref}&limit=200`);

beforeAll(async () => {
  ground = await startHubGround();
  hub = await startChildPart(ENTRY, [], { ...ground.env, TMPDIR: ground.dir });
  url = hub.addresses['http'] ?? '';
  admin = await signIn(url, 'admin', ADMIN_PASSWORD);
  edge = await startFakeEdge({
    mqttUrl: ground.broker.url,
    login: ground.broker.agent('lanting-edge-1'),
    estate: 'lanting',
    agent: 'lanting-edge-1',
    hubKey: ground.hubKey,
    onLive: (socket) => playLive(socket),
    onMedia: sendPicture,
  });
  await eventually('the hub to know that the edge is online', async () =>
    (await admin.list<{ state: string }>('/api/v1/agents')).some(({ state }) => state === 'online'),
  );
});

afterAll(async () => {
  await edge?.stop();
  await hub?.stop();
  await ground?.stop();
});

describe('looking at a captured picture', () => {
  it('shows what the edge has, once a row says who looked and why', async () => {
    mediaStatus = 'available';
    const guard = await signInAs(url, admin, 'guard');
    const ref = await capture();
    const answer = await look(guard, ref, 'somebody at the closed gate');
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': String(PICTURE.length),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(Buffer.from(await answer.arrayBuffer()).equals(PICTURE)).toBe(true);
    expect(await auditOf(ref)).toEqual([
      expect.objectContaining({ account: 'guard', reason: 'somebody at the closed gate', outcome: 'granted' }),
    ]);
  });

  it('is refused for good reasons, and every refusal is on record', async () => {
    const worker = await signInAs(url, admin, 'grid-worker');
    const known = await capture();
    const unknown = randomUUID();
    const before = edge.commands.length;
    const codeOf = async (answer: Response): Promise<string> => ((await answer.json()) as { code: string }).code;
    expect(await codeOf(await look(worker, known))).toBe('FORBIDDEN');
    expect(await codeOf(await look(admin, known, 'x'))).toBe('REQUEST_INVALID');
    expect(await codeOf(await fetch(`${url}/api/v1/media/${known}/views`, { method: 'POST' }))).toBe('NOT_SIGNED_IN');
    expect((await look(admin, unknown)).status).toBe(404);
    expect(edge.commands.length).toBe(before);
    for (const [status, http] of [
      ['expired', 410],
      ['erased', 410],
      ['unknown', 404],
      ['corrupt', 502],
    ] as const) {
      mediaStatus = status;
      expect((await look(admin, known)).status, status).toBe(http);
    }
    expect((await auditOf(known)).map(({ account, outcome }) => `${account} ${outcome}`).reverse()).toEqual([
      'grid-worker FORBIDDEN',
      'admin REQUEST_INVALID',
      'null NOT_SIGNED_IN',
      'admin MEDIA_EXPIRED',
      'admin MEDIA_ERASED',
      'admin MEDIA_UNKNOWN',
      'admin MEDIA_CORRUPT',
    ]);
    expect((await auditOf(unknown))[0]?.outcome).toBe('MEDIA_UNKNOWN');
  });

  it('is handed out while the edge holds it, whatever the time says: the edge may have been told a better one since', async () => {
    const ref = await capture(new Date(Date.now() - 1_000));
    mediaStatus = 'available';
    expect((await look(admin, ref)).status).toBe(200);
    mediaStatus = 'expired';
    expect((await look(admin, ref)).status).toBe(410);
  });

  it('says when the edge is offline or will not', async () => {
    const ref = await capture();
    mediaStatus = 'available';
    edge.refuseWith = 'COMMAND_UNSUPPORTED';
    expect((await look(admin, ref)).status).toBe(409);
    edge.refuseWith = undefined;
    await edge.goOffline();
    const offline = await eventually('the hub to notice', async () => {
      const answer = await look(admin, ref);
      return answer.status === 503 ? answer : undefined;
    });
    expect(await offline.json()).toMatchObject({ code: 'AGENT_OFFLINE' });
    await edge.comeOnline();
    await eventually('the edge to be back', async () => (await look(admin, ref)).status === 200);
  });

  it('leaves no picture in the database or on the disk of the hub, after a hundred looks', async () => {
    mediaStatus = 'available';
    const ref = await capture();
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => look(admin, ref)));
      for (const answer of answers) expect(Buffer.from(await answer.arrayBuffer()).equals(PICTURE)).toBe(true);
    }
    expect(await auditOf(ref)).toHaveLength(100);
    const needles = [
      MARK,
      Buffer.from(PICTURE.toString('hex').slice(200, 280)),
      Buffer.from(PICTURE.toString('base64').slice(200, 280)),
    ];
    const holds = (content: Buffer): boolean => needles.some((needle) => content.includes(needle));
    for (const form of ['latin1', 'hex', 'base64'] as const) {
      expect(holds(Buffer.from(PICTURE.toString(form), 'latin1')), `would be found as ${form}`).toBe(true);
    }
    // The dump sees what is compressed on disk, the files what no table shows: logs, temporary files, free pages.
    const dump = Buffer.from(await ground.dump());
    expect(holds(dump)).toBe(false);
    expect(dump.includes(ref)).toBe(true);
    const files = [ground.dir, ground.database.dir].flatMap((dir) =>
      readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((name) => join(dir, name)),
    );
    for (const file of files.filter((name) => statSync(name).isFile())) {
      expect(holds(readFileSync(file)), file).toBe(false);
    }
  });
});

describe('the live picture of a camera', () => {
  /** A key frame every ten pictures, each of a size, until the hub hangs up. */
  const play =
    (bytes: number, everyMs: number) =>
    async (socket: WebSocket): Promise<void> => {
      socket.send(liveHeader);
      socket.send(encodeLiveFrame('init', 0, Buffer.alloc(600)));
      for (let number = 1; socket.readyState === WebSocket.OPEN; number += 1) {
        socket.send(encodeLiveFrame(number % 10 === 1 ? 'key' : 'delta', number, Buffer.alloc(bytes)));
        await delay(everyMs);
      }
    };

  it('comes over one uplink, however many watch, and shows late joiners a picture at once', async () => {
    playLive = play(2_000, 40);
    const before = edge.commands.length;
    const first = await watchLive(url, admin, CAMERA);
    await eventually('the first pictures', () => first.frames.length > 15);
    const late = await watchLive(url, admin, CAMERA);
    await eventually('the late joiner to see something', () => late.frames.length > 3, { everyMs: 5 });
    expect(late.headers).toHaveLength(1);
    expect(late.frames.slice(0, 2).map(({ kind }) => kind)).toEqual(['init', 'key']);
    await eventually('both to have gone on', () => late.frames.length > 30);
    for (const { frames } of [first, late]) {
      const numbers = frames.filter(({ kind }) => kind !== 'init').map(({ number }) => number);
      const [start = 0] = numbers;
      expect(numbers).toEqual(numbers.map((_, index) => start + index));
    }
    expect(edge.uplinks.size).toBe(1);
    expect(edge.commands.slice(before).map(({ action }) => action.name)).toEqual(['live.start']);
    const action = edge.commands.at(-1)?.action;
    const ticket = action !== undefined && 'ticket' in action ? action.ticket : undefined;
    const again = new WebSocket(`${url.replace('http', 'ws')}/edge/v1/uplink`, {
      headers: { authorization: `Bearer ${ticket}` },
    });
    const status = await new Promise((resolve) => {
      again.once('unexpected-response', (_, answer) => resolve(answer.statusCode)).once('error', resolve);
    });
    expect(status, 'a ticket is good once').toBe(401);
    first.socket.terminate();
    late.socket.terminate();
    await eventually('the uplink to be closed', () => edge.uplinks.size === 0, { withinMs: 8_000 });
  });

  it('says why there is none', async () => {
    const unknown = await watchLive(url, admin, 'no-such-camera');
    expect(await unknown.closed).toEqual([4404, 'DEVICE_UNKNOWN']);
    edge.refuseWith = 'COMMAND_REPLAYED';
    const refused = await watchLive(url, admin, CAMERA);
    expect(await refused.closed).toEqual([4409, 'COMMAND_REPLAYED']);
    edge.refuseWith = undefined;
    playLive = play(2_000, 40);
    const broken = await watchLive(url, admin, CAMERA);
    await eventually('a picture', () => broken.frames.length > 1);
    for (const socket of edge.uplinks) socket.terminate();
    expect(await broken.closed).toEqual([4503, 'AGENT_OFFLINE']);
    await edge.goOffline();
    await eventually('the hub to notice', async () =>
      (await admin.list<{ state: string }>('/api/v1/agents')).some(({ state }) => state === 'offline'),
    );
    const offline = await watchLive(url, admin, CAMERA);
    expect(await offline.closed).toEqual([4503, 'AGENT_OFFLINE']);
    await edge.comeOnline();
    await eventually('the hub to notice', async () =>
      (await admin.list<{ state: string }>('/api/v1/agents')).some(({ state }) => state === 'online'),
    );
  });

  it('lets a slow viewer skip whole groups of pictures while others lose nothing', async () => {
    playLive = play(200_000, 10);
    const [quick, slow] = [await watchLive(url, admin, CAMERA), await watchLive(url, admin, CAMERA)];
    await eventually('the first pictures', () => quick.frames.length > 2 && slow.frames.length > 2);
    slow.socket.pause();
    const pausedAt = quick.frames.length;
    await eventually('more to have been sent than any buffer holds', () => quick.frames.length > pausedAt + 150);
    slow.socket.resume();
    const resumedAt = quick.frames.length;
    await eventually('both to have gone on', () => quick.frames.length > resumedAt + 30 && slow.frames.length > 40);
    const numbersOf = (frames: typeof quick.frames): number[] => frames.slice(1).map(({ number }) => number);
    const seen = numbersOf(quick.frames);
    expect(seen).toEqual(seen.map((_, index) => (seen[0] ?? 0) + index));
    const gaps = slow.frames.filter(
      ({ number }, index) => index > 1 && number !== (slow.frames[index - 1]?.number ?? 0) + 1,
    );
    expect(gaps.length).toBeGreaterThan(0);
    expect(gaps.every(({ kind }) => kind === 'key')).toBe(true);
    quick.socket.terminate();
    slow.socket.terminate();
  });
});
