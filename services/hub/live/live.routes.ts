import { LiveForm, StreamName } from '@dipper/contract/commands';
import { DipperError } from '@dipper/contract/errors';
import { Slug } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import type { WebSocket } from 'ws';
import type { AuditTrail } from '../domains/audit/audit.service.ts';
import type { SessionSockets } from '../domains/session/session-sockets.ts';
import { principalOf } from '../plugins/access.ts';
import { translate } from '../plugins/problems.ts';
import { LIVE_VIEWERS } from '../plugins/roles.ts';
import { closeWithCode } from '../plugins/web-socket-closing.ts';
import { refusePlainRequest } from '../plugins/web-sockets.ts';
import type { DeviceService } from '../services.ts';
import type { LiveRelay, LiveSource } from './live-relay.ts';

export interface LiveRoutesOptions {
  readonly devices: Pick<DeviceService, 'find'>;
  readonly relay: LiveRelay;
  readonly audit: AuditTrail;
  readonly sockets: SessionSockets;
}

const Params = Type.Object({ id: Slug });
const Query = Type.Object(
  { stream: Type.Optional(StreamName), form: Type.Optional(LiveForm) },
  { additionalProperties: false },
);

export const liveRoutes: FastifyPluginAsyncTypebox<LiveRoutesOptions> = async (
  app,
  { devices, relay, audit, sockets },
) => {
  const findSource = async (device: string, { stream = 'main', form }: Static<typeof Query>): Promise<LiveSource> => {
    const found = await devices.find(device);
    if (found === undefined || found.kind !== 'camera') throw new DipperError('DEVICE_UNKNOWN');
    return { estate: found.estate, agent: found.agent, device, stream, form };
  };
  app.route({
    method: 'GET',
    url: '/devices/:id/live',
    config: { access: { roles: LIVE_VIEWERS, located: true }, audit: { action: 'live.view', recordedBy: 'route' } },
    schema: {
      summary: 'Live picture of a camera (WebSocket)',
      description:
        'The frames of the uplink contract, as the edge sends them: a text header, then binary frames of fragmented MP4. `stream` is `main` unless `sub` is asked for. With `form=any-browser` what is not H.264 comes as MPEG-1 in a transport stream, which JSMpeg plays: for a browser that cannot play what the header names. What goes wrong is the close code, 4000 + HTTP status, with the error code as its reason, e.g. 4503 `AGENT_OFFLINE`.',
      tags: ['devices'],
      params: Params,
      querystring: Query,
      response: { 101: Type.Null({ description: 'The WebSocket is open' }) },
    },
    handler: refusePlainRequest,
    wsHandler: async (socket, request) => {
      const principal = principalOf(request);
      sockets.attach(principal, socket);
      const { id } = request.params as { id: string };
      try {
        const source = await findSource(id, request.query as Static<typeof Query>);
        await audit.record({
          action: 'live.view',
          target: id,
          reason: null,
          outcome: 'granted',
          principal,
          address: request.ip,
          requestId: request.id,
        });
        if (socket.readyState === socket.OPEN) relay.watch(source, socket as WebSocket);
      } catch (error) {
        const { code } = translate(error);
        if (code === 'INTERNAL') request.log.error({ err: error }, 'live view failed');
        closeWithCode(socket, code);
      }
    },
  });
};
