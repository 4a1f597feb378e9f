import type { Role } from '@dipper/contract/api/session';
import { DipperError } from '@dipper/contract/errors';
import type { FastifyRequest, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import { runWithScope, type ScopeHolder } from '../scope/scope-context.ts';
import { hasRole, type Principal } from './principal.ts';

/**
 * Who may use a route or a WebSocket. `edge-ticket`: an edge agent with a one-time ticket, `edge-key`: one that proves that it
 * has its credential key; both are checked by the route itself.
 * A route of roles is for accounts whose scope is everywhere, unless all that it shows and changes is `located`: it then
 * goes through services that keep to the scope of whoever asks (see `scope/`).
 */
export type Access =
  | 'public'
  | 'signed-in'
  | 'edge-ticket'
  | 'edge-key'
  | { readonly roles: readonly [Role, ...Role[]]; readonly located?: boolean };

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /** Whether the route is for those as well who have to set up a second factor first. */
    beforeEnrolment?: boolean;
  }
  interface FastifyRequest {
    /** Travels with the request, so that services know the scope of whoever asks. */
    scopeHolder: ScopeHolder;
  }
  interface FastifyInstance {
    /** Every route of this hub with its declaration, in the order of registration. */
    routeTable: readonly DeclaredRoute[];
  }
}

export interface DeclaredRoute {
  readonly method: string;
  readonly url: string;
  readonly access: Access;
  readonly webSocket: boolean;
}

/** A route does not say who may use it: a mistake in the program, found before it listens. */
export class RouteUndeclaredError extends Error {
  readonly code = 'ROUTE_UNDECLARED';
  constructor(method: string, url: string) {
    super(`${method} ${url} does not declare who may use it: give it config.access`);
    this.name = 'RouteUndeclaredError';
  }
}

export interface AccessOptions {
  /** Who a request comes from; undefined where it carries no session that is alive. @throws DipperError CSRF_INVALID */
  readonly authenticate: (request: FastifyRequest) => Promise<Principal | undefined>;
}

/**
 * Refuses to let the hub start with a route that does not declare its access, and holds every request and every
 * WebSocket to what its route declares, before its body is read.
 */
export const access = fp<AccessOptions>(
  async (app, { authenticate }) => {
    const table: DeclaredRoute[] = [];
    app.decorate('routeTable', table);
    app.decorateRequest('principal', undefined);
    app.decorateRequest('scopeHolder');
    app.addHook('onRequest', (request, _reply, done) => {
      request.scopeHolder = { scope: undefined };
      runWithScope(request.scopeHolder, done);
    });
    // What reads a body goes on where its last bytes came in, which is nobody's request.
    app.addHook('preHandler', (request, _reply, done) => runWithScope(request.scopeHolder, done));
    app.addHook('onRoute', (route) => {
      table.push(...declarationsOf(route));
    });
    app.addHook('onRequest', async (request) => {
      // What leads nowhere is answered with 404 by the hub itself; there is nothing to guard.
      if (request.is404) return;
      const declared = request.routeOptions.config.access;
      if (declared === 'public' || declared === 'edge-ticket' || declared === 'edge-key') return;
      request.principal = await authenticate(request);
      if (request.principal === undefined) throw new DipperError('NOT_SIGNED_IN');
      // What leads to a second factor is for people: a program with a token gets nowhere without it.
      const isBefore = request.routeOptions.config.beforeEnrolment === true && request.principal.isToken !== true;
      if (request.principal.mustEnrol === true && !isBefore) {
        throw new DipperError('TOTP_ENROLMENT_REQUIRED');
      }
      request.scopeHolder.scope = request.principal.scope;
      if (declared === 'signed-in') return;
      if (declared === undefined || !hasRole(request.principal, declared.roles)) throw new DipperError('FORBIDDEN');
      if (declared.located !== true && request.principal.scope !== 'everywhere') throw new DipperError('FORBIDDEN');
    });
  },
  { name: 'access' },
);

function declarationsOf(route: RouteOptions): DeclaredRoute[] {
  const declared = route.config?.access;
  return [route.method].flat().map((method) => {
    if (declared === undefined) throw new RouteUndeclaredError(method, route.url);
    return { method, url: route.url, access: declared, webSocket: route.wsHandler !== undefined };
  });
}

/** The account of a request on a route that admits only people who signed in. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined) throw new DipperError('NOT_SIGNED_IN');
  return request.principal;
}

/** Names the access of a route for readers of the API document. */
export function describeAccess(declared: Access): string {
  if (typeof declared === 'object') {
    const where =
      declared.located === true
        ? 'What lies outside the account’s scope does not exist for it.'
        : 'Not for accounts with a scope.';
    return `Roles: ${declared.roles.join(', ')}. ${where}`;
  }
  if (declared === 'signed-in') return 'Anybody who has signed in.';
  if (declared === 'public') return 'Public.';
  return declared === 'edge-key'
    ? 'Edge agents, with a proof that they have their credential key.'
    : 'Edge agents, with the one-time ticket of a signed command.';
}
