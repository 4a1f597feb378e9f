import { Readable } from 'node:stream';
import { DipperError } from '@dipper/contract/errors';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import type { IdempotencyService, StoredAnswer } from '../domains/idempotency/idempotency.service.ts';
import { type IdempotentAttempt, withinAttempt } from '../domains/idempotency/idempotent-attempt.ts';

/** draft-ietf-httpapi-idempotency-key-header-07 §2.1: a string of RFC 9651; the bare word that many send is taken too. */
const QUOTED = /^"([\x20\x21\x23-\x5b\x5d-\x7e]{1,255})"$/;
const BARE = /^[\x21\x23-\x7e]{1,255}$/;
/** Answers that tell of the moment, not of the request. */
const NOT_KEPT = [408, 425, 429];
/** No answer of a change comes near it. */
const MAX_KEPT_CHARACTERS = 256 * 1024;

declare module 'fastify' {
  interface FastifyRequest {
    idempotentAttempt: IdempotentAttempt | undefined;
  }
}

/** Whether a route creates something: only then does a key mean anything. */
export function createsSomething({ method, schema }: Pick<RouteOptions, 'method' | 'schema'>): boolean {
  const answers = schema?.response as Record<string, unknown> | undefined;
  return [method].flat().includes('POST') && answers !== undefined && '201' in answers;
}

/**
 * `Idempotency-Key` on every POST that creates (draft-ietf-httpapi-idempotency-key-header-07): the first request with a
 * key is carried out, its answer kept for a day and repeated to whoever of the same account asks again.
 */
export const idempotency = fp<{ readonly keys: IdempotencyService }>(
  async (app, { keys }) => {
    app.decorateRequest('idempotentAttempt', undefined);
    app.addHook('onRoute', (route) => {
      if (!createsSomething(route)) return;
      const claim = (request: FastifyRequest, reply: FastifyReply) => claimKey(keys, request, reply);
      // The work goes on inside the callback, so that it belongs to the attempt.
      const enter = (request: FastifyRequest, _reply: FastifyReply, done: () => void): void => {
        if (request.idempotentAttempt === undefined) done();
        else withinAttempt(request.idempotentAttempt, done);
      };
      route.preHandler = [claim, enter, ...[route.preHandler ?? []].flat()] as NonNullable<RouteOptions['preHandler']>;
      const keep = (request: FastifyRequest, reply: FastifyReply, payload: unknown) =>
        keepAnswer(keys, request, reply, payload);
      route.onSend = [...[route.onSend ?? []].flat(), keep] as NonNullable<RouteOptions['onSend']>;
    });
  },
  { name: 'idempotency', dependencies: ['access'] },
);

async function claimKey(keys: IdempotencyService, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const key = keyOf(request);
  // Without an account there is nobody whose keys they could be.
  if (key === undefined || request.principal === undefined) return undefined;
  const claimed = await keys.claim({
    account: request.principal.accountId,
    route: `${request.method} ${request.routeOptions.url}`,
    key,
    // What comes as a stream has not come yet: its address stands for it.
    content: `${request.url}\n${contentOf(request)}`,
  });
  if ('attempt' in claimed) {
    request.idempotentAttempt = claimed.attempt;
    return undefined;
  }
  const { status, location, body } = claimed.answer;
  if (location !== null) reply.header('location', location);
  return reply
    .code(status)
    .header('idempotency-replayed', 'true')
    .header('cache-control', 'no-store')
    .type(status < 400 ? 'application/json; charset=utf-8' : 'application/problem+json')
    .send(body);
}

async function keepAnswer(
  keys: IdempotencyService,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  const attempt = request.idempotentAttempt;
  if (attempt === undefined) return payload;
  request.idempotentAttempt = undefined;
  const answer = answerOf(reply, payload);
  try {
    await (answer === undefined ? keys.release(attempt) : keys.keep(attempt, answer));
  } catch (error) {
    // The answer itself is right; whoever asks again is told that it was lost, or asks the first time once more.
    request.log.warn({ err: error }, 'the answer could not be kept for its idempotency key');
  }
  return payload;
}

function answerOf(reply: FastifyReply, payload: unknown): StoredAnswer | undefined {
  const { statusCode: status } = reply;
  if (status >= 500 || NOT_KEPT.includes(status)) return undefined;
  if (typeof payload !== 'string' || payload.length > MAX_KEPT_CHARACTERS) return undefined;
  const location = reply.getHeader('location');
  return { status, location: typeof location === 'string' ? location : null, body: payload };
}

/** @throws DipperError REQUEST_INVALID */
function keyOf(request: FastifyRequest): string | undefined {
  const sent = request.headers['idempotency-key'];
  if (sent === undefined) return undefined;
  const key = typeof sent === 'string' ? (QUOTED.exec(sent.trim())?.[1] ?? BARE.exec(sent.trim())?.[0]) : undefined;
  if (key !== undefined) return key;
  throw new DipperError('REQUEST_INVALID', {
    message: '/headers/idempotency-key: is not a string of 1 to 255 characters',
  });
}

/** A picture is read by its route as it comes, after the key was taken: it is known by its kind and its length. */
function contentOf({ body, headers }: FastifyRequest): string {
  if (body instanceof Readable) return `${headers['content-type']} ${headers['content-length']}`;
  return canonical(body);
}

/** JSON whose members are in order: the same content has the same fingerprint. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
