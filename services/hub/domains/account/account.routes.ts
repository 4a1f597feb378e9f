import { AccountChange, AccountView, NewAccount } from '@dipper/contract/api/account';
import { Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { ADMINS } from '../../plugins/roles.ts';
import type { SessionService } from '../session/session.service.ts';
import type { SessionSockets } from '../session/session-sockets.ts';
import type { TokenService } from '../token/token.service.ts';
import type { AccountService } from './account.service.ts';

export interface AccountRoutesOptions {
  readonly accounts: AccountService;
  readonly sessions: Pick<SessionService, 'revokeAllOf'>;
  readonly tokens: Pick<TokenService, 'revokeAllOf'>;
  readonly sockets: Pick<SessionSockets, 'check'>;
}

export const accountRoutes: FastifyPluginAsyncTypebox<AccountRoutesOptions> = async (app, options) => {
  const { accounts, sessions, tokens, sockets } = options;
  const config = { access: { roles: ADMINS } };
  app.get(
    '/accounts',
    {
      config: { ...config, audit: { action: 'account.list' } },
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
      config: { ...config, audit: { action: 'account.create', target: 'body.name' } },
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
      request.auditNote = { target: account.name, reason: account.roles.join(', ') };
      return reply.code(201).send(account);
    },
  );
  app.patch(
    '/accounts/:id',
    {
      config: { ...config, audit: { action: 'account.update' } },
      schema: {
        summary: 'Disable or enable an account, reset its password, change its roles',
        description:
          'All but a new display name ends the sessions of the account and closes their WebSockets with 4401; its tokens stay, unless the password is new, and their WebSockets begin anew. The last administrator cannot be taken away: ACCOUNT_LAST_ADMIN.',
        tags: ['accounts'],
        params: Type.Object({ id: Uuid }),
        body: AccountChange,
        response: { 200: AccountView },
      },
    },
    async (request) => {
      const { id } = request.params;
      request.auditNote = { reason: wordsFor(request.body) };
      const account = await accounts.change(id, request.body);
      if (endsSessions(request.body)) await sessions.revokeAllOf(id);
      // Who may know the old password may have made tokens with it.
      if (request.body.password !== undefined) await tokens.revokeAllOf(id);
      await sockets.check();
      request.auditNote = { ...request.auditNote, target: account.name };
      return account;
    },
  );
};

function endsSessions({ displayName: _, ...change }: AccountChange): boolean {
  return Object.keys(change).length > 0;
}

/** What is changed, for the audit trail; of a password only that it was. */
function wordsFor({ active, displayName, password, roles, scope }: AccountChange): string {
  return [
    ...(active === undefined ? [] : [active ? 'enabled' : 'disabled']),
    ...(displayName === undefined ? [] : ['display name']),
    ...(password === undefined ? [] : ['password']),
    ...(scope === undefined
      ? []
      : [`scope: ${scope?.map(({ level, id }) => `${level} ${id}`).join(', ') ?? 'everywhere'}`]),
    ...(roles === undefined ? [] : [`roles: ${roles.join(', ')}`]),
  ].join('; ');
}
