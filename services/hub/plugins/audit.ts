import type { FastifyRequest, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import type { AuditAction, AuditTrail } from '../domains/audit/audit.service.ts';
import { answerProblem } from './problems.ts';

/**
 * What a request to a route leaves in the audit trail.
 *
 * - `action`: what was done, e.g. `alarm.shelve`. `target` says where its name is found: a path parameter (`params.id`),
 *   the body or the answer; the first path parameter when absent. `recordedBy: 'route'` where a row has to be written
 *   at another time than that of the answer.
 * - `none`: nothing, and why not.
 */
export type AuditDeclaration =
  | {
      readonly action: AuditAction;
      readonly target?: `${'params' | 'body' | 'answer'}.${string}`;
      readonly recordedBy?: 'route';
    }
  | { readonly none: string };

declare module 'fastify' {
  interface FastifyContextConfig {
    audit?: AuditDeclaration;
  }
  interface FastifyRequest {
    /** What a handler knows better than the declaration of its route. */
    auditNote: { readonly target?: string | null; readonly reason?: string | null } | undefined;
    /** The answer before it became text. */
    auditAnswer: unknown;
    isAudited: boolean;
    /** Where the request came from; a connection that is closed early cannot say so at the end. */
    auditAddress: string;
  }
  interface FastifyInstance {
    /** What each route of this hub leaves in the audit trail. */
    auditTable: readonly AuditedRoute[];
  }
}

export interface AuditedRoute {
  readonly method: string;
  readonly url: string;
  readonly audit: AuditDeclaration | undefined;
}

/** A route changes something and does not say what goes on record: a mistake in the program, found before it listens. */
export class RouteUnauditedError extends Error {
  readonly code = 'ROUTE_UNAUDITED';
  constructor(method: string, url: string) {
    super(`${method} ${url} does not declare what goes into the audit trail: give it config.audit`);
    this.name = 'RouteUnauditedError';
  }
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
const MAX_TARGET_CHARACTERS = 64;
const GRANTED = 'granted';

/**
 * Writes the audit trail: the row of a request is committed before its answer goes out. When it cannot be written, what
 * was asked for is not handed out. Requests of nobody in particular leave a row only where they were granted: whoever
 * has no account could fill the trail otherwise.
 */
export const audit = fp<{ readonly audit: AuditTrail }>(
  async (app, { audit: trail }) => {
    const table: AuditedRoute[] = [];
    app.decorate('auditTable', table);
    app.decorateRequest('auditNote', undefined);
    app.decorateRequest('auditAnswer', undefined);
    app.decorateRequest('isAudited', false);
    app.decorateRequest('auditAddress', '');
    app.addHook('onRequest', async (request) => {
      request.auditAddress = request.ip;
    });
    app.addHook('onRoute', (route) => {
      for (const method of [route.method].flat()) table.push(declarationOf(method, route));
    });
    app.addHook('preSerialization', async (request, _reply, payload) => {
      request.auditAnswer = payload;
      return payload;
    });
    app.addHook('onSend', async (request, reply, payload) => {
      const declared = request.routeOptions?.config.audit;
      if (request.isAudited || declared === undefined || 'none' in declared) return payload;
      if (declared.recordedBy === 'route') return payload;
      request.isAudited = true;
      const outcome = request.problemCode ?? (reply.statusCode < 400 ? GRANTED : `HTTP_${reply.statusCode}`);
      if (outcome !== GRANTED && request.principal === undefined) return payload;
      try {
        await trail.record({
          action: declared.action,
          target: targetOf(request, declared.target),
          reason: request.auditNote?.reason ?? null,
          outcome,
          principal: request.principal,
          address: request.auditAddress,
          requestId: request.id,
        });
        return payload;
      } catch (error) {
        discard(payload);
        reply.removeHeader('content-length');
        return answerProblem(error, request, reply);
      }
    });
  },
  { name: 'audit', dependencies: ['access', 'problems'] },
);

function declarationOf(method: string, route: RouteOptions): AuditedRoute {
  const declared = route.config?.audit;
  if (declared === undefined && !SAFE_METHODS.includes(method)) throw new RouteUnauditedError(method, route.url);
  return { method, url: route.url, audit: declared };
}

function targetOf(request: FastifyRequest, place: string | undefined): string | null {
  if (request.auditNote?.target !== undefined) return request.auditNote.target;
  const params = (request.params ?? {}) as Record<string, unknown>;
  const [from, name = ''] = place?.split('.') ?? [];
  const sources: Readonly<Record<string, unknown>> = {
    params,
    body: request.body,
    answer: request.problemCode === undefined ? request.auditAnswer : undefined,
  };
  const value =
    from === undefined ? Object.values(params)[0] : (sources[from] as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value.slice(0, MAX_TARGET_CHARACTERS) : null;
}

function discard(payload: unknown): void {
  if (
    payload !== null &&
    typeof payload === 'object' &&
    'destroy' in payload &&
    typeof payload.destroy === 'function'
  ) {
    payload.destroy();
  }
}
