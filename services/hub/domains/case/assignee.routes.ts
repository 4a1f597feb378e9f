import { Assignee } from '@dipper/contract/api/case';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { CASE_DISPATCHERS, CASE_HANDLERS, CASE_LEADERS } from '../../plugins/roles.ts';
import type { AccountService } from '../account/account.service.ts';

export interface AssigneeRoutesOptions {
  readonly accounts: Pick<AccountService, 'listAssignees'>;
}

/** Who can be given a case, for those who give them out: they need names, not accounts. */
export const assigneeRoutes: FastifyPluginAsyncTypebox<AssigneeRoutesOptions> = async (app, { accounts }) => {
  app.get(
    '/assignees',
    {
      config: { access: { roles: CASE_DISPATCHERS, located: true }, audit: { action: 'account.list' } },
      schema: {
        summary: 'People who can be given a case, newest account first',
        description:
          'Accounts that are not disabled and may accept a case; with `for=entrust`, those that may own one as a leader. Who has a scope is told of those who work in the same communities, and of those who work everywhere.',
        tags: ['cases'],
        querystring: listQuery({ for: Type.Optional(Type.Enum(['handle', 'entrust'])) }),
        response: listResponse(Assignee),
      },
    },
    async (request) => {
      const { for: purpose, ...page } = request.query;
      const roles = purpose === 'entrust' ? CASE_LEADERS : CASE_HANDLERS;
      return listed(await accounts.listAssignees(roles, principalOf(request).scope, page));
    },
  );
};
