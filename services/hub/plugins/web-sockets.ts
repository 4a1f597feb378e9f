import { setTimeout as delay } from 'node:timers/promises';
import { DipperError } from '@dipper/contract/errors';
import fastifyWebSocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { WebSocket } from 'ws';
import { GOING_AWAY } from './web-socket-closing.ts';

/** A captured picture is the largest thing that comes in one frame. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;
const PING_EVERY_MS = 20_000;
/** What a peer gets to answer the closing handshake when the hub stops; then it is cut off. */
const CLOSE_PATIENCE_MS = 1_000;

/** WebSockets with a heartbeat: a peer that vanished without a word is cut off within two pings. */
export const webSockets = fp(
  async (app) => {
    await app.register(fastifyWebSocket, {
      options: { maxPayload: MAX_FRAME_BYTES },
      errorHandler: (error, socket, request) => {
        request.log.info({ err: error }, 'web socket failed');
        socket.terminate();
      },
      preClose: async function (this: FastifyInstance) {
        await closeAll(this.websocketServer.clients);
        this.websocketServer.close();
      },
    });
    const alive = new WeakSet<WebSocket>();
    app.websocketServer.on('connection', (socket) => {
      alive.add(socket);
      socket.on('pong', () => alive.add(socket));
    });
    const heartbeat = setInterval(() => {
      for (const socket of app.websocketServer.clients) {
        if (!alive.delete(socket)) socket.terminate();
        else socket.ping();
      }
    }, PING_EVERY_MS);
    app.addHook('onClose', async () => clearInterval(heartbeat));
  },
  { name: 'web-sockets' },
);

async function closeAll(clients: Set<WebSocket>): Promise<void> {
  for (const socket of clients) socket.close(GOING_AWAY, 'the hub stops');
  const end = Date.now() + CLOSE_PATIENCE_MS;
  while (clients.size > 0 && Date.now() < end) await delay(20);
  for (const socket of clients) socket.terminate();
}

/** Answers a plain GET on the address of a WebSocket. */
export async function refusePlainRequest(): Promise<never> {
  throw new DipperError('REQUEST_INVALID', { message: 'This address speaks WebSocket only.' });
}
