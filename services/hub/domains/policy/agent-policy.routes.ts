import { AgentPolicyView } from '@dipper/contract/api/agent-policy';
import { Slug } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { ACCESS_READERS } from '../../plugins/roles.ts';
import type { AgentPolicyService } from './agent-policy.service.ts';

export const agentPolicyRoutes: FastifyPluginAsyncTypebox<{ readonly policies: AgentPolicyService }> = async (
  app,
  { policies },
) => {
  app.get(
    '/agent-policies',
    {
      config: { access: { roles: ACCESS_READERS, located: true } },
      schema: {
        summary: 'Which access policy each edge should have, which it has, and since when it is behind',
        tags: ['agents'],
        querystring: listQuery({ estate: Type.Optional(Slug) }),
        response: listResponse(AgentPolicyView),
      },
    },
    async ({ query }) => listed(await policies.list(query)),
  );
};
