import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { FEED_HELLO_MS, type FeedKind, type FeedMessage } from '@dipper/contract/api/feed';
import type { ErrorCode } from '@dipper/contract/errors';
import { type WebSocket, WebSocketServer } from 'ws';
import { type AccessDesk, createAccessDesk } from './access-desk.ts';
import { type FakeCamera, startCamera } from './camera.ts';
import { createDeviceDesk, type DeviceDesk } from './device-commands.ts';
import { createEstate, type Estate } from './estate.ts';
import { createOperatorDesk, type OperatorDesk } from './operator-routes.ts';
import { createRecordings, type FakeRecordings } from './recordings.ts';
import { accountOf, answer, createAccounts, Refused, type RouteContext, refuse } from './routes.ts';

export interface FakeHub {
  readonly url: string;
  readonly estate: Estate;
  readonly desk: OperatorDesk;
  readonly camera: FakeCamera;
  readonly recordings: FakeRecordings;
  readonly commands: DeviceDesk;
  readonly access: AccessDesk;
  readonly looks: readonly { readonly ref: string; readonly reason: string }[];
  /** Refuses requests of a kind from now on, or no more. */
  refuse(kind: 'media' | 'step', code: ErrorCode | undefined): void;
  /** Says something on the feed, and keeps it for those who resume. */
  tell: RouteContext['tell'];
  /** Cursors that readers resumed behind, `undefined` for those who started afresh. */
  readonly resumes: readonly (string | undefined)[];
  /** The hub is gone: every connection is cut, and no new one is taken, until `comeBack`. */
  vanish(): void;
  comeBack(): void;
  /** Keeps its connections and takes new ones, but says nothing on any feed from now on. */
  fallSilent(): void;
}

export interface FakeHubOptions {
  /** The console's build. */
  readonly dist: string;
  readonly ffmpeg: string;
  /** What the cameras see; ffmpeg's input arguments. */
  readonly cameraInput?: readonly string[];
  readonly picture: Buffer;
  readonly port?: number;
  readonly signal: AbortSignal;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** What the hub allows its page: the same policy, so that the page cannot come to need more. */
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** A hub without database, broker and edge, for tests of the page: it serves the build and answers as the contract says. */
export async function startFakeHub(options: FakeHubOptions): Promise<FakeHub> {
  const { dist, ffmpeg, picture, signal } = options;
  const estate = createEstate(Date.now());
  const camera = startCamera(ffmpeg, signal, options.cameraInput);
  const recordings = await createRecordings(ffmpeg);
  const feeds = new Set<WebSocket>();
  const told: Exclude<FeedMessage, { kind: 'hello' }>[] = [];
  const resumes: (string | undefined)[] = [];
  let isGone = false;
  let isSilent = false;

  const tell = (kind: FeedKind, change: 'created' | 'updated', value: { readonly id: string }): void => {
    const message = { kind, change, cursor: String(told.length + 1), id: value.id, value };
    told.push(message);
    for (const socket of feeds) socket.send(JSON.stringify(message));
  };
  const desk = createOperatorDesk();
  const commands = createDeviceDesk();
  const access = createAccessDesk();
  const context: RouteContext = {
    estate,
    desk,
    recordings,
    commands,
    access,
    accounts: createAccounts(),
    looks: [],
    picture,
    refusals: new Map(),
    tell,
  };

  const server = createServer((request, response) => {
    if (isGone) return request.socket.destroy();
    const url = new URL(request.url ?? '/', 'http://fake');
    const video = /^\/api\/v1\/exports\/([0-9a-f-]+)\/video$/.exec(url.pathname)?.[1];
    if (video !== undefined) return recordings.sendVideo(video, response);
    respond(request, url)
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
      .catch((error: unknown) => refuse(response, error instanceof Refused ? error.code : 'INTERNAL'));
  });
  const respond = async (request: IncomingMessage, url: URL) => {
    if (url.pathname === '/healthz') return { status: 200, headers: {}, body: '{}' };
    if (!url.pathname.startsWith('/api/')) return file(dist, url.pathname);
    const answered = answer(request, url, await bodyOf(request), context);
    if (Buffer.isBuffer(answered)) return { status: 200, headers: { 'content-type': 'image/jpeg' }, body: answered };
    const headers = { 'content-type': 'application/json', ...answered.headers };
    return { status: answered.status, headers, body: answered.body === undefined ? '' : JSON.stringify(answered.body) };
  };

  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, stream, head) => {
    if (isGone || accountOf(request) === undefined) return stream.destroy();
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const url = new URL(request.url ?? '/', 'http://fake');
      const device = /\/devices\/([a-z0-9-]+)\/live$/.exec(url.pathname)?.[1];
      if (device !== undefined) return watch(device, socket);
      const played = /\/devices\/([a-z0-9-]+)\/playback$/.exec(url.pathname)?.[1];
      if (played !== undefined) return recordings.play(played, url.searchParams.get('at') ?? '', socket);
      const after = url.searchParams.get('after') ?? undefined;
      resumes.push(after);
      if (isSilent) return;
      socket.send(JSON.stringify({ kind: 'hello', cursor: after ?? String(told.length) }));
      for (const message of told.slice(Number(after ?? told.length))) socket.send(JSON.stringify(message));
      feeds.add(socket);
      const hello = setInterval(() => {
        if (!isSilent) socket.send(JSON.stringify({ kind: 'hello', cursor: String(told.length) }));
      }, FEED_HELLO_MS);
      socket.on('close', () => {
        clearInterval(hello);
        feeds.delete(socket);
      });
    });
  });
  const watch = (device: string, socket: WebSocket): void => {
    const state = estate.devices.find(({ id }) => id === device)?.state;
    if (state?.connection === 'online') camera.watch(device, socket);
    else socket.close(4504, 'COMMAND_TIMEOUT');
  };

  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
  };
  signal.addEventListener(
    'abort',
    () => {
      cut();
      server.close();
    },
    { once: true },
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    estate,
    desk,
    camera,
    recordings,
    commands,
    access,
    looks: context.looks,
    resumes,
    tell,
    refuse(kind, code) {
      if (code === undefined) context.refusals.delete(kind);
      else context.refusals.set(kind, code);
    },
    vanish() {
      isGone = true;
      cut();
    },
    comeBack() {
      isGone = false;
    },
    fallSilent() {
      isSilent = true;
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}

/** The page routes by itself: what is no file is the page. */
async function file(dist: string, path: string) {
  const name = extname(path) === '' ? 'index.html' : path.slice(1);
  const headers = {
    'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
    'content-security-policy': POLICY,
  };
  return { status: 200, headers, body: await readFile(join(dist, name)) };
}
