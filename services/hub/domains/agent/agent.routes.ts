import { AgentView } from '@dipper/contract/api/inventory';
import { Slug } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { RECORD_READERS } from '../../plugins/roles.ts';
import type { AgentService } from '../../services.ts';

export const agentRoutes: FastifyPluginAsyncTypebox<{ readonly agents: AgentService }> = async (app, { agents }) => {
  const config = { access: { roles: RECORD_READERS, located: true } };
  app.get(
    '/agents',
    {
      config,
      schema: {
        summary: 'Edge agents and how they are',
        tags: ['agents'],
        querystring: listQuery({ estate: Type.Optional(Slug) }),
        response: listResponse(AgentView),
      },
    },
    async ({ query }) => listed(await agents.list(query)),
  );
  app.get(
    '/agents/:id',
    {
      config,
      schema: {
        summary: 'One edge agent',
        tags: ['agents'],
        params: Type.Object({ id: Slug }),
        response: { 200: AgentView },
      },
    },
    async ({ params }) => agents.get(params.id),
  );
};
