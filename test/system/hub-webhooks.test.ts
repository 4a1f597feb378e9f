import type { NewWebhook } from '@dipper/contract/api/webhook';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../support/embedded-database.ts';
import { startWebhookGround, type WebhookGround } from '../support/webhook-ground.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let database: EmbeddedDatabase;
let ground: WebhookGround;
let receiver: WebhookReceiver;

beforeAll(async () => {
  database = await startEmbeddedDatabase();
  ground = await startWebhookGround(database.url);
});
afterAll(async () => {
  await ground?.stop();
  await database?.stop();
});
beforeEach(async () => {
  await ground.pool.pool.query('delete from dipper.webhook');
  await receiver?.stop();
  receiver = await startWebhookReceiver();
  ground.nowMs = Date.UTC(2026, 10, 24, 4);
  return () => receiver.stop();
});

async function hook(more: Partial<NewWebhook> = {}): Promise<string> {
  const types: NewWebhook['types'] = ['alarm.created', 'alarm.updated'];
  const { webhook } = await ground.copy().service.create({ name: 'x', url: receiver.url, types, ...more }, 'admin');
  return webhook.id;
}
const told = (): string[] =>
  receiver.received.map(({ json }) => `${json.type} ${json.data?.['occurrences'] ?? ''}`.trim());
const view = async (id: string) => ground.copy().service.get(id);

describe('a message that cannot be delivered', () => {
  it('is tried again under the same id, ever more seldom, while later ones of its subject wait', async () => {
    const id = await hook();
    const copy = ground.copy();
    receiver.answer(503);
    const alarm = await ground.raise();
    await copy.settle();
    await ground.touch(alarm);
    await copy.settle();
    expect(told()).toEqual(['alarm.created 1']);
    for (const waitMs of [5_000, 30_000, 2 * MINUTE_MS, 10 * MINUTE_MS]) {
      const before = receiver.received.length;
      ground.nowMs += waitMs - 1_000;
      await copy.settle();
      expect(receiver.received, `before ${waitMs} ms`).toHaveLength(before);
      ground.nowMs += 1_000;
      await copy.settle();
      expect(receiver.received, `after ${waitMs} ms`).toHaveLength(before + 1);
    }
    expect((await view(id)).failingSince).toBe(new Date(Date.UTC(2026, 10, 24, 4)).toISOString());
    receiver.answer(204);
    ground.nowMs += 30 * MINUTE_MS;
    await copy.settle();
    expect(told().slice(-2)).toEqual(['alarm.created 1', 'alarm.updated 2']);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
    // What was true when it happened is told, word for word, however late: the hash of the log is that of every attempt.
    expect(new Set(receiver.received.slice(0, -1).map(({ body }) => body)).size).toBe(1);
    expect(await view(id)).toMatchObject({ failingSince: null, pending: 0 });
  });

  it('waits as long as the receiver asks for', async () => {
    await hook();
    const copy = ground.copy();
    receiver.answer(429, '', { 'retry-after': '600' });
    await ground.raise();
    await copy.settle();
    ground.nowMs += 599_000;
    await copy.settle();
    expect(receiver.received).toHaveLength(1);
    ground.nowMs += 1_000;
    await copy.settle();
    expect(receiver.received).toHaveLength(2);
  });

  it('disables its webhook after days, and at once when the receiver is gone for good', async () => {
    const id = await hook();
    const copy = ground.copy();
    receiver.answer(500);
    await ground.raise();
    for (let day = 0; day <= 6; day += 1) {
      await copy.settle();
      ground.nowMs += DAY_MS;
      await ground.raise();
    }
    const disabled = await view(id);
    expect(disabled).toMatchObject({ disabledReason: 'failing' });
    const attempts = receiver.received.length;
    ground.nowMs += DAY_MS;
    await copy.settle();
    expect(receiver.received).toHaveLength(attempts);
    receiver.answer(410);
    await copy.service.change(id, { active: true });
    await copy.settle();
    expect(await view(id)).toMatchObject({ disabledReason: 'gone' });
    // What was under way when the first answer came, and nothing after it.
    expect(receiver.received.length).toBeLessThanOrEqual(attempts + 4);
  });

  it('is given back when the hub stops in the middle, and sent by the next', async () => {
    await hook();
    receiver.delayMs = 60_000;
    await ground.raise();
    const stop = new AbortController();
    const running = ground.copy().run(stop.signal);
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(1);
    // The receiver answers in a minute: whoever waits for it does not get this far.
    stop.abort();
    await running;
    const state = () => ground.rows('select status, attempts, lease_until from dipper.webhook_delivery');
    expect(await state()).toEqual([{ status: 'pending', attempts: 0, lease_until: null }]);
    receiver.delayMs = 0;
    await ground.copy().settle();
    expect(await state()).toEqual([{ status: 'delivered', attempts: 1, lease_until: null }]);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('is not sent to an address that a name leads to a moment later', async () => {
    const asked: string[] = [];
    let leadsTo = ['127.0.0.1'];
    const copy = ground.copy(async (name) => {
      asked.push(name);
      return leadsTo.map((address) => ({ address, family: 4 }));
    });
    await hook({ url: receiver.url.replace('127.0.0.1', 'rebinding.example.cn').replace('http:', 'https:') });
    await ground.raise();
    const outcomes = () => ground.rows<{ outcome: string }>('select outcome from dipper.webhook_delivery');
    // The receiver speaks no TLS, so that is where it ends: the connection was made to what was checked.
    await copy.settle();
    expect(asked).toEqual(['rebinding.example.cn']);
    expect(await outcomes()).toEqual([{ outcome: expect.stringMatching(/SSL|EPROTO|ECONNRESET/) }]);
    for (const addresses of [['10.0.0.7'], ['127.0.0.1', '169.254.169.254'], ['::ffff:192.168.0.1']]) {
      leadsTo = addresses;
      ground.nowMs += DAY_MS;
      await copy.settle();
      expect(await outcomes(), addresses.join()).toEqual([{ outcome: 'WEBHOOK_ADDRESS_REFUSED' }]);
    }
    expect(receiver.received).toEqual([]);
  });
});

describe('what a webhook is told', () => {
  it('is narrowed by its filter', async () => {
    await hook({ filter: { priorities: ['critical'], estates: ['lanting'] } });
    await hook({ filter: { places: ['elsewhere'] } });
    await ground.raise('low');
    await ground.raise('critical');
    await ground.copy().settle();
    expect(receiver.received.map(({ json }) => json.data?.['priority'])).toEqual(['critical']);
  });

  it('goes on behind a gap when changes are no longer kept, and says so', async () => {
    const id = await hook();
    await ground.raise();
    await ground.pool.pool.query(`update dipper.webhook set cursor = '1-1'`);
    const copy = ground.copy();
    await copy.settle();
    expect((await view(id)).gapAt).not.toBeNull();
    await ground.raise();
    await copy.settle();
    expect(told()).toEqual(['alarm.created 1']);
  });

  it('in quiet hours is only what is critical', async () => {
    // 12:00 in Shanghai.
    await hook({ quietHours: { from: '11:30', until: '13:00' }, types: ['alarm.created'] });
    await ground.raise('high');
    await ground.raise('critical');
    const copy = ground.copy();
    await copy.settle();
    expect(receiver.received.map(({ json }) => json.data?.['priority'])).toEqual(['critical']);
    ground.nowMs += 60 * MINUTE_MS - 1;
    await copy.settle();
    expect(receiver.received).toHaveLength(1);
    ground.nowMs += 1;
    await copy.settle();
    expect(receiver.received.map(({ json }) => json.data?.['priority'])).toEqual(['critical', 'high']);
  });
});

describe('an alarm that nobody acknowledges', () => {
  const unseen = { critical: [2, 5], high: [10] };

  it('is told of level by level, once with two copies, until somebody does', async () => {
    await hook({ types: ['alarm.unseen'], unseen, format: 'wecom' });
    receiver.answer(200, '{"errcode":0}');
    const [one, other] = [ground.copy(), ground.copy()];
    const both = () => Promise.all([one.settle(), other.settle()]);
    const alarm = await ground.raise('critical');
    await ground.raise('medium');
    await both();
    ground.nowMs += 2 * MINUTE_MS;
    await both();
    ground.nowMs += 3 * MINUTE_MS;
    await both();
    const texts = receiver.received.map(({ json }) => (json['markdown'] as { content: string }).content);
    expect(texts).toHaveLength(2);
    expect(texts[0]).toContain('【紧急】告警无人确认：东门＜＠all＞有人');
    expect(texts[0]).toContain('已 2 分钟无人确认');
    expect(texts[1]).toContain('已 5 分钟无人确认');
    expect(texts[1]).toContain('https://dipper.example.cn/');
    const seen = await ground.raise('critical');
    await both();
    ground.nowMs += 2 * MINUTE_MS - 1;
    await ground.touch(seen, 'acknowledged');
    ground.nowMs += 10 * MINUTE_MS;
    await both();
    expect(receiver.received).toHaveLength(2);
    expect(await ground.rows('select * from dipper.webhook_unseen')).toEqual([]);
    expect(alarm).not.toBe(seen);
  });

  it('waits for the end of quiet hours unless it is critical', async () => {
    await hook({
      types: ['alarm.unseen'],
      unseen: { critical: [1], high: [1] },
      quietHours: { from: '22:00', until: '07:00' },
    });
    ground.nowMs = Date.UTC(2026, 10, 24, 15); // 23:00 in Shanghai
    const copy = ground.copy();
    await ground.raise('high');
    await ground.raise('critical');
    await copy.settle();
    ground.nowMs += MINUTE_MS;
    await copy.settle();
    expect(receiver.received.map(({ json }) => json.data?.['priority'])).toEqual(['critical']);
    ground.nowMs = Date.UTC(2026, 10, 24, 23);
    await copy.settle();
    expect(receiver.received.map(({ json }) => json.data?.['priority'])).toEqual(['critical', 'high']);
  });
});
