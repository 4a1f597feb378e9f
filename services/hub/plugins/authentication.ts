import { createHmac, timingSafeEqual } from 'node:crypto';
import { DipperError } from '@dipper/contract/errors';
import cookie from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { SECURE_SESSION_COOKIE, SESSION_COOKIE } from './open-api.ts';
import type { OriginCheck } from './origin.ts';
import type { Principal } from './principal.ts';

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface SessionCookie {
  set(reply: FastifyReply, token: string, expiresAt: Date): void;
  clear(reply: FastifyReply): void;
  find(request: FastifyRequest): string | undefined;
}

/**
 * The page's session cookie: out of reach of scripts, never sent along from a foreign site (RFC 6265bis §5.3.7).
 *
 * @param secure people reach the hub over TLS
 */
export function createSessionCookie(secure: boolean): SessionCookie {
  const name = secure ? SECURE_SESSION_COOKIE : SESSION_COOKIE;
  const attributes = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const;
  return {
    set: (reply, token, expiresAt) => void reply.setCookie(name, token, { ...attributes, expires: expiresAt }),
    clear: (reply) => void reply.clearCookie(name, attributes),
    find: (request) => request.cookies[name],
  };
}

/** `Authorization: Bearer …` (RFC 6750 §2.1). */
export function bearerOf(request: FastifyRequest): string | undefined {
  return request.headers.authorization?.match(/^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i)?.[1];
}

/**
 * What the page sends in `X-CSRF-Token`. Derived from the session's token, so it dies with it and is stored nowhere; it
 * does not follow from the token's digest, which is what the database holds.
 */
export function csrfTokenOf(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('dipper csrf').digest('base64url');
}

export interface AuthenticatorOptions {
  readonly cookie: SessionCookie;
  readonly origin: OriginCheck;
  readonly findPrincipal: (token: string) => Promise<Principal | undefined>;
}

/**
 * Finds who makes a request. A browser sends its cookie along whatever page asks, so a cookie counts for a change only
 * together with the CSRF token, and for a WebSocket only from a page of ours; a bearer token is sent by nobody by accident.
 */
export function createAuthenticator({ cookie, origin, findPrincipal }: AuthenticatorOptions) {
  return async (request: FastifyRequest): Promise<Principal | undefined> => {
    const bearer = bearerOf(request);
    if (bearer !== undefined) return findPrincipal(bearer);
    const token = cookie.find(request);
    if (token === undefined) return undefined;
    if (request.ws && origin(request) !== 'ours') throw new DipperError('CSRF_INVALID');
    const principal = await findPrincipal(token);
    if (principal === undefined || SAFE_METHODS.has(request.method)) return principal;
    const sent = request.headers['x-csrf-token'];
    if (origin(request) === 'foreign' || typeof sent !== 'string' || !isSame(sent, csrfTokenOf(token))) {
      throw new DipperError('CSRF_INVALID');
    }
    return principal;
  };
}

/** The session token that a request carries, whichever way. */
export function sessionTokenOf(request: FastifyRequest, cookie: SessionCookie): string | undefined {
  return bearerOf(request) ?? cookie.find(request);
}

function isSame(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Reads cookies before anybody asks for them. */
export const cookies = fp(async (app) => void (await app.register(cookie)), { name: 'cookies' });
