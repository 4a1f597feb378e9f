import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { encodeReply, type RtspInput, RtspParser, type RtspReply, type RtspRequest } from './rtsp-message.ts';
import type { RtspMount } from './rtsp-mount.ts';
import type { RtspListener } from './rtsp-stream.ts';

/** Announced to clients (RFC 2326, 12.37); a session without a sign of life for longer is closed. */
export const SESSION_TIMEOUT_SEC = 60;

/** Bytes that may wait for a client. About four seconds of the main stream: whoever is further behind is cut off. */
export const MAX_WAITING_BYTES = 2_000_000;

const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER';

/** One client: its requests, and the one session it may hold. */
export class RtspConnection {
  readonly #socket: Socket;
  readonly #findMount: (path: string) => RtspMount | undefined;
  readonly #parser = new RtspParser();
  readonly #sessionId = randomBytes(8).toString('hex');
  #mount: RtspMount | undefined;
  #listener: RtspListener | undefined;
  #isPlaying = false;
  /** Replies leave in the order of the requests, also when a device is slow. */
  #replies: Promise<void> = Promise.resolve();

  constructor(socket: Socket, findMount: (path: string) => RtspMount | undefined) {
    this.#socket = socket;
    this.#findMount = findMount;
    socket.setNoDelay(true);
    socket.setTimeout(SESSION_TIMEOUT_SEC * 1_000);
    socket.on('timeout', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    // A client that resets its connection is no event; `close` follows.
    socket.on('error', () => {});
    socket.on('close', () => this.#stopPlaying());
  }

  /** The device whose stream this connection asked for. */
  get deviceId(): string | undefined {
    return this.#mount?.deviceId;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    for (const input of this.#parser.push(chunk)) {
      // Frames from the client are receiver reports: a sign of life, nothing more.
      if (input.kind !== 'frame') this.#answerInTurn(input);
    }
  }

  #answerInTurn(input: Exclude<RtspInput, { kind: 'frame' }>): void {
    this.#replies = this.#replies.then(async () => {
      if (this.#socket.destroyed) return;
      if (input.kind === 'malformed') {
        this.#socket.end(encodeReply(input.cseq, { status: 400 }));
        return;
      }
      const mount = this.#findMount(streamPath(input.request.url) ?? '');
      if (mount?.isUnplugged() === true) {
        this.#socket.destroy();
        return;
      }
      const delayMs = mount?.replyDelayMs() ?? 0;
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs).unref());
      if (!this.#socket.destroyed) this.#answer(input.request, mount);
    });
  }

  #answer(request: RtspRequest, mount: RtspMount | undefined): void {
    const { reply, after } = this.#handle(request, mount);
    this.#socket.write(encodeReply(request.headers['cseq'], reply));
    after?.();
  }

  #handle(request: RtspRequest, mount: RtspMount | undefined): { reply: RtspReply; after?: () => void } {
    if (request.headers['require'] !== undefined) {
      return { reply: { status: 551, headers: { Unsupported: request.headers['require'] } } };
    }
    if (request.method === 'OPTIONS') return { reply: { status: 200, headers: { Public: METHODS } } };
    if (mount === undefined) return { reply: { status: 404 } };
    const verdict = mount.guard.verify(
      request.headers['authorization'],
      request.method,
      (uri) => streamPath(uri) === mount.stream.path,
    );
    if (verdict !== 'ok') {
      return { reply: { status: 401, headers: { 'WWW-Authenticate': mount.guard.challenge(verdict) } } };
    }
    this.#mount ??= mount;
    switch (request.method) {
      case 'DESCRIBE':
        return { reply: describe(request, mount) };
      case 'SETUP':
        return { reply: this.#setUp(request, mount) };
      case 'PLAY':
      case 'PAUSE':
      case 'TEARDOWN':
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        return this.#control(request, mount);
      default:
        return { reply: { status: 405, headers: { Allow: METHODS } } };
    }
  }

  /** TCP interleaved only; a client that asks for UDP is told so and tries TCP (RFC 2326, 12.39). */
  #setUp(request: RtspRequest, mount: RtspMount): RtspReply {
    if (this.#listener !== undefined) return { status: this.#isPlaying ? 455 : 459 };
    const transports = (request.headers['transport'] ?? '').split(',');
    const tcp = transports.map((text) => text.trim()).find((text) => /^RTP\/AVP\/TCP(;|$)/i.test(text));
    if (tcp === undefined) return { status: 461 };
    const channels = /interleaved=(\d{1,3})(?:-(\d{1,3}))?/i.exec(tcp);
    const rtpChannel = Number(channels?.[1] ?? 0);
    const rtcpChannel = Number(channels?.[2] ?? rtpChannel + 1);
    if (rtpChannel > 255 || rtcpChannel > 255 || rtpChannel === rtcpChannel) return { status: 461 };
    this.#mount = mount;
    this.#listener = { rtpChannel, rtcpChannel, send: (data) => this.#sendMedia(data) };
    return {
      status: 200,
      headers: {
        Transport: `RTP/AVP/TCP;unicast;interleaved=${rtpChannel}-${rtcpChannel}`,
        Session: `${this.#sessionId};timeout=${SESSION_TIMEOUT_SEC}`,
      },
    };
  }

  #control(request: RtspRequest, mount: RtspMount): { reply: RtspReply; after?: () => void } {
    const asked = request.headers['session']?.split(';')[0]?.trim();
    const headers = { Session: this.#sessionId };
    if (asked !== undefined && asked !== this.#sessionId) return { reply: { status: 454 } };
    if (request.method.endsWith('_PARAMETER'))
      return { reply: { status: 200, headers: asked === undefined ? {} : headers } };
    const listener = this.#listener;
    if (listener === undefined || this.#mount !== mount) return { reply: { status: asked === undefined ? 455 : 454 } };
    switch (request.method) {
      case 'PLAY':
        return {
          reply: { status: 200, headers: { ...headers, Range: 'npt=now-' } },
          after: () => {
            if (!this.#isPlaying) mount.stream.join(listener);
            this.#isPlaying = true;
          },
        };
      case 'PAUSE':
        mount.stream.leave(listener);
        this.#isPlaying = false;
        return { reply: { status: 200, headers } };
      default:
        if (this.#isPlaying) mount.stream.farewell(listener);
        this.#stopPlaying();
        this.#listener = undefined;
        return { reply: { status: 200, headers } };
    }
  }

  #sendMedia(data: Buffer): void {
    if (this.#socket.destroyed) return;
    if (this.#socket.writableLength > MAX_WAITING_BYTES) {
      this.#socket.destroy();
      return;
    }
    this.#socket.write(data);
  }

  #stopPlaying(): void {
    if (this.#listener !== undefined && this.#isPlaying) this.#mount?.stream.leave(this.#listener);
    this.#isPlaying = false;
  }
}

function describe(request: RtspRequest, mount: RtspMount): RtspReply {
  return {
    status: 200,
    // With a trailing slash: control URLs are relative to it (RFC 2326, C.1.1).
    headers: { 'Content-Type': 'application/sdp', 'Content-Base': request.url.replace(/\/?$/, '/') },
    body: mount.stream.sdp,
  };
}

/** The stream's path in a request's URL: without query, track and trailing slash; undefined for anything else than an RTSP URL. */
function streamPath(url: string): string | undefined {
  const path = /^(?:rtsps?:\/\/[^/]*)?(\/[^?#]*)?(?:[?#].*)?$/i.exec(url)?.[1];
  return path?.replace(/\/track\d+\/?$/, '').replace(/\/$/, '');
}
