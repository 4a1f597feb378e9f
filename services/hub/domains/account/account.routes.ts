import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { ADMINS } from '../../plugins/roles.ts';
import type { AuditTrail } from '../audit/audit.service.ts';
import { AccountView, NewAccount } from './account.schema.ts';
import type { AccountService } from './account.service.ts';

export interface AccountRoutesOptions {
  readonly accounts: AccountService;
  readonly audit: AuditTrail;
}

export const accountRoutes: FastifyPluginAsyncTypebox<AccountRoutesOptions> = async (app, { accounts, audit }) => {
  const config = { access: { roles: ADMINS } };
  app.get(
    '/accounts',
    {
      config,
      schema: {
        summary: 'Accounts, newest first',
        tags: ['accounts'],
        querystring: listQuery({}),
        response: listResponse(AccountView),
      },
    },
    async ({ query }) => listed(await accounts.list(query)),
  );
  app.post(
    '/accounts',
    {
      config,
      schema: {
        summary: 'Create an account',
        description: 'A name that is taken is REQUEST_INVALID.',
        tags: ['accounts'],
        body: NewAccount,
        response: { 201: AccountView },
      },
    },
    async (request, reply) => {
      const account = await accounts.create(request.body);
      await audit.record({
        action: 'account.create',
        target: account.name,
        reason: account.roles.join(', '),
        outcome: 'granted',
        principal: principalOf(request),
        address: request.ip,
        requestId: request.id,
      });
      return reply.code(201).send(account);
    },
  );
};
