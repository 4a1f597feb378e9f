import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Compile } from 'typebox/compile';
import { listen } from '../listen.ts';
import { SceneName } from '../scene/scene-name.ts';
import { SimulatorError } from '../simulator-error.ts';
import { CONTROL_STATUS, ControlError } from './control-error.ts';
import type { Estate } from './estate.ts';

const MAX_BODY_BYTES = 65_536;

type Route = (parameters: readonly string[], body: unknown) => Promise<unknown> | unknown;

const sceneName = Compile(SceneName);

/**
 * The control API: what a person, a demo or a test does to the simulated estate. JSON over HTTP, loopback only.
 *
 * | request | effect |
 * |---|---|
 * | `GET /state` | devices, relays, contacts, faults, RTSP sessions per stream (`open`, `openedEver`), frame counters, loop length |
 * | `PUT /scene` `{"name"}` | what the cameras see: people, empty, still |
 * | `PUT /devices/{id}/faults/{fault}` options | sets a fault (device/fault.ts lists them); answers once it is in effect |
 * | `DELETE /devices/{id}/faults/{fault}` | ends it |
 * | `POST /devices/{id}/events/{event}` options | a camera tells that by its ONVIF events (onvif/camera-events.ts lists them) |
 * | `POST /devices/{id}/force` | a barrier's contact opens without its relay, a door without its lock |
 * | `POST /devices/{id}/close` | a barrier's arm comes down, a door's leaf is shut |
 * | `POST /devices/{id}/inputs/{input}` `{"active"}` | a loop, the fire input, a button, a leaf (control/gate-actions.ts lists them) |
 * | `POST /devices/{id}/vehicles` `{"from", "vehicles", "stepMs"}` | vehicles drive up to a barrier, and through once it is open |
 *
 * Success answers the state after it. Errors are `{"code", "message"}`; control-error.ts lists codes and statuses.
 */
export class ControlServer {
  readonly #server: Server;
  readonly #estate: Estate;

  constructor(estate: Estate) {
    this.#estate = estate;
    this.#server = createServer(async (request, response) => {
      const { status, body } = await this.#answer(request);
      response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
      response.end(`${JSON.stringify(body)}\n`);
    });
  }

  /** @returns the port. @throws SimulatorError ADDRESS_IN_USE */
  listen(host: string, port: number): Promise<number> {
    return listen(this.#server, host, port, 'control API');
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    try {
      const path = new URL(request.url ?? '/', 'http://control').pathname;
      await this.#find(request.method ?? 'GET', path)(await readJson(request));
      return { status: 200, body: this.#estate.state };
    } catch (error) {
      if (error instanceof ControlError) {
        return { status: CONTROL_STATUS[error.code], body: { code: error.code, message: error.message } };
      }
      const code = error instanceof SimulatorError ? error.code : 'INTERNAL';
      return { status: 500, body: { code, message: error instanceof Error ? error.message : String(error) } };
    }
  }

  #find(method: string, path: string): (body: unknown) => Promise<unknown> | unknown {
    const methods: string[] = [];
    for (const [allowed, pattern, route] of this.#routes) {
      const match = pattern.exec(path);
      if (match === null) continue;
      if (allowed === method) return (body) => route(match.slice(1).map(decodeURIComponent), body);
      methods.push(allowed);
    }
    if (methods.length > 0) throw new ControlError('METHOD_NOT_ALLOWED', `Use ${methods.join(' or ')}.`);
    throw new ControlError('NOT_FOUND', `There is nothing at ${path}.`);
  }

  readonly #routes: readonly (readonly [method: string, pattern: RegExp, route: Route])[] = [
    ['GET', /^\/state$/, () => undefined],
    ['PUT', /^\/scene$/, (_, body) => this.#estate.showScene(parseScene(body))],
    [
      'PUT',
      /^\/devices\/([^/]+)\/faults\/([^/]+)$/,
      ([id = '', fault = ''], body) => this.#estate.setFault(id, fault, body),
    ],
    ['DELETE', /^\/devices\/([^/]+)\/faults\/([^/]+)$/, ([id = '', fault = '']) => this.#estate.clearFault(id, fault)],
    [
      'POST',
      /^\/devices\/([^/]+)\/events\/([^/]+)$/,
      ([id = '', event = ''], body) => this.#estate.tell(id, event, body),
    ],
    [
      'POST',
      /^\/devices\/([^/]+)\/inputs\/([^/]+)$/,
      ([id = '', name = ''], body) => this.#estate.setInput(id, name, body),
    ],
    // They are on their way once this answers; whoever waits for them asks for the state.
    [
      'POST',
      /^\/devices\/([^/]+)\/vehicles$/,
      ([id = ''], body) => void this.#estate.drive(id, body).catch(() => undefined),
    ],
    ['POST', /^\/devices\/([^/]+)\/reader$/, ([id = ''], body) => this.#estate.present(id, body)],
    ['POST', /^\/devices\/([^/]+)\/force$/, ([id = '']) => this.#estate.force(id)],
    ['POST', /^\/devices\/([^/]+)\/close$/, ([id = '']) => this.#estate.closeBarrier(id)],
  ];
}

function parseScene(body: unknown): SceneName {
  const name = typeof body === 'object' && body !== null && 'name' in body ? body.name : undefined;
  if (!sceneName.Check(name)) throw new ControlError('SCENE_UNKNOWN', 'The scene is people, empty or still.');
  return name;
}

/** @returns undefined for an empty body */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new ControlError('BODY_NOT_JSON', 'The body is too large.');
    chunks.push(chunk);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new ControlError('BODY_NOT_JSON', 'The body is not JSON.');
  }
}
