import { DipperError } from '@dipper/contract/errors';
import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import { type Access, access } from '../../../../../services/hub/plugins/access.ts';
import type { Principal } from '../../../../../services/hub/plugins/principal.ts';
import { problems } from '../../../../../services/hub/plugins/problems.ts';
import { refusePlainRequest, webSockets } from '../../../../../services/hub/plugins/web-sockets.ts';

const guard: Principal = {
  sessionId: 's',
  scope: 'everywhere',
  accountId: 'a',
  name: 'li',
  displayName: 'Li',
  roles: ['guard'],
  expiresAt: new Date(),
};

async function appFor(principal: Principal | undefined): Promise<FastifyInstance> {
  const app = Fastify();
  await app.register(problems);
  await app.register(webSockets);
  await app.register(access, { authenticate: async () => principal });
  return app;
}

describe('declared access', () => {
  it('refuses to start with a route that declares none', async () => {
    const app = await appFor(guard);
    await app
      .register(async (scope) => void scope.get('/forgotten', async () => 'x'))
      .then(
        () => expect.fail('the route was taken'),
        (error: unknown) =>
          expect(error).toMatchObject({ code: 'ROUTE_UNDECLARED', message: expect.stringContaining('GET /forgotten') }),
      );
  });

  it('refuses to start with a WebSocket that declares none', async () => {
    const app = await appFor(guard);
    expect(() =>
      app.route({ method: 'GET', url: '/socket', handler: refusePlainRequest, wsHandler: (socket) => socket.close() }),
    ).toThrow(expect.objectContaining({ code: 'ROUTE_UNDECLARED' }));
  });

  it.each<[Access, Principal | undefined, number]>([
    ['public', undefined, 200],
    ['signed-in', undefined, 401],
    ['signed-in', guard, 200],
    [{ roles: ['guard'] }, undefined, 401],
    [{ roles: ['guard', 'admin'] }, guard, 200],
    [{ roles: ['admin'] }, guard, 403],
  ])('%j answers %# with what was declared', async (declared, principal, status) => {
    const app = await appFor(principal);
    app.get('/', { config: { access: declared } }, async () => 'in');
    expect((await app.inject('/')).statusCode).toBe(status);
  });

  it('guards the HEAD twin of a GET route and refuses before the body is read', async () => {
    const app = await appFor(undefined);
    app.get('/', { config: { access: 'signed-in' } }, async () => 'in');
    app.post('/', { config: { access: 'signed-in' } }, async () => 'in');
    expect((await app.inject({ method: 'HEAD', url: '/' })).statusCode).toBe(401);
    const answer = await app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(answer.statusCode).toBe(401);
    expect(app.routeTable.map(({ method }) => method).sort()).toEqual(['GET', 'HEAD', 'POST']);
  });

  it('passes errors on as problems without their insides', async () => {
    const app = await appFor(undefined);
    app.get('/inside', { config: { access: 'public' } }, async () => {
      throw new Error('password of the database is hunter2');
    });
    app.get('/ours', { config: { access: 'public' } }, async () => {
      throw new DipperError('TOO_MANY_ATTEMPTS', { detail: { retryAfterSec: 7 } });
    });
    const inside = await app.inject('/inside');
    expect(inside.statusCode).toBe(500);
    expect(inside.body).not.toContain('hunter2');
    expect(inside.json()).toMatchObject({ code: 'INTERNAL', requestId: expect.any(String) });
    const ours = await app.inject('/ours');
    expect(ours.headers).toMatchObject({ 'retry-after': '7', 'content-type': expect.stringContaining('problem+json') });
  });
});
