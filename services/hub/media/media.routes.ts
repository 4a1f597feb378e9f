import { MediaViewRequest } from '@dipper/contract/api/media';
import { Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { principalOf } from '../plugins/access.ts';
import { translate } from '../plugins/problems.ts';
import { FACE_VIEWERS } from '../plugins/roles.ts';
import type { Look, MediaViews } from './media-view.service.ts';

export interface MediaRoutesOptions {
  readonly views: MediaViews;
  /** Aborted when the hub stops. */
  readonly signal: AbortSignal;
}

const Params = Type.Object({ ref: Uuid });

export const mediaRoutes: FastifyPluginAsyncTypebox<MediaRoutesOptions> = async (app, { views, signal }) => {
  app.post(
    '/media/:ref/views',
    {
      config: { access: { roles: FACE_VIEWERS, located: true }, audit: { action: 'media.view', recordedBy: 'route' } },
      schema: {
        summary: 'Look at a captured picture',
        description:
          'The picture comes straight from the edge that holds it and is kept nowhere on its way. Every look is in the audit trail with its reason, granted or refused.',
        tags: ['media'],
        params: Params,
        body: MediaViewRequest,
        response: { 200: { description: 'The picture', content: { 'image/jpeg': { schema: Type.Unknown() } } } },
      },
      errorHandler: async (error, request) => {
        await views.refused(lookOf(request), translate(error).code);
        throw error;
      },
    },
    async (request, reply) => {
      const look = { ...lookOf(request), reason: request.body.reason, principal: principalOf(request) };
      const picture = await views.view(look, AbortSignal.any([signal, goneSignal(reply)]));
      return reply
        .type(picture.mime)
        .header('content-length', picture.bytes)
        .header('cache-control', 'no-store')
        .header('content-disposition', 'inline')
        .send(picture.body);
    },
  );
};

/** Aborted when the asker went away before the answer was sent. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

/** What is known of a look, also of one that was refused before its body was read. */
function lookOf(request: FastifyRequest): Omit<Look, 'principal' | 'reason'> & Partial<Look> {
  const { ref } = request.params as { ref?: string };
  const { reason } = (request.body ?? {}) as { reason?: unknown };
  return {
    ref: String(ref).slice(0, 64),
    address: request.ip,
    requestId: request.id,
    ...(typeof reason === 'string' ? { reason: reason.slice(0, 512) } : {}),
    ...(request.principal === undefined ? {} : { principal: request.principal }),
  };
}
