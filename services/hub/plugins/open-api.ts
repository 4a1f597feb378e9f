import { Problem } from '@dipper/contract/api/problem';
import { ERROR_CODES, type ErrorCode } from '@dipper/contract/errors';
import swagger from '@fastify/swagger';
import type { FastifyContextConfig, FastifySchema, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import { Type } from 'typebox';
import { describeAccess } from './access.ts';
import { createsSomething } from './idempotency.ts';
import { completeOperation, type DocumentedOperation, problemExample, refusalsOf } from './open-api-document.ts';

/** Cookie of the page's session. */
export const SESSION_COOKIE = 'dipper_session';
/** RFC 6265bis §4.1.3.2: with this prefix a browser takes the cookie only over TLS, for this host, for every path. */
export const SECURE_SESSION_COOKIE = '__Host-dipper_session';

const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'The `token` that signing in answered with.' },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description: 'For the page. Every change also carries the session’s `csrfToken` in `X-CSRF-Token`.',
  },
  ticket: { type: 'http', scheme: 'bearer', description: 'One-time ticket of a signed command.' },
  policy: { type: 'http', scheme: 'dipper-policy', description: 'Proof that an edge has its credential key.' },
} as const;

const Document = Type.Object({ openapi: Type.String() }, { description: 'OpenAPI 3.1', additionalProperties: true });

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Codes with which the route refuses beside what every route of its kind may say. */
    errors?: readonly ErrorCode[];
  }
}

const IdempotencyHeader = Type.Object({
  'Idempotency-Key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: '^"[!-~]+"$',
      examples: ['"8e03978e-40d5-43e8-bc93-6894a57f9324"'],
      description:
        'draft-ietf-httpapi-idempotency-key-header: the first request with a key is carried out, its answer repeated for 24 hours.',
    }),
  ),
});

/** The API's own description: OpenAPI 3.1, made from the very schemas that requests are checked against. */
export const openApi = fp<{ readonly publicUrl: string | undefined }>(
  async (app, { publicUrl }) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Dipper hub',
          description:
            'Video and access control of a residential subdistrict. Errors are RFC 9457 problem details with a stable `code`.',
          version: '1',
          license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        },
        servers: [{ url: publicUrl ?? '/' }],
        components: { securitySchemes: SECURITY_SCHEMES, schemas: { Problem: structuredClone(Problem) } },
      },
      transform: ({ schema, url, route }) => {
        const declared = route.config?.access;
        // Hidden routes (the page itself) and the HEAD twins of GET routes tell a reader nothing.
        if (declared === undefined || schema?.hide === true || route.method === 'HEAD') {
          return { schema: { ...schema, hide: true }, url };
        }
        return { schema: described(schema ?? {}, declared, route), url };
      },
      transformObject: (document) => {
        if (!('openapiObject' in document)) return document.swaggerObject;
        for (const path of Object.values(document.openapiObject.paths ?? {})) {
          for (const operation of Object.values(path ?? {})) completeOperation(operation as DocumentedOperation);
        }
        return document.openapiObject;
      },
    });
    app.get(
      '/openapi.json',
      {
        config: { access: 'public' },
        schema: { summary: 'This document', tags: ['operation'], response: { 200: Document } },
      },
      async () => ({ ...app.swagger() }),
    );
  },
  { name: 'open-api', dependencies: ['access'] },
);

function described(
  schema: FastifySchema,
  declared: Parameters<typeof describeAccess>[0],
  route: Pick<RouteOptions, 'method' | 'url'> & { readonly config?: FastifyContextConfig },
): FastifySchema {
  const note = describeAccess(declared);
  const isForPeople = typeof declared === 'object' || declared === 'signed-in';
  const isIdempotent = isForPeople && createsSomething({ method: route.method, schema });
  return {
    ...schema,
    description: schema.description === undefined ? note : `${schema.description}\n\n${note}`,
    security: isForPeople ? [{ bearer: [] }, { cookie: [] }] : securityOf(declared),
    ...(typeof declared === 'object' ? { 'x-roles': declared.roles } : {}),
    ...(isIdempotent ? { headers: schema.headers ?? IdempotencyHeader } : {}),
    response: {
      ...refusalResponses(schema, declared, route, isIdempotent),
      // A file or a text, sent as it is.
      ...(answersOf(schema).some((status) => /^[12]/.test(status)) ? {} : { 200: ITSELF }),
      ...(schema.response as object | undefined),
      default: problemResponse('Problem', 'INTERNAL'),
    },
  };
}

function securityOf(declared: Parameters<typeof describeAccess>[0]): Record<string, string[]>[] {
  if (declared === 'edge-ticket') return [{ ticket: [] }];
  return declared === 'edge-key' ? [{ policy: [] }] : [];
}

/** For what is no JSON. */
const ITSELF = { description: 'The thing itself', content: { '*/*': { schema: Type.String({ format: 'binary' }) } } };

function answersOf({ response }: FastifySchema): string[] {
  return Object.keys((response as object | undefined) ?? {});
}

function refusalResponses(
  schema: FastifySchema,
  declared: Parameters<typeof describeAccess>[0],
  { method, url, config }: Parameters<typeof described>[2],
  isIdempotent: boolean,
): Record<string, unknown> {
  const isForPeople = typeof declared === 'object' || declared === 'signed-in';
  const refusals = refusalsOf({
    isForPeople,
    isIdempotent,
    isForSome: typeof declared === 'object',
    hasInput: [schema.params, schema.querystring, schema.body].some((part) => part !== undefined),
    hasParams: schema.params !== undefined,
    hasBody: schema.body !== undefined,
    isChange: ![method].flat().includes('GET'),
    isLimited: config?.rateLimit !== undefined,
    needsDatabase: url.startsWith('/api/'),
    own: config?.errors ?? [],
  });
  return Object.fromEntries(
    [...refusals].map(([status, codes]) => {
      const lines = codes.map((code) => `${code}: ${ERROR_CODES[code].en}`);
      return [status, problemResponse(lines.join('\n\n'), codes[0] ?? 'INTERNAL')];
    }),
  );
}

function problemResponse(description: string, code: ErrorCode): unknown {
  return { description, content: { 'application/problem+json': { schema: Problem, example: problemExample(code) } } };
}
