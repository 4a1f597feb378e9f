import { Session, SignIn } from '@dipper/contract/api/session';
import { DipperError } from '@dipper/contract/errors';
import { Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { csrfTokenOf, type SessionCookie, sessionTokenOf } from '../../plugins/authentication.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import type { OriginCheck } from '../../plugins/origin.ts';
import type { Principal } from '../../plugins/principal.ts';
import { ADMINS } from '../../plugins/roles.ts';
import { SessionView } from './session.schema.ts';
import type { RequestOrigin, SessionService } from './session.service.ts';

export interface SessionRoutesOptions {
  readonly sessions: SessionService;
  readonly cookie: SessionCookie;
  readonly origin: OriginCheck;
}

/** Argon2 takes 50 ms of a core and 19 MiB: nobody gets to ask for it without end, not even with the right password. */
const SIGN_INS_PER_ADDRESS = { max: 120, timeWindow: '1 minute' };

export const sessionRoutes: FastifyPluginAsyncTypebox<SessionRoutesOptions> = async (
  app,
  { sessions, cookie, origin },
) => {
  app.post(
    '/sessions',
    {
      config: {
        access: 'public',
        rateLimit: SIGN_INS_PER_ADDRESS,
        audit: { action: 'session.create', recordedBy: 'route' },
      },
      schema: {
        summary: 'Sign in',
        description: 'Sets the session cookie for the page and answers `token` for API clients.',
        tags: ['sessions'],
        body: SignIn,
        response: { 201: Session },
      },
    },
    async (request, reply) => {
      // Nobody may sign a browser in from a foreign page: what its user does next would be done under a foreign name.
      if (origin(request) === 'foreign') throw new DipperError('CSRF_INVALID');
      const { principal, token } = await sessions.create(request.body, originOf(request));
      cookie.set(reply, token, principal.expiresAt);
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .header('location', '/api/v1/sessions/current')
        .send({ ...sessionOf(principal, token), token });
    },
  );
  app.get(
    '/sessions/current',
    {
      config: { access: 'signed-in', beforeEnrolment: true },
      schema: { summary: 'Who is signed in', tags: ['sessions'], response: { 200: Session } },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return sessionOf(principalOf(request), sessionTokenOf(request, cookie) ?? '');
    },
  );
  app.delete(
    '/sessions/current',
    {
      config: { access: 'signed-in', beforeEnrolment: true, audit: { action: 'session.revoke' } },
      schema: { summary: 'Sign out', tags: ['sessions'], response: { 204: Type.Null({ description: 'Signed out' }) } },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      await sessions.revoke(principal.sessionId);
      request.auditNote = { target: principal.sessionId };
      cookie.clear(reply);
      return reply.code(204).send(null);
    },
  );
  app.delete(
    '/sessions',
    {
      config: { access: 'signed-in', beforeEnrolment: true, audit: { action: 'session.revoke-all' } },
      schema: {
        summary: 'Sign out everywhere',
        description: 'Ends every session of one’s own, this one as well; tokens stay.',
        tags: ['sessions'],
        response: { 204: Type.Null({ description: 'Signed out' }) },
      },
    },
    async (request, reply) => {
      const { accountId, name } = principalOf(request);
      await sessions.revokeAllOf(accountId);
      request.auditNote = { target: name };
      cookie.clear(reply);
      return reply.code(204).send(null);
    },
  );
  app.get(
    '/sessions',
    {
      config: { access: { roles: ADMINS }, audit: { action: 'session.list' } },
      schema: {
        summary: 'Sessions that are alive, newest first',
        tags: ['sessions'],
        querystring: listQuery({}),
        response: listResponse(SessionView),
      },
    },
    async ({ query }) => listed(await sessions.list(query)),
  );
  app.delete(
    '/sessions/:id',
    {
      config: { access: { roles: ADMINS }, audit: { action: 'session.revoke' } },
      schema: {
        summary: 'Revoke a session',
        description: 'Its WebSockets are closed with 4401: at once here, within seconds on other copies of the hub.',
        tags: ['sessions'],
        params: Type.Object({ id: Uuid }),
        response: { 204: Type.Null({ description: 'Revoked' }) },
      },
    },
    async (request, reply) => {
      await sessions.revoke(request.params.id);
      return reply.code(204).send(null);
    },
  );
};

function sessionOf(principal: Principal, token: string): Session {
  const { accountId, name, displayName, roles, sessionId, expiresAt } = principal;
  return {
    id: sessionId,
    account: { id: accountId, name, displayName, roles: [...roles] },
    expiresAt: expiresAt.toISOString(),
    csrfToken: csrfTokenOf(token),
  };
}

/** Where a request comes from, for the audit trail. */
export function originOf(request: FastifyRequest): RequestOrigin {
  return { address: request.ip, userAgent: request.headers['user-agent'], requestId: request.id };
}
