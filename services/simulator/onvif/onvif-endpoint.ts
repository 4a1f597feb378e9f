import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { DigestGuard } from '../auth/digest.ts';
import type { Device } from '../device/device.ts';
import { listen } from '../listen.ts';
import { type OnvifService, SERVICE_PATHS } from './service.ts';
import {
  actionNotSupported,
  encodeEnvelope,
  notAuthorized,
  parseSoapRequest,
  SoapFault,
  type SoapRequest,
} from './soap.ts';
import { TokenGuard } from './username-token.ts';

const MAX_REQUEST_BYTES = 262_144;

/** No device answers sooner; clients rely on it: libonvif's security tokens differ by the millisecond only. */
const THINKING_TIME_MS = 3;

export interface OnvifEndpointOptions {
  readonly device: Device;
  readonly services: readonly OnvifService[];
  /** A JPEG of what the camera shows now; absent for devices without a picture. */
  readonly snapshot?: (signal: AbortSignal) => Promise<Buffer>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  readonly challenge?: string;
}

/** A device's HTTP port: SOAP with HTTP digest and WS-Security, and what the device's faults do to it. */
export class OnvifEndpoint {
  readonly #options: OnvifEndpointOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #digest: DigestGuard;
  readonly #tokens: TokenGuard;

  constructor(options: OnvifEndpointOptions) {
    const { device } = options;
    this.#options = options;
    this.#digest = new DigestGuard({
      realm: 'dipper-simulator',
      credentials: () => device.credentials,
      qop: 'auth',
      nowMs: device.trueClock,
    });
    this.#tokens = new TokenGuard({ credentials: () => device.credentials, deviceNowMs: () => device.clock.nowMs() });
    this.#server = createServer((request, response) => {
      // A client that hangs up has nobody left to tell.
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#server.on('connection', (socket) => {
      if (device.isUnplugged) {
        socket.destroy();
        return;
      }
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    device.events.on('cut', ({ isUnplugged }) => {
      if (isUnplugged) for (const socket of this.#sockets) socket.destroy();
    });
  }

  /** @returns the port. @throws SimulatorError ADDRESS_IN_USE */
  listen(host: string, port: number): Promise<number> {
    return listen(this.#server, host, port, `ONVIF of ${this.#options.device.id}`);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const hangUp = new AbortController();
    response.on('close', () => hangUp.abort());
    const { delayMs, bytesPerSec } = this.#options.device.slowness;
    await delay(Math.max(delayMs, THINKING_TIME_MS), undefined, { signal: hangUp.signal, ref: false });
    const answer = await this.#answer(request, hangUp.signal);
    const { answerDelayMs } = this.#options.device;
    if (answerDelayMs > 0) await delay(answerDelayMs, undefined, { signal: hangUp.signal, ref: false });
    response.writeHead(answer.status, {
      'Content-Type': answer.contentType,
      'Content-Length': answer.body.length,
      ...(answer.challenge === undefined ? {} : { 'WWW-Authenticate': answer.challenge }),
    });
    if (bytesPerSec === undefined) response.end(answer.body);
    else await drip(response, answer.body, bytesPerSec, hangUp.signal);
  }

  async #answer(request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (path === SERVICE_PATHS.snapshot && this.#options.snapshot !== undefined) return this.#snapshot(request, signal);
    const service = this.#options.services.find(({ path: known }) =>
      known.endsWith('/') ? path.startsWith(known) : path === known,
    );
    if (service === undefined) return plain(404, 'There is no such service.');
    if (request.method !== 'POST') return plain(405, 'SOAP requests are posted.');
    const message = await readBody(request);
    if (message === undefined) return plain(413, 'The request is too large.');
    const soap = parseSoapRequest(message);
    if (soap === undefined) {
      return faultAnswer(new SoapFault({ subcodes: ['ter:WellFormed'], reason: 'The request is not a SOAP message' }));
    }
    return this.#perform(request, service, soap, path.slice(service.path.length), signal);
  }

  async #perform(
    request: IncomingMessage,
    service: OnvifService,
    soap: SoapRequest,
    resource: string,
    signal: AbortSignal,
  ): Promise<Answer> {
    const refusal = service.preAuth?.includes(soap.operation) === true ? undefined : this.#refusal(request, soap);
    if (refusal !== undefined) return refusal;
    try {
      if (!Object.hasOwn(service.operations, soap.operation)) throw actionNotSupported(soap.operation);
      const baseUrl = `http://${request.headers.host ?? `${request.socket.localAddress}:${request.socket.localPort}`}`;
      const body = await service.operations[soap.operation]?.(soap.body, { baseUrl, resource, signal });
      return xml(
        200,
        encodeEnvelope(body ?? '', { action: service.actions?.[soap.operation], relatesTo: soap.messageId }),
      );
    } catch (error) {
      if (error instanceof SoapFault) return faultAnswer(error);
      throw error;
    }
  }

  /** A wrong token gets a fault, no token at all a challenge (ONVIF Core, 5.9.1 and 5.9.2). */
  #refusal(request: IncomingMessage, soap: SoapRequest): Answer | undefined {
    const verdict = this.#tokens.verify(soap.header);
    if (verdict === 'ok') return undefined;
    if (verdict === 'refused') return faultAnswer(notAuthorized());
    return this.#digestRefusal(request);
  }

  #digestRefusal(request: IncomingMessage): Answer | undefined {
    const verdict = this.#digest.verify(
      request.headers.authorization,
      request.method ?? '',
      (uri) => uri === request.url || uri.endsWith(`${request.headers.host}${request.url}`),
    );
    if (verdict === 'ok') return undefined;
    return { ...xml(401, encodeEnvelope(notAuthorized().toXml())), challenge: this.#digest.challenge(verdict) };
  }

  async #snapshot(request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    const refusal = this.#digestRefusal(request);
    if (refusal !== undefined) return refusal;
    const body = await this.#options.snapshot?.(signal);
    return body === undefined ? plain(404, 'No picture.') : { status: 200, contentType: 'image/jpeg', body };
  }
}

function plain(status: number, message: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: Buffer.from(message) };
}

function xml(status: number, envelope: string): Answer {
  return { status, contentType: 'application/soap+xml; charset=utf-8', body: Buffer.from(envelope) };
}

function faultAnswer(fault: SoapFault): Answer {
  return xml(fault.httpStatus, encodeEnvelope(fault.toXml()));
}

/** @returns undefined if there is more than a device would read */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_REQUEST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const DRIPS_PER_SEC = 5;

async function drip(response: ServerResponse, body: Buffer, bytesPerSec: number, signal: AbortSignal): Promise<void> {
  const dropBytes = Math.max(1, Math.round(bytesPerSec / DRIPS_PER_SEC));
  for (let at = 0; at < body.length; at += dropBytes) {
    response.write(body.subarray(at, at + dropBytes));
    await delay((dropBytes / bytesPerSec) * 1_000, undefined, { signal, ref: false });
  }
  response.end();
}
