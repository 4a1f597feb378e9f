import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Alarm } from '@dipper/contract/api/alarm';
import type { DeadLetterView, ResendView } from '@dipper/contract/api/resend';
import type { EventDraft } from '@dipper/contract/events';
import { systemClock } from '@dipper/edge/link/clock';
import { readHubKeys } from '@dipper/edge/link/hub-keys';
import { createHubTime } from '@dipper/edge/link/hub-time';
import { createLink, type Link } from '@dipper/edge/link/link';
import { type Outbox, openOutbox } from '@dipper/edge/link/outbox';
import { openDatabasePool } from '@dipper/hub/database/pool';
import type { AuditEntry } from '@dipper/hub/domains/audit/audit.schema';
import { createResendService } from '@dipper/hub/domains/resend/resend.service';
import type { RunningHub } from '@dipper/hub/hub';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { eventually } from '../support/eventually.ts';
import { ORIGIN } from '../support/open-outbox.ts';
import { ADMIN_PASSWORD, type HubGround, startHubGround, startHubHere } from '../support/running-hub.ts';

const AGENT = `/api/v1/agents/${ORIGIN.agent}`;
let ground: HubGround;
let hub: RunningHub;
let admin: ApiClient;
let outbox: Outbox;
let link: Link;

const forced = (phase: 'started' | 'ended'): EventDraft => ({
  type: 'gate.forced',
  device: 'lanting-service-barrier',
  place: 'lanting-service-gate',
  occurredAtMs: Date.now(),
  data: { phase, since: new Date().toISOString(), relay: 'inactive', contact: 'open' },
});
const started = (): EventDraft => ({
  type: 'agent.started',
  occurredAtMs: Date.now(),
  data: { bootId: randomUUID(), version: 'test' },
});
const storedIds = async (): Promise<string[]> =>
  ((await ground.rows('select id from dipper.event order by sequence')) as { id: string }[]).map(({ id }) => id);
const receipted = (): Promise<unknown> =>
  eventually('everything to be receipted', () => outbox.figures().waiting === 0, { everyMs: 20 });
const resend = async (body: object): Promise<{ status: number; body: { items: ResendView[]; code?: string } }> => {
  const answer = await admin.send('POST', `${AGENT}/resends`, body);
  return { status: answer.status, body: (await answer.json()) as { items: ResendView[]; code?: string } };
};

/** As an older hub had left it, which did not know the type: a dead letter in the place of an event. */
async function refuse(id: string | undefined): Promise<{ epoch: string; sequence: string }> {
  const [position] = (await ground.rows(
    `delete from dipper.event_device where id = '${id}' returning epoch, sequence`,
  )) as [{ epoch: string; sequence: string }];
  await ground.rows(
    `insert into dipper.dead_letter (agent, topic, reason, sha256, bytes, epoch, sequence, first_at, last_at)
     values ('${ORIGIN.agent}', 'dipper/v1/lanting/lanting-edge-1/events', 'EVENT_TYPE_UNKNOWN', uuid_send('${id}'), 10,
             '${position.epoch}', ${position.sequence}, now(), now())`,
  );
  return position;
}

const occurrences = async (): Promise<number | undefined> =>
  (await admin.list<Alarm>('/api/v1/alarms?rule=barrier-forced'))[0]?.occurrences;

/** The real link of an edge over its real outbox. */
async function startLink(): Promise<void> {
  const hubTime = createHubTime(systemClock);
  const clock = systemClock;
  outbox = openOutbox({ path: join(ground.dir, 'outbox.sqlite'), origin: ORIGIN, budgetBytes: 1e7, clock, hubTime });
  const { username, password } = ground.broker.agent(ORIGIN.agent);
  link = createLink({
    ...{ origin: ORIGIN, bootId: randomUUID(), version: 'test', outbox, hubTime, clock, handlers: {} },
    broker: { url: ground.broker.url, protocolVersion: 4, username, password },
    keys: await readHubKeys(join(ground.dir, 'signing-key.pub.jwk')),
    log: pino({ level: 'silent' }),
  });
}

beforeAll(async () => {
  ground = await startHubGround();
  hub = await startHubHere(ground);
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
  await startLink();
  await eventually('the agent to be heard of', async () => (await admin.send('GET', AGENT)).status === 200);
});
afterAll(async () => {
  await link?.close();
  outbox?.close();
  await hub?.stop();
  await ground?.stop();
});

describe('events that an edge is asked for again', () => {
  it('are none where nothing was refused', async () => {
    expect(await resend({ what: 'dead-letters', reason: 'to see' })).toMatchObject({
      status: 409,
      body: { code: 'NOTHING_TO_RESEND' },
    });
  });

  it('are stored, judged and no longer asked for, once the hub takes what it refused', async () => {
    const reported = [started(), forced('started'), started()].map((draft) => link.report(draft));
    await receipted();
    await eventually('the alarm', async () => (await occurrences()) === 1);
    const [, refused] = reported;
    const { epoch, sequence } = await refuse(refused?.id);
    expect(await admin.list<DeadLetterView>('/api/v1/dead-letters?reason=EVENT_TYPE_UNKNOWN')).toMatchObject([
      { agent: ORIGIN.agent, epoch, sequence: Number(sequence), resentAt: null },
    ]);
    const answer = await resend({ what: 'dead-letters', code: 'EVENT_TYPE_UNKNOWN', reason: 'the hub is up to date' });
    expect(answer).toMatchObject({ status: 202, body: { items: [{ outcome: 'granted', events: 1, epoch }] } });
    const isJudged = `select from dipper.agent_evaluation where epoch = '${epoch}' and evaluated @> ${sequence}::bigint`;
    await eventually('the event is stored', async () => (await storedIds()).length === reported.length);
    await eventually('the event is judged', async () => (await ground.rows(isJudged)).length === 1);
    expect(await storedIds()).toEqual(reported.map(({ id }) => id));
    // What was told once counts once, however often it is judged.
    expect(await occurrences()).toBe(1);
    await receipted();
    expect(await admin.list<ResendView>(`${AGENT}/resends`)).toMatchObject([{ what: 'dead-letters', arrived: 1 }]);
    const [letter] = await admin.list<DeadLetterView>('/api/v1/dead-letters');
    expect(letter?.resentAt).not.toBeNull();
    expect((await resend({ what: 'dead-letters', reason: 'once more' })).body.code).toBe('NOTHING_TO_RESEND');
    const [entry] = await admin.list<AuditEntry>('/api/v1/audit?action=agent.resend');
    expect(entry).toMatchObject({ target: ORIGIN.agent, reason: 'once more', outcome: 'NOTHING_TO_RESEND' });
  });

  describe('by a hub that dies over it', () => {
    const newest = async (): Promise<ResendView | undefined> =>
      (await admin.list<ResendView>(`${AGENT}/resends?limit=1`))[0];
    /** So long ago that whoever asked must be gone. */
    const letTimePass = (): Promise<unknown> =>
      ground.rows(`update dipper.resend set asked_at = asked_at - interval '1 minute' where outcome is null`);
    const sentAgain = (events: number): Promise<unknown> =>
      eventually(
        'the answer, and the event in the database again',
        async () => (await newest())?.outcome === 'granted' && (await storedIds()).length === events,
        { everyMs: 50 },
      );

    it('are asked for by the next one, when it died before it sent the command', async () => {
      const reported = link.report(forced('ended'));
      await receipted();
      const before = await storedIds();
      await refuse(reported.id);
      const pool = openDatabasePool(ground.database.url, pino({ level: 'silent' }));
      const dying = createResendService({
        db: pool.db,
        agents: { get: async () => ({ estate: ORIGIN.estate }) as never, challenge: async () => 'c' },
        sendCommand: () => new Promise(() => undefined),
        log: pino({ level: 'silent' }),
      });
      const wanted = { what: 'dead-letters', reason: 'before a death' } as const;
      void dying.request(ORIGIN.agent, wanted, 'admin', new AbortController().signal);
      await eventually('the intention', async () => (await newest())?.reason === 'before a death', { everyMs: 20 });
      await pool.close();
      expect(await newest()).toMatchObject({ outcome: null, arrived: 0 });
      await letTimePass();
      await sentAgain(before.length);
      expect(await storedIds()).toEqual(before);
      expect((await resend({ what: 'dead-letters', reason: 'once more' })).body.code).toBe('NOTHING_TO_RESEND');
    });

    it('are each stored once, when it died before it wrote down the answer', async () => {
      const reported = link.report(forced('ended'));
      await receipted();
      const before = await storedIds();
      await refuse(reported.id);
      expect(await resend({ what: 'dead-letters', reason: 'another death' })).toMatchObject({ status: 202 });
      await sentAgain(before.length);
      const { id } = (await newest()) ?? {};
      await ground.rows(
        `update dipper.dead_letter set resent_at = null where sequence = (select max(sequence) from dipper.dead_letter)`,
      );
      await ground.rows(`update dipper.resend set outcome = null, events = null where id = '${id}'`);
      await letTimePass();
      await sentAgain(before.length);
      await receipted();
      expect(await storedIds()).toEqual(before);
      expect((await resend({ what: 'dead-letters', reason: 'once more' })).body.code).toBe('NOTHING_TO_RESEND');
    });
  });

  it('fill up a hub that was restored from a backup, each event once', async () => {
    const before = await storedIds();
    const backup = before.slice(0, 1);
    await ground.rows(`delete from dipper.event_device where id <> '${backup[0]}'`);
    await ground.rows(`update dipper.agent_evaluation set evaluated = '{[1,2)}'`);
    await ground.rows(`update dipper.agent_epoch set seen = '{[1,2)}'`);
    const receiptedSince = new Date(Date.now() - 3_600_000).toISOString();
    const answer = await resend({
      what: 'everything',
      receiptedSince,
      reason: 'restored from the backup of last night',
    });
    expect(answer).toMatchObject({ status: 202, body: { items: [{ outcome: 'granted', events: before.length }] } });
    await eventually('the events', async () => (await storedIds()).length >= before.length);
    await receipted();
    expect(await storedIds()).toEqual(before);
  });

  it('are gone once the edge has forgotten them, and cannot be asked for while it is away', async () => {
    const receiptedSince = new Date(Date.now() + 60_000).toISOString();
    const wanted = { what: 'everything', receiptedSince, reason: 'to see' };
    expect(await resend(wanted)).toMatchObject({ status: 410, body: { code: 'OUTBOX_NOTHING_KEPT' } });
    expect(await admin.list<ResendView>(`${AGENT}/resends?limit=1`)).toMatchObject([
      { outcome: 'OUTBOX_NOTHING_KEPT' },
    ]);
    await link.close();
    await eventually('the agent to be away', async () => (await resend(wanted)).body.code === 'AGENT_OFFLINE');
  });
});
