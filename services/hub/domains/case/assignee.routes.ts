import { Assignee } from '@dipper/contract/api/case';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { CASE_DISPATCHERS, CASE_HANDLERS } from '../../plugins/roles.ts';
import type { AccountService } from '../account/account.service.ts';

export interface AssigneeRoutesOptions {
  readonly accounts: Pick<AccountService, 'listAssignees'>;
}

/** Who can be given a case, for those who give them out: they need names, not accounts. */
export const assigneeRoutes: FastifyPluginAsyncTypebox<AssigneeRoutesOptions> = async (app, { accounts }) => {
  app.get(
    '/assignees',
    {
      config: { access: { roles: CASE_DISPATCHERS } },
      schema: {
        summary: 'People who can be given a case, newest account first',
        description: 'Accounts that are not disabled and may accept a case.',
        tags: ['cases'],
        querystring: listQuery({}),
        response: listResponse(Assignee),
      },
    },
    async ({ query }) => listed(await accounts.listAssignees(CASE_HANDLERS, query)),
  );
};
