import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AccountView } from '@dipper/contract/api/account';
import type { Alarm } from '@dipper/contract/api/alarm';
import type { ChangeList } from '@dipper/contract/api/change';
import type { CreatedWebhook, DeliveryView, RotatedSecret, WebhookView } from '@dipper/contract/api/webhook';
import type { RunningHub } from '@dipper/hub/hub';
import { requestMixin } from '@dipper/hub/request-context';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { eventually } from '../support/eventually.ts';
import { type FakeEdge, startFakeEdge } from '../support/fake-edge.ts';
import { ADMIN_PASSWORD, type HubGround, signInAs, startHubGround, startHubHere } from '../support/running-hub.ts';
import { faceCaptured, gateState } from '../support/sample-events.ts';
import { isSignedWith, startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

let ground: HubGround;
let hub: RunningHub;
let admin: ApiClient;
let edge: FakeEdge;
let receiver: WebhookReceiver;
const logged: Record<string, unknown>[] = [];

beforeAll(async () => {
  [ground, receiver] = await Promise.all([startHubGround(), startWebhookReceiver()]);
  const settings = { HUB_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.1', HUB_PUBLIC_URL: 'http://dipper.example.cn' };
  const logger = pino({ mixin: requestMixin }, { write: (line) => logged.push(JSON.parse(line)) });
  hub = await startHubHere(ground, settings, logger);
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
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
  await Promise.all([receiver?.stop(), ground?.stop()]);
});

async function created<T>(path: string, body: unknown): Promise<T> {
  const answer = await admin.send('POST', path, body);
  if (answer.status !== 201) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}
const hook = (more: object): Promise<CreatedWebhook> =>
  created('/api/v1/webhooks', { name: 'test', url: `${receiver.url}/hook`, types: ['alarm.created'], ...more });
const receivedOn = (path: string) => receiver.received.filter((each) => each.path.startsWith(path));

describe('a request with an Idempotency-Key', () => {
  const account = (name: string) => ({ name, displayName: 'x', password: 'long enough', roles: ['guard'] });
  const post = (key: string, body: unknown, client = admin, path = '/api/v1/accounts'): Promise<Response> =>
    fetch(`${hub.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${client.token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify(body),
    });

  it('is carried out once; whoever asks again gets the first answer', async () => {
    const [first, second] = [await post('"k-1"', account('once')), await post('"k-1"', account('once'))];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(await second.json()).toEqual(await first.json());
    expect([first, second].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect(second.headers.get('content-type')).toContain('application/json');
    // The quotes belong to the header, not to the key; the order of members is no other content.
    const again = await post('k-1', Object.fromEntries(Object.entries(account('once')).reverse()));
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    // A refusal is an answer as well, and the same each time.
    const refusals = [await post('"k-2"', account('once')), await post('"k-2"', account('once'))];
    expect(refusals.map(({ status }) => status)).toEqual([400, 400]);
    expect(refusals[1]?.headers.get('content-type')).toContain('application/problem+json');
  });

  it('cannot be used for another request, and is nobody else’s', async () => {
    await post('"k-3"', account('three'));
    const other = await post('"k-3"', account('four'));
    expect([other.status, await other.json()]).toEqual([
      422,
      expect.objectContaining({ code: 'IDEMPOTENCY_KEY_REUSED' }),
    ]);
    const second = await signInAs(hub.url, admin, 'admin');
    expect((await post('"k-3"', account('four'), second)).status).toBe(201);
    for (const key of ['', '"', '"a"b', 'x'.repeat(256), '"\u00e9"']) {
      expect((await post(key, account('five'))).status, key).toBe(400);
    }
  });

  it('goes with what is no JSON as well', async () => {
    const picture = (): Promise<Response> =>
      fetch(`${hub.url}/api/v1/cases/${randomUUID()}/attachments`, {
        method: 'POST',
        headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'image/jpeg', 'idempotency-key': 'picture' },
        body: Buffer.alloc(2_000, 7),
      });
    const answers = [(await picture()).status, (await picture()).status];
    expect(answers[0]).toBeGreaterThanOrEqual(400);
    expect(answers[0]).toBeLessThan(500);
    // Of another case: another address.
    expect(answers[1]).toBe(422);
  });

  it('of two at once is carried out by one; the other gets 409 or the same answer', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => post('"k-4"', account('racer'))));
    const bodies = await Promise.all(
      answers.map(async (answer) => (await answer.json()) as { code?: string; id?: string }),
    );
    const ids = new Set(bodies.map(({ id }) => id).filter((id) => id !== undefined));
    expect(ids.size).toBe(1);
    expect(bodies.every(({ id, code }) => id !== undefined || code === 'IDEMPOTENCY_IN_PROGRESS')).toBe(true);
    expect(
      answers.filter(({ status }) => status === 409).every(({ headers }) => headers.get('retry-after') === '1'),
    ).toBe(true);
  });

  it('whose hub died is carried out by the next who asks, unless it was carried out already', async () => {
    const accounts = async () => (await admin.list<AccountView>('/api/v1/accounts')).map(({ name }) => name);
    const dieIn = async (key: string, before: string): Promise<void> => {
      await post(`"${key}"`, account(key));
      // As SIGKILL leaves it: no answer, and, where it came before the commit, no change either.
      await ground.rows(
        `update dipper.idempotency_key set answer = null, status = null, lease_until = now() - interval '1 second' ${before} where key = '${key}'`,
      );
    };
    await dieIn('dead-after', '');
    const lost = await post('"dead-after"', account('dead-after'));
    expect([lost.status, await lost.json()]).toEqual([
      409,
      expect.objectContaining({ code: 'IDEMPOTENCY_ANSWER_LOST' }),
    ]);
    await dieIn('dead-before', ', carried_out_at = null');
    await ground.rows(`delete from dipper.account where name = 'dead-before'`);
    expect((await post('"dead-before"', account('dead-before'))).status).toBe(201);
    expect((await accounts()).filter((name) => name.startsWith('dead'))).toHaveLength(2);
  });

  it('is forgotten after a day, and its answer can be read by nobody who has the database', async () => {
    await post('"k-5"', account('day'));
    await ground.rows(
      `update dipper.idempotency_key set created_at = now() - interval '24 hours 1 second' where key = 'k-5'`,
    );
    expect((await post('"k-5"', account('next-day'))).status).toBe(201);
    const { secret } = (await (
      await post(
        '"k-6"',
        { name: 'sealed', url: `${receiver.url}/sealed`, types: ['case.created'] },
        admin,
        '/api/v1/webhooks',
      )
    ).json()) as CreatedWebhook;
    expect(secret).toMatch(/^whsec_/);
    const dump = await ground.dump();
    for (const text of [secret ?? '', (secret ?? '').slice(6)]) {
      expect(dump).not.toContain(text);
      expect(dump).not.toContain(Buffer.from(text).toString('hex'));
    }
  });
});

describe('a webhook', () => {
  it('is told of an alarm, signed, in order, without pictures or names', async () => {
    const { webhook, secret } = await hook({
      url: `${receiver.url}/told?token=private`,
      types: ['alarm.created', 'alarm.updated', 'case.created', 'event.created'],
      filter: { eventTypes: ['face.captured'] },
    });
    // Robots have their secret in the query or in the path: neither is shown again, nor put on record.
    expect(webhook).toMatchObject({ url: `${receiver.url}/…`, language: 'zh', pending: 0, disabledAt: null });
    expect(await admin.list(`/api/v1/audit?target=${webhook.id}`)).toMatchObject([{ reason: `${receiver.url}/…` }]);
    await edge.tell([faceCaptured(edge.next()), gateState(edge.next())]);
    const [alarm] = await eventually('an alarm', async () => {
      const alarms = await admin.list<Alarm>('/api/v1/alarms?rule=closed-entrance-face&active=true');
      return alarms.length > 0 && alarms;
    });
    const about = (type: string) => receivedOn('/told').filter(({ json }) => json.type === type);
    await eventually('alarm, case and event', () =>
      ['alarm.created', 'case.created', 'event.created'].every((type) => about(type).length === 1),
    );
    await admin.send('POST', `/api/v1/alarms/${alarm?.id}/acknowledgements`, { note: 'seen by Wang' });
    await eventually('the acknowledgement', () =>
      about('alarm.updated').some(({ json }) => json.data?.['acknowledged']),
    );
    const [raised] = about('alarm.created');
    expect(raised?.json.data).toMatchObject({ id: alarm?.id, priority: alarm?.priority, acknowledged: false });
    expect(about('event.created')[0]?.json.data).toMatchObject({
      type: 'face.captured',
      place: 'lanting-service-gate',
    });
    for (const each of receivedOn('/told')) {
      expect(isSignedWith(each, secret ?? '')).toBe(true);
      expect(Math.abs(Number(each.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
      expect(each.body).not.toMatch(/media|admin|Wang|box|track/);
    }
    const deliveries = await admin.list<DeliveryView>(`/api/v1/webhooks/${webhook.id}/deliveries?status=delivered`);
    expect(deliveries.map(({ id }) => id)).toEqual(
      expect.arrayContaining(receivedOn('/told').map(({ headers }) => headers['webhook-id'])),
    );
    expect(deliveries[0]).toMatchObject({ attempts: 1, httpStatus: 204, outcome: 'DELIVERED', nextAttemptAt: null });
  });

  it('has its secret changed without a message that nobody can verify', async () => {
    const { webhook, secret } = await hook({ url: `${receiver.url}/rotated` });
    const rotated = await created<RotatedSecret>(`/api/v1/webhooks/${webhook.id}/secrets`, {});
    expect(await created<DeliveryView>(`/api/v1/webhooks/${webhook.id}/tests`, {})).toMatchObject({
      status: 'delivered',
    });
    const [test] = receivedOn('/rotated');
    if (test === undefined) throw new Error('no test message');
    expect([isSignedWith(test, secret ?? ''), isSignedWith(test, rotated.secret)]).toEqual([true, true]);
    await ground.rows(`update dipper.webhook set previous_secret_until = now() where id = '${webhook.id}'`);
    await created<DeliveryView>(`/api/v1/webhooks/${webhook.id}/tests`, {});
    const later = receivedOn('/rotated')[1];
    if (later === undefined) throw new Error('no test message');
    expect([isSignedWith(later, secret ?? ''), isSignedWith(later, rotated.secret)]).toEqual([false, true]);
  });

  it('cannot be pointed into a network that nobody allowed, nor is it led there', async () => {
    const refused = [
      ...[
        'http://10.0.0.1/',
        'https://192.168.1.1/',
        'https://[::1]/',
        'https://[::ffff:127.0.0.2]/',
        'https://169.254.169.254/',
      ],
      ...[
        'http://127.0.0.2/',
        'https://0x7f.0.0.2/',
        'https://2130706434/',
        'https://[fe80::1]/',
        'https://100.64.0.1/',
      ],
    ];
    for (const url of refused) {
      const answer = await admin.send('POST', '/api/v1/webhooks', { name: 'x', url, types: ['alarm.created'] });
      expect([url, answer.status, await answer.json()]).toEqual([
        url,
        422,
        expect.objectContaining({ code: 'WEBHOOK_ADDRESS_REFUSED' }),
      ]);
    }
    for (const url of ['ftp://example.cn', 'https://user:secret@example.cn/', 'javascript:alert(1)', 'https://']) {
      const answer = await admin.send('POST', '/api/v1/webhooks', { name: 'x', url, types: ['alarm.created'] });
      expect([url, answer.status]).toEqual([url, 400]);
    }
    const { webhook } = await hook({ url: `${receiver.url}/led` });
    receiver.answer(302, '', { location: `${receiver.url}/elsewhere` });
    const delivery = await created<DeliveryView>(`/api/v1/webhooks/${webhook.id}/tests`, {});
    receiver.answer(204);
    expect(delivery).toMatchObject({ status: 'failed', httpStatus: 302, outcome: 'HTTP_302', attempts: 1 });
    expect(receivedOn('/elsewhere')).toEqual([]);
  });

  it('is disabled by hand, and enabled again goes on where it stopped', async () => {
    const { webhook } = await hook({ url: `${receiver.url}/gone` });
    const path = `/api/v1/webhooks/${webhook.id}`;
    const change = async (body: unknown) => (await (await admin.send('PATCH', path, body)).json()) as WebhookView;
    expect(await change({ active: false })).toMatchObject({ disabledReason: 'by-hand' });
    expect(await change({ active: true, name: 'renamed' })).toMatchObject({ disabledAt: null, name: 'renamed' });
    expect((await admin.send('PATCH', path, { format: 'wecom' })).status).toBe(400);
    expect((await admin.send('DELETE', path)).status).toBe(204);
    expect((await admin.send('GET', path)).status).toBe(404);
  });

  it('speaks to the robots of WeCom and DingTalk, and knows a refusal that comes as 200', async () => {
    receiver.answer(200, '{"errcode":0,"errmsg":"ok"}');
    const weCom = await hook({ format: 'wecom', url: `${receiver.url}/wecom?key=k` });
    expect(weCom.secret).toBeNull();
    const test = (id: string) => created<DeliveryView>(`/api/v1/webhooks/${id}/tests`, {});
    expect(await test(weCom.webhook.id)).toMatchObject({ status: 'delivered' });
    expect(receivedOn('/wecom?key=k')[0]?.json).toMatchObject({
      msgtype: 'markdown',
      markdown: { content: expect.stringContaining('测试消息') },
    });
    const dingTalk = await hook({
      format: 'dingtalk',
      url: `${receiver.url}/ding?access_token=t`,
      secret: 'SEC0123456789abcdef0123',
      language: 'en',
    });
    expect(await test(dingTalk.webhook.id)).toMatchObject({ status: 'delivered' });
    const [sent] = receivedOn('/ding');
    expect(sent?.path).toMatch(/^\/ding\?access_token=t&timestamp=\d{13}&sign=[\w%]+$/);
    expect(sent?.json).toMatchObject({ msgtype: 'markdown', markdown: { title: 'Test message' } });
    receiver.answer(200, '{"errcode":310000,"errmsg":"sign not match"}');
    expect(await test(dingTalk.webhook.id)).toMatchObject({ status: 'failed', outcome: 'ERRCODE_310000' });
    receiver.answer(204);
  });
});

describe('the changes', () => {
  const read = (query: string, client = admin) => client.get<ChangeList>(`/api/v1/changes?${query}`);

  it('are read by cursor, as far as the account may see them', async () => {
    const start = await read('');
    expect(start).toEqual({ items: [], nextCursor: expect.any(String), hasMore: false });
    const worker = await signInAs(hub.url, admin, 'grid-worker');
    const waiting = read(`after=${start.nextCursor}&waitSec=20&kind=event`);
    await edge.tell([gateState(edge.next()), gateState(edge.next())]);
    const told = await waiting;
    expect(told.items.map(({ kind, change }) => [kind, change])).toEqual([
      ['event', 'created'],
      ['event', 'created'],
    ]);
    expect(await read(`after=${start.nextCursor}&kind=event`, worker)).toMatchObject({ items: [] });
    expect(await read(`after=${told.nextCursor}&kind=event`)).toMatchObject({ items: [], nextCursor: told.nextCursor });
    for (const query of ['after=x', `after=${randomUUID()}`, 'waitSec=26', 'limit=0', 'kind=x']) {
      expect((await admin.send('GET', `/api/v1/changes?${query}`)).status, query).toBe(400);
    }
  });
});

describe('the metrics', () => {
  it('are all explained in the README', async () => {
    const text = await (await fetch(`${hub.url}/metrics`)).text();
    const names = [...text.matchAll(/^# TYPE (dipper_hub_\w+)/gm)].map(([, name = '']) => name);
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('what edges tell of their devices', () => {
  it('is in the metrics: how many are connected how, and what overload has cost', async () => {
    const since = new Date().toISOString();
    await edge.tellDevice({
      ...{ kind: 'camera', device: 'lanting-service-face', connection: 'degraded', since, cause: 'EDGE_OVERLOADED' },
      ...{ picture: 'ok', shed: { capture: 41, live: 7 }, blips: 2 },
    });
    const lines = [
      'dipper_hub_devices{agent="lanting-edge-1",connection="degraded",cause="EDGE_OVERLOADED"} 1',
      'dipper_hub_camera_pictures_shed{agent="lanting-edge-1",what="capture"} 41',
      'dipper_hub_camera_pictures_shed{agent="lanting-edge-1",what="live"} 7',
      'dipper_hub_camera_pictures_shed{agent="lanting-edge-1",what="recording"} 0',
      'dipper_hub_camera_blips{agent="lanting-edge-1"} 2',
    ];
    const told = await eventually('the metrics', async () => {
      const text = await (await fetch(`${hub.url}/metrics`)).text();
      return text.includes('EDGE_OVERLOADED') && text.split('\n');
    });
    expect(told).toEqual(expect.arrayContaining(lines));
  });
});

describe('the log', () => {
  it('names a request from the answer to the command that an edge is sent', async () => {
    const event = faceCaptured(edge.next());
    await edge.tell([event]);
    const ref = 'ref' in event.data.media ? event.data.media.ref : '';
    edge.refuseWith = 'MEDIA_EXPIRED';
    const answer = await admin.send('POST', `/api/v1/media/${ref}/views`, { reason: 'a test of the log' });
    expect(answer.status).toBe(410);
    const requestId = answer.headers.get('x-request-id');
    const sent = logged.find(({ msg }) => msg === 'command sent');
    // The edge logs the same command by the same id (edge/link/commands.ts).
    expect(sent).toMatchObject({
      requestId,
      command: expect.any(String),
      action: 'media.send',
      agent: 'lanting-edge-1',
    });
  });
});
