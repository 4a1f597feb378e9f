import { DipperError } from '@dipper/contract/errors';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { bearerOf } from '../plugins/authentication.ts';
import { refusePlainRequest } from '../plugins/web-sockets.ts';
import type { UplinkAcceptor, UplinkTickets } from './uplink-tickets.ts';

export interface UplinkRoutesOptions {
  readonly tickets: UplinkTickets;
}

/** Where edges dial in. The ticket is spent before the socket opens: a wrong one is answered with 401, not with a socket. */
export const uplinkRoutes: FastifyPluginAsync<UplinkRoutesOptions> = async (app, { tickets }) => {
  const acceptors = new WeakMap<FastifyRequest, UplinkAcceptor>();
  app.route({
    method: 'GET',
    url: '/edge/v1/uplink',
    config: { access: 'edge-ticket' },
    schema: {
      summary: 'Uplink of an edge agent (WebSocket)',
      description: 'Carries one live stream or one picture, as the signed command asked for that came with the ticket.',
      tags: ['edge'],
      response: { 101: Type.Null({ description: 'The WebSocket is open' }) },
    },
    onRequest: async (request) => {
      if (!request.ws) return;
      const secret = bearerOf(request);
      const accept = secret === undefined ? undefined : tickets.redeem(secret);
      if (accept === undefined) throw new DipperError('NOT_SIGNED_IN', { message: 'The ticket is not valid.' });
      acceptors.set(request, accept);
    },
    handler: refusePlainRequest,
    wsHandler: (socket, request) => acceptors.get(request)?.(socket),
  });
};
