import { fileURLToPath } from 'node:url';
import type { Alarm } from '@dipper/contract/api/alarm';
import type { Assignee, CaseDetail, GridCase } from '@dipper/contract/api/case';
import { FeedMessage } from '@dipper/contract/api/feed';
import { createValidator } from '@dipper/contract/validation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { findFreePort } from '../../services/standalone/free-port.ts';
import { type ApiClient, type Feed, signIn } from '../support/api-client.ts';
import { type ChildPart, startChildPart } from '../support/child-part.ts';
import { eventually } from '../support/eventually.ts';
import { type FakeEdge, startFakeEdge } from '../support/fake-edge.ts';
import { ADMIN_PASSWORD, type HubGround, signInAs, startHubGround } from '../support/running-hub.ts';
import { faceCaptured, gateState } from '../support/sample-events.ts';

const ENTRY = fileURLToPath(new URL('../../services/hub/main.ts', import.meta.url));
const Message = createValidator(FeedMessage);

let ground: HubGround;
let hub: ChildPart;
let url: string;
let edge: FakeEdge;
let admin: ApiClient;

beforeAll(async () => {
  ground = await startHubGround();
  hub = await startChildPart(ENTRY, [], ground.env);
  url = hub.addresses['http'] ?? '';
  admin = await signIn(url, 'admin', ADMIN_PASSWORD);
  edge = await startFakeEdge({
    mqttUrl: ground.broker.url,
    login: ground.broker.agent('lanting-edge-1'),
    estate: 'lanting',
    agent: 'lanting-edge-1',
    hubKey: ground.hubKey,
  });
});

afterAll(async () => {
  await edge?.stop();
  await hub?.stop();
  await ground?.stop();
});

const changesOf = (feed: Feed, kind: string) =>
  feed.messages.flatMap((message) => (message.kind === kind && message.kind !== 'hello' ? [message] : []));
const idsOf = (feed: Feed, kind: string): string[] => changesOf(feed, kind).map(({ id }) => id);

describe('the feed', () => {
  it('greets with a cursor, and tells what the lists show', async () => {
    const feed = await admin.feed();
    await eventually('the greeting', () => feed.messages.length > 0);
    expect(feed.messages[0]).toEqual({ kind: 'hello', cursor: expect.any(String) });
    await edge.tell([faceCaptured(edge.next())]);
    const told = await eventually('alarm and case', () => {
      const [alarm, gridCase] = [changesOf(feed, 'alarm')[0], changesOf(feed, 'case')[0]];
      return alarm !== undefined && gridCase !== undefined ? { alarm, gridCase } : undefined;
    });
    for (const message of feed.messages) Message.parse(message);
    expect(told.alarm).toMatchObject({ change: 'created', value: { rule: 'closed-entrance-face', active: true } });
    const gridCase = told.gridCase.value as GridCase;
    expect((await admin.get<CaseDetail>(`/api/v1/cases/${gridCase.id}`)).case).toMatchObject({ id: gridCase.id });
    expect((told.alarm.value as Alarm).incident).toBe(gridCase.incident);
    expect(idsOf(feed, 'event')).toHaveLength(1);

    const alarm = told.alarm.value as Alarm;
    const acknowledged = await admin.send('POST', `/api/v1/alarms/${alarm.id}/acknowledgements`, {});
    expect([acknowledged.status, await acknowledged.json()]).toEqual([
      201,
      expect.objectContaining({ id: alarm.id, acknowledged: true, acknowledgedBy: 'admin' }),
    ]);
    await eventually('the acknowledgement to be told', () =>
      changesOf(feed, 'alarm').some(({ change, value }) => change === 'updated' && (value as Alarm).acknowledged),
    );
    feed.close();
  });

  it('resumes behind a cursor without a gap and without telling anything twice', async () => {
    const sent: string[] = [];
    const tellMore = async (count: number): Promise<void> => {
      const events = Array.from({ length: count }, () => gateState(edge.next()));
      sent.push(...events.map(({ id }) => id));
      await edge.tell(events);
    };
    let feed = await admin.feed();
    await eventually('the greeting', () => feed.messages.length > 0);
    const told: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      await tellMore(25);
      // Cut off somewhere in the middle, once there is something to have been cut off from.
      await eventually('some of it', () => idsOf(feed, 'event').length > 0, { everyMs: 5 });
      feed.close();
      told.push(...idsOf(feed, 'event'));
      await tellMore(10);
      feed = await admin.feed(feed.messages.at(-1)?.cursor);
    }
    await eventually('the rest', () => told.length + idsOf(feed, 'event').length >= sent.length);
    feed.close();
    expect([...told, ...idsOf(feed, 'event')]).toEqual(sent);
  });

  it('tells a grid worker of cases, not of the raw record', async () => {
    const worker = await signInAs(url, admin, 'grid-worker');
    const dispatcher = await signInAs(url, admin, 'dispatcher');
    await signInAs(url, admin, 'guard');
    const [feed, whole] = [await worker.feed(), await admin.feed()];
    await eventually('the greetings', () => feed.messages.length > 0 && whole.messages.length > 0);
    await edge.tell([faceCaptured(edge.next())]);
    await eventually('the alarm', () => idsOf(feed, 'alarm').length > 0 && idsOf(whole, 'event').length > 0);
    expect(idsOf(feed, 'event')).toEqual([]);

    const [gridCase] = await admin.list<GridCase>('/api/v1/cases');
    const step = async (body: object): Promise<{ status: number; case?: GridCase }> => {
      const answer = await admin.send('POST', `/api/v1/cases/${gridCase?.id}/steps`, body);
      return { ...((await answer.json()) as { case?: GridCase }), status: answer.status };
    };
    const established = await step({ action: 'establish', version: gridCase?.version });
    expect(established).toMatchObject({ status: 201, case: { state: 'established' } });
    const dispatch = { action: 'dispatch', version: established.case?.version };
    const assignees = await dispatcher.list<Assignee>('/api/v1/assignees');
    expect(assignees).toContainEqual({ name: 'grid-worker', displayName: 'grid-worker', roles: ['grid-worker'] });
    expect(assignees.map(({ name }) => name)).not.toContain('guard');
    for (const assignee of ['nobody', 'guard']) expect((await step({ ...dispatch, assignee })).status).toBe(400);
    expect((await step({ ...dispatch, version: gridCase?.version, assignee: 'grid-worker' })).status).toBe(409);
    expect((await step({ ...dispatch, assignee: 'Grid-Worker' })).case).toMatchObject({ assignee: 'grid-worker' });
    const mine = await worker.list<GridCase>('/api/v1/cases?assignee=me');
    expect(mine).toMatchObject([
      { id: gridCase?.id, state: 'dispatched', actions: expect.arrayContaining(['accept']) },
    ]);
    expect(await admin.list('/api/v1/cases?assignee=me')).toEqual([]);
    expect(await admin.list('/api/v1/cases?overdue=true')).toEqual([]);
    feed.close();
    whole.close();
  });

  it('closes with 4400 behind a cursor that it never gave out', async () => {
    for (const after of ['nonsense', '99999999999-1', '%00']) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/feed?after=${after}`, {
        headers: { authorization: `Bearer ${admin.token}` },
      });
      const ended = await new Promise((resolve) => {
        socket.once('close', (code, reason) => resolve(`${code} ${reason}`));
        socket.once('unexpected-response', (_, answer) => resolve(`status ${answer.statusCode}`));
        socket.once('error', () => undefined);
      });
      expect(ended, after).toBe(after === '%00' ? 'status 400' : '4400 CURSOR_INVALID');
    }
  });
});

describe('the hub', () => {
  it('answers 503 while its database is away, says so, keeps its feeds, and goes on when it is back', async () => {
    const feed = await admin.feed();
    await eventually('the greeting', () => feed.messages.length > 0);
    await ground.database.kill();
    const answer = await admin.send('GET', '/api/v1/alarms');
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
      503,
      '5',
      expect.objectContaining({ code: 'DATABASE_UNAVAILABLE', requestId: expect.any(String) }),
    ]);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      expect.objectContaining({
        status: 'missing',
        parts: expect.objectContaining({ database: 'missing', broker: 'ok' }),
      }),
    ]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await ground.database.restart();
    await eventually('the hub to be ready again', async () => (await fetch(`${url}/readyz`)).status === 200, {
      withinMs: 25_000,
    });
    expect((await admin.send('GET', '/api/v1/alarms')).status).toBe(200);
    const event = gateState(edge.next());
    await edge.tell([event]);
    await eventually('the feed to go on', () => idsOf(feed, 'event').includes(event.id));
    feed.close();
  });

  it('counts requests by route as it is declared, never as it was asked for', async () => {
    await admin.send('GET', '/api/v1/alarms/6f1c54a5-6a0e-4d53-9d4a-0d8f6f9b7a11');
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('route="/api/v1/alarms/:id",status="404"');
    expect(text).not.toContain('6f1c54a5');
    expect(text).toMatch(/dipper_hub_web_sockets \d/);
  });

  it('stops in time, and says goodbye to its sockets', async () => {
    const feed = new WebSocket(`${url.replace('http', 'ws')}/api/v1/feed`, {
      headers: { authorization: `Bearer ${admin.token}` },
    });
    await new Promise((resolve) => feed.once('message', resolve));
    const closed = new Promise((resolve) => feed.once('close', (code) => resolve(code)));
    const exited = new Promise((resolve) => hub.process.once('exit', (code) => resolve(code)));
    const start = performance.now();
    hub.process.kill('SIGTERM');
    expect(await closed).toBe(1001);
    expect(await exited).toBe(0);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('starts before its database, says what it waits for, and serves once it is there', async () => {
    await ground.database.kill();
    const port = await findFreePort();
    const late = `http://127.0.0.1:${port}`;
    const starting = startChildPart(ENTRY, [], { ...ground.env, HUB_PORT: String(port) });
    const waiting = await eventually('it to listen', async () => (await fetch(`${late}/readyz`)).json());
    expect(waiting).toEqual({
      status: 'missing',
      parts: { database: 'missing', broker: 'missing', migrations: 'missing' },
      agentsNotJudged: 0,
    });
    expect((await fetch(`${late}/api/v1/alarms`)).status).toBe(503);
    await ground.database.restart();
    hub = await starting;
    await signIn(late, 'admin', ADMIN_PASSWORD);
  });
});
