import { Problem } from '@dipper/contract/api/problem';
import swagger from '@fastify/swagger';
import type { FastifySchema } from 'fastify';
import fp from 'fastify-plugin';
import { Type } from 'typebox';
import { describeAccess } from './access.ts';

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
} as const;

const Document = Type.Object({ openapi: Type.String() }, { description: 'OpenAPI 3.1', additionalProperties: true });

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
        components: { securitySchemes: SECURITY_SCHEMES },
      },
      transform: ({ schema, url, route }) => {
        const declared = route.config?.access;
        // Hidden routes (the page itself) and the HEAD twins of GET routes tell a reader nothing.
        if (declared === undefined || schema?.hide === true || route.method === 'HEAD') {
          return { schema: { ...schema, hide: true }, url };
        }
        return { schema: described(schema ?? {}, declared), url };
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

function described(schema: FastifySchema, declared: Parameters<typeof describeAccess>[0]): FastifySchema {
  const note = describeAccess(declared);
  const isForPeople = typeof declared === 'object' || declared === 'signed-in';
  return {
    ...schema,
    description: schema.description === undefined ? note : `${schema.description}\n\n${note}`,
    security: isForPeople ? [{ bearer: [] }, { cookie: [] }] : declared === 'edge-ticket' ? [{ ticket: [] }] : [],
    ...(typeof declared === 'object' ? { 'x-roles': declared.roles } : {}),
    response: {
      ...(schema.response as object | undefined),
      default: { description: 'Problem', content: { 'application/problem+json': { schema: Problem } } },
    },
  };
}
