import { randomUUID } from 'node:crypto';
import { ROLES, type Role, type Session } from '@dipper/contract/api/session';
import type { RunningHub } from '@dipper/hub/hub';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type ApiClient, createApiClient, signIn } from '../support/api-client.ts';
import { EXPECTED_ACCESS } from '../support/expected-access.ts';
import { closeOf, openFeedSocket } from '../support/feed-socket.ts';
import {
  ADMIN_PASSWORD,
  type HubGround,
  STAFF_PASSWORD,
  signInAs,
  startHubGround,
  startHubHere,
} from '../support/running-hub.ts';

let ground: HubGround;
let firstStart: { readonly password: string | undefined; readonly token: string };
let hub: RunningHub;
let admin: ApiClient;
let clients: ReadonlyMap<Role, ApiClient>;

beforeAll(async () => {
  ground = await startHubGround();
  const unprepared = await startHubHere(ground, { HUB_ADMIN_PASSWORD: '' });
  const client = await signIn(unprepared.url, 'admin', unprepared.firstPassword ?? '');
  firstStart = { password: unprepared.firstPassword, token: client.token };
  await unprepared.stop();
  hub = await startHubHere(ground);
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
  const signedIn: [Role, ApiClient][] = [];
  for (const role of ROLES) signedIn.push([role, await signInAs(hub.url, admin, role)]);
  clients = new Map(signedIn);
});

afterAll(async () => {
  await hub?.stop();
  await ground?.stop();
});

const clientOf = (role: Role): ApiClient => clients.get(role) ?? admin;
/** Whoever signs out, or out everywhere, does so for nobody else. */
async function clientFor(route: string, role: Role): Promise<ApiClient> {
  if (route.endsWith('/api/v1/sessions/current')) return signInAs(hub.url, admin, role);
  if (route !== 'DELETE /api/v1/sessions') return clientOf(role);
  const name = `leaver-${role}`;
  await admin.send('POST', '/api/v1/accounts', { name, displayName: name, password: STAFF_PASSWORD, roles: [role] });
  return signIn(hub.url, name, STAFF_PASSWORD);
}
const pathFor = (route: string): string => route.replace(/:(id|ref)/, randomUUID()).replace('*', 'somewhere');

/** The status of the answer to an attempt to open a WebSocket; 101 when it opens. */
function upgrade(path: string, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(`${hub.url.replace('http', 'ws')}${path}`, { headers });
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.once('unexpected-response', (request, answer) => {
      resolve(answer.statusCode ?? 0);
      request.destroy();
    });
    socket.once('error', reject);
  });
}

describe('who may use what', () => {
  it('is declared for every route of the running hub, and expected here', () => {
    const declared = hub.app.routeTable.filter(({ method }) => method !== 'HEAD');
    expect(declared.map(({ method, url }) => `${method} ${url}`).sort()).toEqual(Object.keys(EXPECTED_ACCESS).sort());
  });

  it.each(Object.entries(EXPECTED_ACCESS))('%s', async (route, expected) => {
    const [method = '', url = ''] = route.split(' ');
    const verdictOf = async (answer: Response): Promise<string> =>
      [401, 403].includes(answer.status) ? ((await answer.json()) as { code: string }).code : 'let in';
    const stranger = await verdictOf(await fetch(`${hub.url}${pathFor(url)}`, { method }));
    const refusal = expected === 'edge-key' ? 'POLICY_KEY_WRONG' : 'NOT_SIGNED_IN';
    expect(stranger, 'without a session').toBe(expected === 'public' || expected === 'edge' ? 'let in' : refusal);
    for (const role of ROLES) {
      const client = await clientFor(route, role);
      const verdict = await verdictOf(await client.send(method, pathFor(url)));
      if (expected === 'edge-key') expect(verdict, role).toBe(refusal);
      else expect(verdict, role).toBe(typeof expected === 'string' || expected.includes(role) ? 'let in' : 'FORBIDDEN');
    }
  });

  it('holds for WebSockets before they open', async () => {
    for (const { url } of hub.app.routeTable.filter(({ webSocket, method }) => webSocket && method === 'GET')) {
      const expected = EXPECTED_ACCESS[`GET ${url}`] ?? [];
      const path = url.endsWith('/playback') ? `${pathFor(url)}?at=2026-01-01T00:00:00.000Z` : pathFor(url);
      expect(await upgrade(path, {}), `${url} without a session`).toBe(401);
      for (const role of ROLES) {
        const status = await upgrade(path, { authorization: `Bearer ${clientOf(role).token}` });
        expect(status, `${url} as ${role}`).toBe(expected === 'edge' ? 401 : expected.includes(role) ? 101 : 403);
      }
    }
  });
});

describe('the first account', () => {
  it('gets a password that is made up and told once, until one is set', async () => {
    expect(firstStart.password).toMatch(/^\w{16}$/);
    expect(hub.firstPassword).toBeUndefined();
    await expect(signIn(hub.url, 'admin', firstStart.password ?? '')).rejects.toThrow('401');
    expect((await createApiClient(hub.url, firstStart.token).send('GET', '/api/v1/alarms')).status).toBe(401);
    const again = await startHubHere(ground, { HUB_ADMIN_PASSWORD: '' });
    expect(again.firstPassword).toBeUndefined();
    await signIn(again.url, 'admin', ADMIN_PASSWORD);
    await again.stop();
  });
});

describe('signing in', () => {
  const attempt = (name: string, password: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${hub.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ name, password }),
    });

  it('answers a token for programs and an httpOnly cookie for the page, which tells nothing else', async () => {
    const answer = await attempt('Guard', STAFF_PASSWORD);
    expect(answer.status).toBe(201);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^dipper_session=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/);
    const session = (await answer.json()) as Session;
    expect(session).toMatchObject({ account: { name: 'guard', roles: ['guard'] }, token: expect.any(String) });
    const current = await createApiClient(hub.url, session.token ?? '').get<Session>('/api/v1/sessions/current');
    expect(current).toEqual({ ...session, token: undefined });
  });

  it('says the same about a wrong password and a name that does not exist, and takes as long', async () => {
    // Processor time: the hub runs in this process, Argon2 in its threads, and what else the machine does is not in it.
    const measured = async (name: string): Promise<{ body: unknown; cpuMs: number }> => {
      const before = process.cpuUsage();
      const answer = await attempt(name, 'wrong');
      const { requestId: _, ...body } = (await answer.json()) as { requestId: string };
      const { user, system } = process.cpuUsage(before);
      return { body, cpuMs: (user + system) / 1000 };
    };
    const known = [await measured('dispatcher'), await measured('dispatcher'), await measured('dispatcher')];
    const unknown = [await measured('nobody'), await measured('nobody'), await measured('nobody')];
    expect(new Set([...known, ...unknown].map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(known[0]?.body).toMatchObject({ status: 401, code: 'CREDENTIALS_WRONG' });
    const least = (measures: readonly { cpuMs: number }[]): number => Math.min(...measures.map(({ cpuMs }) => cpuMs));
    // Without an Argon2 check a refusal takes 3 ms, with one 20 ms and more.
    expect(least(unknown)).toBeGreaterThan(least(known) / 2);
  });

  it('is throttled, for names that exist and names that do not', async () => {
    for (const name of ['supervisor', 'made-up']) {
      const statuses: number[] = [];
      for (let i = 0; i < 11; i += 1) statuses.push((await attempt(name, 'wrong')).status);
      expect(statuses).toEqual([...Array(10).fill(401), 429]);
    }
    const right = await attempt('supervisor', STAFF_PASSWORD);
    expect([right.status, await right.json()]).toEqual([429, expect.objectContaining({ code: 'TOO_MANY_ATTEMPTS' })]);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(200);
  });

  it('is refused from a foreign page', async () => {
    expect((await attempt('guard', STAFF_PASSWORD, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await attempt('guard', STAFF_PASSWORD, { origin: hub.url })).status).toBe(201);
  });

  it('leaves nothing in the database that signs in', async () => {
    const token = (await signIn(hub.url, 'guard', STAFF_PASSWORD)).token;
    const stored = JSON.stringify(await ground.rows('select * from dipper.session, dipper.account'));
    for (const secret of [token, STAFF_PASSWORD, ADMIN_PASSWORD]) {
      expect(stored).not.toContain(secret);
      expect(stored).not.toContain(Buffer.from(secret).toString('hex'));
    }
    expect(stored).toContain('$argon2id$');
  });
});

describe('a session in a cookie', () => {
  async function cookieSession(): Promise<{ cookie: string; session: Session }> {
    const answer = await fetch(`${hub.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'guard', password: STAFF_PASSWORD }),
    });
    const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    return { cookie, session: (await answer.json()) as Session };
  }

  it('changes something only together with its CSRF token and from our own page', async () => {
    const { cookie, session } = await cookieSession();
    const path = `${hub.url}/api/v1/alarms/${randomUUID()}/acknowledgements`;
    const change = async (headers: Record<string, string>): Promise<string> => {
      const answer = await fetch(path, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json', ...headers },
        body: '{}',
      });
      return ((await answer.json()) as { code: string }).code;
    };
    expect(await change({})).toBe('CSRF_INVALID');
    expect(await change({ 'x-csrf-token': 'guess' })).toBe('CSRF_INVALID');
    expect(await change({ 'x-csrf-token': session.csrfToken, origin: 'https://evil.example' })).toBe('CSRF_INVALID');
    expect(await change({ 'x-csrf-token': session.csrfToken, origin: hub.url })).toBe('NOT_FOUND');
  });

  it('opens a WebSocket only from our own page', async () => {
    const { cookie } = await cookieSession();
    expect(await upgrade('/api/v1/feed', { cookie })).toBe(403);
    expect(await upgrade('/api/v1/feed', { cookie, origin: 'https://evil.example' })).toBe(403);
    expect(await upgrade('/api/v1/feed', { cookie, origin: hub.url })).toBe(101);
  });

  it('ends with signing out', async () => {
    const { cookie, session } = await cookieSession();
    const headers = { cookie, 'x-csrf-token': session.csrfToken };
    const answer = await fetch(`${hub.url}/api/v1/sessions/current`, { method: 'DELETE', headers });
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([204, expect.stringMatching(/dipper_session=;/)]);
    expect((await fetch(`${hub.url}/api/v1/sessions/current`, { headers })).status).toBe(401);
  });
});

describe('revoking a session', () => {
  it('closes its sockets at once, here and within seconds on another copy of the hub, and no others', async () => {
    const other = await startHubHere(ground);
    try {
      const client = await signIn(hub.url, 'guard', STAFF_PASSWORD);
      const { id } = await client.get<Session>('/api/v1/sessions/current');
      const [here, there, bystander] = await Promise.all([
        openFeedSocket(hub.url, client.token),
        openFeedSocket(other.url, client.token),
        openFeedSocket(hub.url, clientOf('guard').token),
      ]);
      const start = performance.now();
      const closed = [closeOf(here), closeOf(there)];
      expect((await admin.send('DELETE', `/api/v1/sessions/${id}`)).status).toBe(204);
      expect(await closed[0]).toEqual([4401, 'NOT_SIGNED_IN']);
      expect(performance.now() - start).toBeLessThan(1_000);
      expect(await closed[1]).toEqual([4401, 'NOT_SIGNED_IN']);
      expect(performance.now() - start).toBeLessThan(5_000);
      expect(bystander.readyState).toBe(WebSocket.OPEN);
      bystander.terminate();
      expect((await client.send('GET', '/api/v1/alarms')).status).toBe(401);
    } finally {
      await other.stop();
    }
  });
});

describe('the API', () => {
  it('describes itself in valid OpenAPI 3.1, and has every path that it describes', async () => {
    const document = (await (await fetch(`${hub.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { 'x-roles'?: Role[] }>>;
    };
    const result = await new Validator().validate(structuredClone(document));
    expect(result.errors).toBeUndefined();
    expect(document.openapi).toBe('3.1.0');
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => {
        const route = `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`;
        const expected = EXPECTED_ACCESS[route];
        if (Array.isArray(expected)) expect(new Set(operation['x-roles']), route).toEqual(new Set(expected));
        return route;
      }),
    );
    expect(described.sort()).toEqual(
      Object.keys(EXPECTED_ACCESS)
        .filter((route) => route !== 'GET /*')
        .sort(),
    );
    for (const route of described) {
      const [method = '', url = ''] = route.split(' ');
      const answer = await fetch(`${hub.url}${pathFor(url)}`, { method });
      expect([200, 400, 401], route).toContain(answer.status);
    }
  });

  it('answers bad input with 4xx and a stable code, whatever it is', async () => {
    const lists = [
      'events',
      'alarms',
      'incidents',
      'cases',
      'devices',
      'agents',
      'places',
      'audit',
      'accounts',
      'assignees',
      'sessions',
    ];
    const odd = [
      '%00',
      'x',
      '-1',
      '99999999999999999999',
      "'; drop table account; --",
      '%F0%9F%92%A9',
      'bnVsbA',
      'W10',
      'eyJ9',
    ];
    const cursors = odd.map((value) => `cursor=${value}`);
    const bad = [
      ...cursors,
      'limit=0',
      'limit=201',
      'limit=1e9',
      'limit=abc',
      'limit=',
      'unknown=1',
      'cursor=a&cursor=b',
    ];
    for (const list of lists) {
      for (const query of bad) {
        const answer = await admin.send('GET', `/api/v1/${list}?${query}`);
        expect(answer.status, `${list}?${query}`).toBe(400);
        const { code } = (await answer.json()) as { code?: string };
        expect(['REQUEST_INVALID', 'CURSOR_INVALID'], `${list}?${query}`).toContain(code);
      }
    }
    for (const instant of ['2026-13-01T00:00:00.000Z', 'yesterday', '2026-13-01T00:00:00.000Z']) {
      const answer = await admin.send('GET', `/api/v1/events?from=${instant}`);
      expect([instant, answer.status]).toEqual([instant, 400]);
    }
    const paths = [
      'alarms/%00',
      'alarms/x',
      'cases/%2e%2e',
      `cases/${'a'.repeat(500)}`,
      'devices/%E4%B8%AD',
      'events/%zz',
      'places/A',
    ];
    for (const path of paths) {
      const answer = await admin.send('GET', `/api/v1/${path}`);
      expect([400, 404], path).toContain(answer.status);
      expect(answer.headers.get('content-type'), path).toContain('application/problem+json');
    }
  });

  it('takes JSON bodies only, no larger than they need to be, and tells what is wrong with them', async () => {
    const url = `${hub.url}/api/v1/accounts`;
    const post = async (
      contentType: string,
      body: string,
    ): Promise<{ status: number; code: string; problems?: unknown }> =>
      (await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${admin.token}`, 'content-type': contentType },
        body,
      }).then((answer) => answer.json())) as { status: number; code: string };
    const account = { name: 'x', displayName: 'x', password: 'long enough', roles: ['guard'] };
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'nonsense']) {
      expect(await post(type, JSON.stringify(account)), type).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    }
    const json = 'application/json';
    for (const body of ['', '{', 'null', '[]', '"x"', '{"__proto__":{"roles":["admin"]}}', '['.repeat(30_000)]) {
      expect(await post(json, body), body.slice(0, 20)).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    }
    expect(await post(json, JSON.stringify({ ...account, password: 'x'.repeat(100_000) }))).toMatchObject({
      status: 413,
    });
    expect(await post(json, JSON.stringify({ ...account, name: 'a\0b' }))).toMatchObject({ status: 400 });
    expect(await post(json, JSON.stringify({ ...account, roles: ['root'] }))).toMatchObject({
      problems: [expect.objectContaining({ path: '/body/roles/0' })],
    });
    expect(await post(json, JSON.stringify({ ...account, name: 'ADMIN' }))).toMatchObject({
      status: 400,
      problems: [{ path: '/body/name', message: 'is taken' }],
    });
  });

  it('sends headers that narrow what a browser lets the page do', async () => {
    const { headers } = await fetch(hub.url);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("media-src 'self' blob:");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  it('keeps a trail that nobody can change', async () => {
    expect((await ground.rows('select count(*)::int as n from dipper.audit'))[0]).toEqual({ n: expect.any(Number) });
    for (const sql of ["update dipper.audit set outcome = 'x'", 'delete from dipper.audit', 'truncate dipper.audit']) {
      await expect(ground.rows(sql), sql).rejects.toThrow('append-only');
    }
  });
});
