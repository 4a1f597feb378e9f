import type { Page } from '@dipper/contract/api/page';
import { ROLES, type Role } from '@dipper/contract/api/session';
import type { RunningHub } from '@dipper/hub/hub';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { eventually } from '../support/eventually.ts';
import { EXPECTED_ACCESS } from '../support/expected-access.ts';
import { EXPECTED_SCOPE, type ScopedThings } from '../support/expected-scope.ts';
import { type FakeEdge, startFakeEdge } from '../support/fake-edge.ts';
import { closeOf } from '../support/feed-socket.ts';
import {
  ADMIN_PASSWORD,
  type HubGround,
  STAFF_PASSWORD,
  startHubGround,
  startHubHere,
} from '../support/running-hub.ts';
import { faceCaptured, gateState } from '../support/sample-events.ts';

/** The east gate lies in the second grid of the estate, the service gate in the first. */
const EAST = { place: 'lanting-east-gate', subject: 'east-camera' };
const SCOPES = {
  inside: [{ level: 'grid', id: 'hupan-grid-2' }],
  around: [{ level: 'community', id: 'hupan' }],
  outside: [{ level: 'grid', id: 'hupan-grid-1' }],
  nowhere: [{ level: 'estate', id: 'an-estate-that-is-gone' }],
} as const;
type ScopeName = keyof typeof SCOPES;

let ground: HubGround;
let hub: RunningHub;
let edge: FakeEdge;
let admin: ApiClient;
let things: ScopedThings;
const clients = new Map<string, ApiClient>();
const clientOf = (role: Role, scope: ScopeName): ApiClient => clients.get(`${role}-${scope}`) as ApiClient;

beforeAll(async () => {
  ground = await startHubGround();
  hub = await startHubHere(ground);
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
  edge = await startFakeEdge({
    mqttUrl: ground.broker.url,
    login: ground.broker.agent('lanting-edge-1'),
    ...{ estate: 'lanting', agent: 'lanting-edge-1', hubKey: ground.hubKey },
  });
  edge.refuseWith = 'MEDIA_EXPIRED';
  things = await makeThings();
  const pairs = ROLES.flatMap((role) => (Object.keys(SCOPES) as ScopeName[]).map((scope) => ({ role, scope })));
  await Promise.all(
    pairs.map(async ({ role, scope }) => {
      const name = `${role}-${scope}`;
      const account = { name, displayName: name, password: STAFF_PASSWORD, roles: [role], scope: SCOPES[scope] };
      expect((await admin.send('POST', '/api/v1/accounts', account)).status).toBe(201);
      clients.set(name, await signIn(hub.url, name, STAFF_PASSWORD));
    }),
  );
}, 60_000);
afterAll(async () => {
  await edge?.stop();
  await hub?.stop();
  await ground?.stop();
});

/** One of each kind at the east gate. */
async function makeThings(): Promise<ScopedThings> {
  const since = new Date().toISOString();
  const covered = { kind: 'covered', phase: 'started', since };
  const face = faceCaptured({ ...edge.next(), ...EAST });
  const { media } = face.data;
  if (!('ref' in media)) throw new Error('a sample without a picture');
  await edge.tell([
    face,
    { ...gateState({ ...edge.next(), ...EAST }), type: 'camera.tampered', data: covered } as never,
    // Somewhere else, an hour before: an incident of its own.
    {
      ...gateState({ ...edge.next(), ...EAST, subject: 'east-other' }),
      type: 'camera.frozen',
      data: { phase: 'started', since },
    } as never,
  ]);
  const asked = { ...gateState({ ...edge.next(), ...EAST }), type: 'access.denied' };
  const denial = { accessPoint: 'east-in', factors: ['card'], reason: 'CREDENTIAL_UNKNOWN' };
  await edge.tell([{ ...asked, data: denial } as never]);
  await edge.tellDevice({ kind: 'camera', device: EAST.subject, connection: 'online', since, picture: 'covered' });
  const alarm = await eventually(
    'an alarm',
    async () => (await admin.list<{ id: string; incident: string }>('/api/v1/alarms?rule=camera-covered'))[0],
  );
  const [gridCase] = await eventually('a case', async () => {
    const cases = await admin.list<{ id: string; category: string }>(`/api/v1/cases?incident=${alarm.incident}`);
    return cases.length > 0 && cases;
  });
  // Which of the alarms opens the case depends on whether the gate is open at this hour.
  QUERIES['GET /api/v1/cases/duplicates'] = `?category=${gridCase?.category}&place=${EAST.place}`;
  const made = async (path: string, body: unknown): Promise<string> => {
    const answer = await admin.send('POST', path, body);
    expect([path, answer.status]).toEqual([path, 201]);
    return ((await answer.json()) as { id: string }).id;
  };
  const reason = 'of a test';
  const name = { zh: '东门', en: 'East' };
  const rules = { factorRules: [{ anyOf: [['card']] }] };
  const point = { id: 'east-in', place: EAST.place, device: 'lanting-service-barrier', name, rules };
  const holder = await admin.send('POST', '/api/v1/holders', { estate: 'lanting', name: '住户' });
  const weekly = [[], [], [], [], [], [], []];
  const pointId = await made('/api/v1/access-points', point);
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const visit = { estate: 'lanting', name: '访客', accessPoints: [pointId], until };
  const pass = await admin.send('POST', '/api/v1/passes', visit);
  return {
    holder: ((await holder.json()) as { holder: { id: string } }).holder.id,
    pass: ((await pass.json()) as { pass: { id: string } }).pass.id,
    point: pointId,
    area: await made('/api/v1/access-areas', { id: 'east-yard', estate: 'lanting', name }),
    assessment: await made('/api/v1/impact-assessments', {
      ...{ estate: 'lanting', title: 'seen', document: 'PIA-1', validUntil: '2999-01-01T00:00:00.000Z' },
    }),
    schedule: await made('/api/v1/access-schedules', { estate: 'lanting', name: 'seen', weekly }),
    record: asked.id,
    ...{ event: face.id, alarm: alarm.id, incident: alarm.incident, other: alarm.incident, case: gridCase?.id ?? '' },
    ...{ device: EAST.subject, agent: 'lanting-edge-1', place: EAST.place, media: media.ref },
    entry: await made('/api/v1/out-of-service', { device: EAST.subject, reason }),
    shelf: await made('/api/v1/alarm-shelves', { alarm: alarm.id, forMin: 60, reason }),
  };
}

const rolesOf = (route: string): readonly Role[] => {
  const expected = EXPECTED_ACCESS[route];
  return Array.isArray(expected) ? (expected as readonly Role[]) : [];
};
const addressOf = (url: string, id: string): string => url.replace(/:(id|ref)/, id);
/** What lists leave out unless it is asked for, and what some of them must be asked with. */
const QUERIES: Record<string, string> = {
  'GET /api/v1/alarms': '?incident=INCIDENT',
};

describe('what lies outside of the scope of an account', () => {
  it('is decided for every route that roles may use', () => {
    const guarded = hub.app.routeTable
      .filter(({ method, access }) => method !== 'HEAD' && typeof access === 'object')
      .map(({ method, url }) => `${method} ${url}`);
    expect(guarded.sort(), 'add the route to test/support/expected-scope.ts').toEqual(
      Object.keys(EXPECTED_SCOPE).sort(),
    );
  });

  it.each(Object.entries(EXPECTED_SCOPE))('%s', async (route, expected) => {
    const [method = '', url = ''] = route.split(' ');
    for (const role of rolesOf(route)) {
      if (expected === 'free') continue;
      if (expected === 'forbidden') {
        for (const scope of ['around', 'nowhere'] as const) {
          const answer = await clientOf(role, scope).send(method, addressOf(url, things.event));
          expect([role, scope, answer.status]).toEqual([role, scope, 403]);
        }
        continue;
      }
      if ('listOf' in expected) {
        const path = url + (QUERIES[route] ?? '').replace('INCIDENT', things.incident);
        const idsFor = async (scope: ScopeName): Promise<string[]> => {
          const answer = await clientOf(role, scope).send('GET', path);
          expect([role, scope, answer.status]).toEqual([role, scope, 200]);
          return ((await answer.json()) as Page<{ id: string }>).items.map(({ id }) => id);
        };
        expect(await idsFor('around'), `${role} around`).toContain(things[expected.listOf]);
        expect(await idsFor('outside'), `${role} outside`).not.toContain(things[expected.listOf]);
        expect(await idsFor('nowhere'), `${role} nowhere`).toEqual([]);
        continue;
      }
      const attempt = (scope: ScopeName): Promise<Response> =>
        clientOf(role, scope).send(
          method,
          addressOf(url, things[expected.thing]) + (expected.query ?? ''),
          expected.body?.(things),
        );
      for (const scope of ['outside', 'nowhere'] as const) {
        expect([role, scope, (await attempt(scope)).status]).toEqual([role, scope, 404]);
      }
      const { status } = await attempt('around');
      expect([403, 404].includes(status) ? [role, status] : 'let in').toBe('let in');
    }
  });

  it('a grid is seen by who has it, the estate around it is not', async () => {
    const worker = clientOf('grid-worker', 'inside');
    expect((await worker.send('GET', `/api/v1/alarms/${things.alarm}`)).status).toBe(200);
    expect(await clientOf('supervisor', 'inside').list('/api/v1/agents')).toEqual([]);
    const places = await worker.list<{ id: string }>('/api/v1/places');
    expect(places.map(({ id }) => id)).toEqual([EAST.place]);
  });

  it('is neither in figures nor in counts', async () => {
    const standingOf = (scope: ScopeName) =>
      clientOf('guard', scope).get<{ shelved: { entries: number } }>('/api/v1/alarm-standing');
    expect((await standingOf('nowhere')).shelved.entries).toBe(0);
    const countsOf = (scope: ScopeName) => clientOf('guard', scope).list('/api/v1/events/counts');
    expect(await countsOf('around')).not.toEqual([]);
    expect(await countsOf('outside')).toEqual([]);
  });

  it('is not told by the feed, nor by changes', async () => {
    const [inside, outside] = [clientOf('guard', 'around'), clientOf('guard', 'outside')];
    const cursorOf = async (client: ApiClient) =>
      (await client.get<{ nextCursor: string }>('/api/v1/changes')).nextCursor;
    const [from, [seen, unseen]] = [await cursorOf(outside), await Promise.all([inside.feed(), outside.feed()])];
    // A feed tells what comes after its greeting.
    await eventually('both feeds have begun', () => [seen, unseen].every(({ messages }) => messages.length > 0));
    await edge.tell([gateState({ ...edge.next(), ...EAST }), gateState(edge.next())]);
    const eventsOf = (feed: typeof seen) => feed.messages.filter(({ kind }) => kind === 'event');
    await eventually('both are told', () => eventsOf(seen).length === 2 && eventsOf(unseen).length > 0, {
      withinMs: 20_000,
    });
    expect(JSON.stringify(unseen.messages)).not.toContain(EAST.place);
    expect(JSON.stringify(await outside.get(`/api/v1/changes?after=${from}`))).not.toContain(EAST.place);
    expect(JSON.stringify(await inside.get(`/api/v1/changes?after=${from}`))).toContain(EAST.place);
    seen.close();
    unseen.close();
  });

  it('has no live picture', async () => {
    const watch = (scope: ScopeName) =>
      new WebSocket(`${hub.url.replace('http', 'ws')}/api/v1/devices/${EAST.subject}/live`, {
        headers: { authorization: `Bearer ${clientOf('guard', scope).token}` },
      });
    expect(await closeOf(watch('outside'))).toEqual([4404, 'DEVICE_UNKNOWN']);
    expect((await closeOf(watch('around')))[1]).not.toBe('DEVICE_UNKNOWN');
  });

  it('cannot be written about, and what is for all is for those who answer for all', async () => {
    const write = (scope: ScopeName, body: object) =>
      clientOf('guard', scope).send('POST', '/api/v1/handover-notes', body);
    expect((await write('outside', { text: 'for the estate', estate: 'lanting' })).status).toBe(404);
    expect((await write('around', { text: 'for the estate', estate: 'lanting' })).status).toBe(201);
    expect((await write('around', { text: 'for all' })).status).toBe(404);
  });

  it('is seen no more, and sockets are closed, once the scope is changed', async () => {
    const client = clientOf('auditor', 'around');
    const feed = await client.feed();
    const accounts = await admin.list<{ id: string; name: string }>('/api/v1/accounts?limit=100');
    const id = accounts.find(({ name }) => name === 'auditor-around')?.id;
    expect((await admin.send('PATCH', `/api/v1/accounts/${id}`, { scope: SCOPES.nowhere })).status).toBe(200);
    expect((await client.send('GET', '/api/v1/alarms')).status).toBe(401);
    feed.close();
    const again = await signIn(hub.url, 'auditor-around', STAFF_PASSWORD);
    expect(await again.list('/api/v1/alarms')).toEqual([]);
  });

  it('the last admin who answers for everywhere keeps that scope', async () => {
    const accounts = await admin.list<{ id: string; name: string }>('/api/v1/accounts?limit=100');
    const id = accounts.find(({ name }) => name === 'admin')?.id;
    const answer = await admin.send('PATCH', `/api/v1/accounts/${id}`, { scope: SCOPES.around });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([409, 'ACCOUNT_LAST_ADMIN']);
  });
});
