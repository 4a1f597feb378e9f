import { FEED_HELLO_MS, FEED_KINDS, type FeedKind } from '@dipper/contract/api/feed';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { EVERYBODY } from '../../plugins/roles.ts';
import { refusePlainRequest } from '../../plugins/web-sockets.ts';
import type { HubServices } from '../../services.ts';
import type { AuditTrail } from '../audit/audit.service.ts';
import type { SessionSockets } from '../session/session-sockets.ts';
import { streamFeed } from './feed-stream.ts';

export interface FeedRoutesOptions {
  readonly services: HubServices;
  readonly sockets: SessionSockets;
  readonly audit: AuditTrail;
}

const KIND = `(?:${FEED_KINDS.join('|')})`;
const Query = Type.Object(
  {
    after: Type.Optional(Type.String({ maxLength: 256 })),
    /** Kinds of things, parted by commas; all when absent. A desk that shows no events need not be sent thousands. */
    kinds: Type.Optional(Type.String({ pattern: `^${KIND}(?:,${KIND})*$`, maxLength: 256 })),
  },
  { additionalProperties: false },
);

export const feedRoutes: FastifyPluginAsyncTypebox<FeedRoutesOptions> = async (app, { services, sockets, audit }) => {
  app.route({
    method: 'GET',
    url: '/feed',
    config: { access: { roles: EVERYBODY, located: true }, audit: { action: 'feed.read', recordedBy: 'route' } },
    schema: {
      summary: 'What changes, as it changes (WebSocket)',
      description:
        'JSON text messages: first `{kind:"hello", cursor}`, then one per change with the value as `GET` of its list shows it. The hello is repeated every five seconds at the latest: after longer silence the reader is blind. Resume with `?after=` the last cursor. A cursor that is too old closes with 4400 `CURSOR_INVALID`: load the lists again and start without one. So does a change of what the account may see, within seconds. A session or token that ends closes with 4401.',
      tags: ['feed'],
      querystring: Query,
      response: { 101: Type.Null({ description: 'The WebSocket is open' }) },
    },
    handler: refusePlainRequest,
    wsHandler: async (socket, request) => {
      const principal = principalOf(request);
      // Who may see other things than before has to read its lists again.
      sockets.attach(principal, socket, 'CURSOR_INVALID');
      const { after, kinds: wanted } = request.query as { after?: string; kinds?: string };
      const kinds = wanted?.split(',') as FeedKind[] | undefined;
      await audit.record({
        ...{ action: 'feed.read', target: null, reason: null, outcome: 'granted' },
        ...{ principal, address: request.ip, requestId: request.id },
      });
      if (socket.readyState !== socket.OPEN) return;
      await streamFeed({ services, principal, socket, after, kinds, helloEveryMs: FEED_HELLO_MS, logger: request.log });
    },
  });
};
