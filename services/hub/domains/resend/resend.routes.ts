import { DeadLetterView, NewResend, ResendView } from '@dipper/contract/api/resend';
import { Code, Slug } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { ADMINS, RETENTION_READERS } from '../../plugins/roles.ts';
import type { DeadLetterService } from './dead-letter.service.ts';
import type { ResendService } from './resend.service.ts';

export interface ResendRoutesOptions {
  readonly resends: ResendService;
  readonly deadLetters: DeadLetterService;
  readonly signal: AbortSignal;
}

const Params = Type.Object({ id: Slug });

export const resendRoutes: FastifyPluginAsyncTypebox<ResendRoutesOptions> = async (app, options) => {
  const { resends, deadLetters, signal } = options;
  app.get(
    '/dead-letters',
    {
      config: { access: { roles: RETENTION_READERS } },
      schema: {
        summary: 'What the hub refused, newest first',
        description: 'What it hashes to and why, never what it said.',
        tags: ['agents'],
        querystring: listQuery({ agent: Type.Optional(Slug), reason: Type.Optional(Code) }),
        response: listResponse(DeadLetterView),
      },
    },
    async ({ query }) => listed(await deadLetters.list(query)),
  );
  app.get(
    '/agents/:id/resends',
    {
      config: { access: { roles: RETENTION_READERS } },
      schema: {
        summary: 'What an agent was asked to send again, and how far it has come',
        tags: ['agents'],
        params: Params,
        querystring: listQuery({}),
        response: listResponse(ResendView),
      },
    },
    async ({ params, query }) => listed(await resends.list(params.id, query)),
  );
  app.post(
    '/agents/:id/resends',
    {
      config: { access: { roles: ADMINS }, audit: { action: 'agent.resend' } },
      schema: {
        summary: 'Ask an agent to send events again that the hub has receipted',
        description:
          'Dead letters, once the hub knows better, or everything since a backup from which the hub was restored. The hub keeps no content of what it refuses; the edge keeps what was receipted for seven days. Answered when the edge has said what it will send; `arrived` of the list tells how far it has come.',
        tags: ['agents'],
        params: Params,
        body: NewResend,
        response: { 202: Type.Object({ items: Type.Array(ResendView) }, { additionalProperties: false }) },
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      const principal = principalOf(request);
      request.auditNote = { reason: body.reason };
      const items = await resends.request(params.id, body, principal.name, signal);
      return reply.code(202).send({ items });
    },
  );
};
