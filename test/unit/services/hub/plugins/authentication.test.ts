import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import {
  cookies,
  createAuthenticator,
  createSessionCookie,
  csrfTokenOf,
} from '../../../../../services/hub/plugins/authentication.ts';
import { createOriginCheck } from '../../../../../services/hub/plugins/origin.ts';
import type { Principal } from '../../../../../services/hub/plugins/principal.ts';
import { problems } from '../../../../../services/hub/plugins/problems.ts';

const TOKEN = 'a-token';
const CSRF = csrfTokenOf(TOKEN);
const somebody = { name: 'li' } as Principal;

async function app() {
  const server = Fastify();
  await server.register(problems);
  await server.register(cookies);
  const authenticate = createAuthenticator({
    cookie: createSessionCookie(false),
    origin: createOriginCheck('https://dipper.example.cn'),
    findPrincipal: async (token) => (token === TOKEN ? somebody : undefined),
  });
  server.all('/', async (request) => ({ name: (await authenticate(request))?.name ?? null }));
  return server;
}

const cookie = `dipper_session=${TOKEN}`;
const host = 'hub:8080';

describe('authentication', () => {
  it.each([
    ['nothing', 'GET', {}, null],
    ['a bearer token', 'POST', { authorization: `Bearer ${TOKEN}` }, 'li'],
    ['a wrong bearer token', 'POST', { authorization: 'Bearer other' }, null],
    ['a wrong bearer token beside a good cookie', 'GET', { authorization: 'Bearer other', cookie }, null],
    ['a cookie, reading', 'GET', { cookie }, 'li'],
    ['a wrong cookie', 'GET', { cookie: 'dipper_session=x' }, null],
    ['a cookie with its token, changing', 'POST', { cookie, 'x-csrf-token': CSRF }, 'li'],
    ['the same from our page', 'POST', { cookie, 'x-csrf-token': CSRF, origin: 'http://hub:8080' }, 'li'],
    ['the same behind a proxy', 'POST', { cookie, 'x-csrf-token': CSRF, origin: 'https://dipper.example.cn' }, 'li'],
  ] as const)('with %s', async (_name, method, headers, name) => {
    const answer = await (await app()).inject({ method, url: '/', headers: { host, ...headers } });
    expect(answer.json()).toEqual({ name });
  });

  it.each([
    ['no CSRF token', {}],
    ['a wrong one', { 'x-csrf-token': 'guess' }],
    ['the session token itself', { 'x-csrf-token': TOKEN }],
    ['a foreign page', { 'x-csrf-token': CSRF, origin: 'https://evil.example' }],
    ['a page without an origin', { 'x-csrf-token': CSRF, origin: 'null' }],
    ['another port of this host', { 'x-csrf-token': CSRF, origin: 'http://hub:9090' }],
  ])('refuses a change by cookie with %s', async (_name, headers) => {
    const request = { url: '/', headers: { host, cookie, ...headers } };
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      const answer = await (await app()).inject({ method, ...request });
      expect(answer.json()).toMatchObject({ code: 'CSRF_INVALID', status: 403 });
    }
  });
});
