import { ApiTokenView, CreatedApiToken, NewApiToken } from '@dipper/contract/api/token';
import { Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import type { TokenService } from './token.service.ts';

const tags = ['tokens'];

export const tokenRoutes: FastifyPluginAsyncTypebox<{ readonly tokens: TokenService }> = async (app, { tokens }) => {
  app.get(
    '/tokens',
    {
      config: { access: 'signed-in' },
      schema: {
        summary: 'API tokens of one’s own, newest first',
        tags,
        querystring: listQuery({}),
        response: listResponse(ApiTokenView),
      },
    },
    async (request) => listed(await tokens.list(request.query, principalOf(request))),
  );
  app.post(
    '/tokens',
    {
      config: { access: 'signed-in', audit: { action: 'token.create' } },
      schema: {
        summary: 'Make a token for a program',
        description:
          'Goes into `Authorization: Bearer …`. The token is in this answer and never again. It may no more than its account may at the time of use; what is done with it counts as done by the account. A token cannot make tokens: FORBIDDEN.',
        tags,
        body: NewApiToken,
        response: { 201: CreatedApiToken },
      },
    },
    async (request, reply) => {
      const created = await tokens.create(request.body, principalOf(request));
      request.auditNote = { target: created.view.id, reason: `${created.view.name}: ${created.view.roles.join(', ')}` };
      return reply.code(201).header('cache-control', 'no-store').send(created);
    },
  );
  app.post(
    '/tokens/:id/confirmation',
    {
      config: { access: 'signed-in', audit: { action: 'token.confirm' } },
      schema: {
        summary: 'Say that a token of one’s own still counts',
        description:
          'After a restore from a backup tokens are not in force (`heldAt`): one may have been revoked since the backup was made. A token cannot do this: FORBIDDEN.',
        tags,
        params: Type.Object({ id: Uuid }),
        response: { 200: ApiTokenView },
      },
    },
    async (request) => tokens.confirm(request.params.id, principalOf(request)),
  );
  app.delete(
    '/tokens/:id',
    {
      config: { access: 'signed-in', audit: { action: 'token.revoke' } },
      schema: {
        summary: 'Revoke a token of one’s own',
        tags,
        params: Type.Object({ id: Uuid }),
        response: { 204: Type.Null({ description: 'Revoked' }) },
      },
    },
    async (request, reply) => {
      await tokens.revoke(request.params.id, principalOf(request));
      return reply.code(204).send(null);
    },
  );
};
