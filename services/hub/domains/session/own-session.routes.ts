import { OwnSession } from '@dipper/contract/api/session';
import { DipperError } from '@dipper/contract/errors';
import { Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import type { Principal } from '../../plugins/principal.ts';
import type { SessionService } from './session.service.ts';

const own = { access: 'signed-in', beforeEnrolment: true } as const;

/** What somebody sees and does about being signed in here and there. */
export const ownSessionRoutes: FastifyPluginAsyncTypebox<{
  readonly sessions: Pick<SessionService, 'listOwn' | 'revokeOwn'>;
}> = async (app, { sessions }) => {
  app.get(
    '/sessions/own',
    {
      config: own,
      schema: {
        summary: 'One’s own sessions that are alive, newest first',
        description: 'A token does not see them: FORBIDDEN.',
        tags: ['sessions'],
        querystring: listQuery({}),
        response: listResponse(OwnSession),
      },
    },
    async (request) => listed(await sessions.listOwn(request.query, personOf(request))),
  );
  app.delete(
    '/sessions/own/:id',
    {
      config: { ...own, audit: { action: 'session.revoke' } },
      schema: {
        summary: 'End a session of one’s own',
        description: 'Its WebSockets are closed with 4401. Not for a token: FORBIDDEN.',
        tags: ['sessions'],
        params: Type.Object({ id: Uuid }),
        response: { 204: Type.Null({ description: 'Ended' }) },
      },
    },
    async (request, reply) => {
      await sessions.revokeOwn(request.params.id, personOf(request));
      return reply.code(204).send(null);
    },
  );
};

/** @throws DipperError FORBIDDEN for a token: where its owner is signed in is no business of a program */
function personOf(request: FastifyRequest): Principal {
  const principal = principalOf(request);
  if (principal.isToken === true) throw new DipperError('FORBIDDEN');
  return principal;
}
