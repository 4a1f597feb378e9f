import type { Problem } from '@dipper/contract/api/problem';
import { DipperError, ERROR_CODES, type ErrorCode, isDipperError } from '@dipper/contract/errors';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { isDatabaseUnavailable } from '../database/errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Code of the problem that is answered; undefined where none is. */
    problemCode: ErrorCode | undefined;
  }
}

const MAX_NAMED_PROBLEMS = 8;

/** How a client should pace itself after an answer that will be another one later. */
const RETRY_DATABASE_SEC = 5;

/**
 * The one place where whatever was thrown becomes an answer: RFC 9457 problem details with a stable code. What went
 * wrong inside stays in the log, under the request id that the answer names.
 */
export const problems = fp(
  async (app) => {
    app.decorateRequest('problemCode', undefined);
    app.setErrorHandler<FastifyError>((error, request, reply) => sendProblem(error, request, reply));
  },
  { name: 'problems' },
);

/** Answers with a problem. Also for errors that Fastify meets before there is a route, such as an undecodable URL. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.send(answerProblem(error, request, reply));
}

/** Turns the answer into a problem. @returns what its body is to be */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): string {
  const translated = translate(error);
  if (translated.status >= 500) {
    request.log.error({ err: error, code: translated.code }, 'request failed');
  } else {
    request.log.info({ code: translated.code, reason: translated.message }, 'request refused');
  }
  if (translated.status === 401) reply.header('www-authenticate', 'Bearer realm="dipper"');
  const retryAfterSec = retryAfterOf(translated);
  if (retryAfterSec !== undefined) reply.header('retry-after', retryAfterSec);
  request.problemCode = translated.code;
  reply.code(translated.status).type('application/problem+json').header('cache-control', 'no-store');
  return JSON.stringify(problemOf(translated, request.id));
}

/** RFC 9457 §3.1: `type` identifies the problem, `title` does not change from one occurrence to the next. */
function problemOf(error: DipperError, requestId: string): Problem {
  const named = problemsOf(error.detail);
  const title = ERROR_CODES[error.code].en;
  return {
    type: `urn:dipper:error:${error.code}`,
    title,
    status: error.status,
    code: error.code,
    requestId,
    ...(error.message === title || error.status >= 500 ? {} : { detail: error.message }),
    ...(named.length === 0 ? {} : { problems: named }),
  };
}

/** Turns whatever was thrown into one of our errors; an error that says too much becomes INTERNAL. */
export function translate(error: unknown): DipperError {
  if (isDipperError(error)) return error;
  if (isDatabaseUnavailable(error)) return new DipperError('DATABASE_UNAVAILABLE', { cause: error });
  if (!(error instanceof Error)) return new DipperError('INTERNAL', { cause: error });
  const { statusCode, validation } = error as Partial<FastifyError>;
  if (validation !== undefined) {
    const named = validation.slice(0, MAX_NAMED_PROBLEMS).map(({ instancePath, message }) => ({
      path: `/${(error as FastifyError).validationContext ?? 'body'}${instancePath}`,
      message: saidOf(message),
    }));
    const [first] = named;
    return new DipperError('REQUEST_INVALID', {
      ...(first === undefined ? {} : { message: `${first.path}: ${first.message}` }),
      detail: named,
    });
  }
  // SQLSTATE class 22: a value that no schema catches and PostgreSQL cannot take, such as the 30th of February.
  if (isUnstorable(error)) return new DipperError('REQUEST_INVALID', { cause: error });
  const code = codeOf(statusCode);
  return new DipperError(code, { cause: error, ...(code === 'REQUEST_INVALID' ? { message: error.message } : {}) });
}

/** TypeBox names what a strict object does not know by the schema that refuses it. */
function saidOf(message: string | undefined): string {
  return message === 'schema is false' ? 'is not known' : (message ?? 'is not valid');
}

function codeOf(statusCode: number | undefined): ErrorCode {
  if (statusCode === 413) return 'MESSAGE_TOO_LARGE';
  if (statusCode === 429) return 'TOO_MANY_ATTEMPTS';
  if (statusCode === 404) return 'NOT_FOUND';
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return 'REQUEST_INVALID';
  return 'INTERNAL';
}

function isUnstorable(error: object): boolean {
  return 'code' in error && typeof error.code === 'string' && /^22[0-9A-Z]{3}$/.test(error.code);
}

function problemsOf(detail: unknown): { path: string; message: string }[] {
  if (!Array.isArray(detail)) return [];
  return detail.flatMap((item: unknown) => {
    if (item === null || typeof item !== 'object' || !('path' in item) || !('message' in item)) return [];
    return [{ path: String(item.path), message: String(item.message) }];
  });
}

function retryAfterOf({ code, detail }: DipperError): number | undefined {
  if (code === 'DATABASE_UNAVAILABLE') return RETRY_DATABASE_SEC;
  if (detail === null || typeof detail !== 'object' || !('retryAfterSec' in detail)) return undefined;
  return typeof detail.retryAfterSec === 'number' ? detail.retryAfterSec : undefined;
}
