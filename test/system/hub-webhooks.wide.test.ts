import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AccountView } from '@dipper/contract/api/account';
import type { CreatedWebhook, NewWebhook } from '@dipper/contract/api/webhook';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, createApiClient, signIn } from '../support/api-client.ts';
import { type ChildPart, startChildPart } from '../support/child-part.ts';
import { type DebianPostgres, startDebianPostgres } from '../support/debian-postgres.ts';
import { eventually } from '../support/eventually.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { startWebhookGround, type WebhookGround } from '../support/webhook-ground.ts';
import { isSignedWith, startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const HUB = fileURLToPath(new URL('../../services/hub/main.ts', import.meta.url));
const PASSWORD = 'admin-of-a-test';
const ALARMS = 30;
const OCCURRENCES = 6;

let database: DebianPostgres;
let broker: Mosquitto;
let ground: WebhookGround;
let receiver: WebhookReceiver;
let dir: string;
let hubs: [ChildPart, ChildPart];
let token: string;

const startHub = (name: string): Promise<ChildPart> =>
  startChildPart(HUB, [], {
    HUB_DATABASE_URL: database.url,
    HUB_MQTT_URL: broker.url,
    HUB_MQTT_PROTOCOL: '5',
    HUB_CLIENT_ID: name,
    HUB_PORT: '0',
    HUB_ADMIN_PASSWORD: PASSWORD,
    HUB_SIGNING_KEY_FILE: join(dir, 'hub.jwk'),
    HUB_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.1',
  });
const urlOf = (hub: ChildPart): string => hub.addresses['http'] ?? '';
const clientOf = (hub: ChildPart): ApiClient => createApiClient(urlOf(hub), token);

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'dipper-hubs-'));
  [database, broker, receiver] = await Promise.all([startDebianPostgres(), startMosquitto(), startWebhookReceiver()]);
  ground = await startWebhookGround(database.url);
  hubs = [await startHub('one'), await startHub('two')];
  token = (await signIn(urlOf(hubs[0]), 'admin', PASSWORD)).token;
});
afterAll(async () => {
  await Promise.all(hubs?.map((hub) => hub.stop()) ?? []);
  await ground?.stop();
  await Promise.all([database?.stop(), broker?.stop(), receiver?.stop()]);
  rmSync(dir, { recursive: true, force: true });
});

describe('two hubs, of which one dies again and again', () => {
  it('tell every change, those of one subject in order, under one id each', { timeout: 240_000 }, async () => {
    receiver.delayMs = 15;
    const body: NewWebhook = { name: 'x', url: receiver.url, types: ['alarm.created', 'alarm.updated'] };
    const { secret } = (await (
      await clientOf(hubs[0]).send('POST', '/api/v1/webhooks', body)
    ).json()) as CreatedWebhook;
    const happen = async (): Promise<void> => {
      const alarm = await ground.raise('low');
      for (let occurrence = 1; occurrence < OCCURRENCES; occurrence += 1) {
        await delay(20);
        await ground.touch(alarm);
      }
    };
    const happening = (async () => {
      for (let wave = 0; wave < ALARMS / 5; wave += 1) await Promise.all(Array.from({ length: 5 }, happen));
    })();
    for (const share of [0.1, 0.3, 0.5]) {
      await eventually('some to be told', () => receiver.received.length > ALARMS * share, { withinMs: 90_000 });
      await hubs[0].kill();
      hubs[0] = await startHub('one');
    }
    await happening;
    await eventually(
      'all of it to be told',
      async () => {
        const [left] = await ground.rows<{ open: number; changes: boolean }>(
          `select (select count(*)::int from dipper.webhook_delivery where status <> 'delivered') as open,
                  (select cursor from dipper.webhook) =
                  (select transaction || '-' || id from dipper.change order by transaction desc, id desc limit 1) as changes`,
        );
        return left?.open === 0 && left.changes;
      },
      { withinMs: 120_000 },
    );
    const stored = await ground.rows<{ id: string; subject: string }>(
      'select id, subject from dipper.webhook_delivery',
    );
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(
      new Set(stored.map(({ id }) => id)),
    );
    expect(new Set(stored.map(({ subject }) => subject)).size).toBe(ALARMS);
    const last = new Map<unknown, number>();
    const told = new Set<unknown>();
    for (const { headers, json } of receiver.received) {
      if (told.has(headers['webhook-id'])) continue;
      told.add(headers['webhook-id']);
      const occurrences = Number(json.data?.['occurrences']);
      expect(occurrences).toBeGreaterThanOrEqual(last.get(json.data?.['id']) ?? 0);
      last.set(json.data?.['id'], occurrences);
    }
    expect([...last.values()]).toEqual(Array(ALARMS).fill(OCCURRENCES));
    expect(receiver.received.every((each) => isSignedWith(each, secret ?? ''))).toBe(true);
    // What was under way when a hub died comes twice, and no more than that.
    expect(receiver.received.length - told.size).toBeLessThanOrEqual(3 * 16);
  });

  it('tell once of each alarm that nobody has seen', async () => {
    receiver.delayMs = 0;
    const before = receiver.received.length;
    const unseen: NewWebhook = {
      name: 'y',
      url: `${receiver.url}/unseen`,
      types: ['alarm.unseen'],
      unseen: { high: [60] },
    };
    await clientOf(hubs[0]).send('POST', '/api/v1/webhooks', unseen);
    for (let alarm = 0; alarm < 20; alarm += 1) await ground.raise('high');
    const timers = () => ground.rows('select * from dipper.webhook_unseen');
    await eventually('twenty timers', async () => (await timers()).length === 20);
    await ground.pool.pool.query('update dipper.webhook_unseen set due_at = now()');
    await hubs[0].kill();
    await eventually('no timer left', async () => (await timers()).length === 0);
    const messages = () => receiver.received.slice(before).filter(({ path }) => path === '/unseen');
    await eventually('twenty messages', () => new Set(messages().map(({ json }) => json.data?.['id'])).size === 20, {
      withinMs: 90_000,
    });
    const rows = await ground.rows(`select 1 from dipper.webhook_delivery where type = 'alarm.unseen'`);
    expect(rows).toHaveLength(20);
    hubs[0] = await startHub('one');
  });
});

describe('a request with an Idempotency-Key whose hub dies', () => {
  it('is carried out once, whenever that happens', { timeout: 240_000 }, async () => {
    const outcomes: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      const names = Array.from({ length: 4 }, (_, index) => `round-${round}-${index}`);
      const post = (hub: ChildPart, name: string): Promise<Response> =>
        fetch(`${urlOf(hub)}/api/v1/accounts`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'idempotency-key': `"${name}"`,
          },
          body: JSON.stringify({ name, displayName: name, password: 'long enough', roles: ['guard'] }),
        });
      const first = names.map((name) =>
        post(hubs[0], name).then(
          ({ status }) => status,
          () => 0,
        ),
      );
      await delay(round * 30);
      await hubs[0].kill();
      const statuses = await Promise.all(first);
      // Nobody waits a minute for the lease of a dead hub here.
      await ground.pool.pool.query('update dipper.idempotency_key set lease_until = now() where answer is null');
      for (const [index, name] of names.entries()) {
        const again = await post(hubs[1], name);
        const { code } = (await again.json()) as { code?: string };
        expect([201, 409], `${name}: ${code}`).toContain(again.status);
        if (again.status === 409) expect(code).toBe('IDEMPOTENCY_ANSWER_LOST');
        outcomes.push(
          `${statuses[index] === 201 ? 'answered' : 'cut off'}, then ${code ?? again.headers.get('idempotency-replayed') ?? 'done'}`,
        );
      }
      hubs[0] = await startHub('one');
    }
    const accounts = (await clientOf(hubs[1]).list<AccountView>('/api/v1/accounts?limit=200')).map(({ name }) => name);
    const made = accounts.filter((name) => name.startsWith('round-'));
    expect([made.length, new Set(made).size]).toEqual([16, 16]);
    // The kill has to have hit requests that were under way, or nothing was tried.
    expect(outcomes.filter((outcome) => outcome.startsWith('cut off')).length).toBeGreaterThan(2);
  });
});
