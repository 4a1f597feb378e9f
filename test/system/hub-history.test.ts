import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { countEvents } from '@dipper/hub/domains/event/event-count.repository';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '../support/embedded-broker.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../support/embedded-database.ts';
import { eventually } from '../support/eventually.ts';
import { countRows, FILLED_TABLES, fillOldDatabase } from '../support/filled-database.ts';
import { type HubData, startHubData } from '../support/hub-data.ts';
import { faceCaptured, gateState } from '../support/sample-events.ts';
import { connectScriptedEdge, type ScriptedEdge } from '../support/scripted-edge.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Longer than the pause between two runs of the maintenance. */
const NEXT_RUN_MS = 11 * MINUTE_MS;

let database: EmbeddedDatabase;
let broker: EmbeddedBroker;
let hub: HubData;
let edge: ScriptedEdge;
let aheadMs = 0;
const startMs = Date.now();
const ADMIN = { name: 'admin', roles: ['admin'], scope: 'everywhere' } as const;
const epoch = randomUUID();
let sequence = 0;

const now = (): number => Date.now() + aheadMs;
const POLICY = readFileSync(fileURLToPath(new URL('../../config/retention.yaml', import.meta.url)), 'utf8');

/** @param faceDays how long faces are kept */
const startHub = (faceDays = 30): Promise<HubData> =>
  startHubData({
    ...{ databaseUrl: database.url, broker, now, keyDir: database.dir },
    retention: POLICY.replace('keepDays: 30', `keepDays: ${faceDays}`),
  });

async function listening(): Promise<void> {
  await eventually('the hub listens', async () => (await hub.data.readiness()).broker, { everyMs: 20 });
}

beforeAll(async () => {
  [database, broker] = await Promise.all([
    startEmbeddedDatabase(),
    startEmbeddedBroker({ agents: ['lanting/lanting-edge-1'] }),
  ]);
  await fillOldDatabase(database.url);
  hub = await startHub();
  edge = await connectScriptedEdge(broker, hub.signingKey.publicJwk);
  await listening();
});
afterAll(async () => {
  await edge?.close();
  await hub?.stop();
  await Promise.all([database?.stop(), broker?.stop()]);
});

/** Says that a thing happened so long before the test began, and waits until that is stored. */
async function tell(kind: 'face' | 'gate', ...agesMs: readonly number[]): Promise<void> {
  const events = agesMs.map((ageMs) => {
    sequence += 1;
    const over = { epoch, sequence, time: new Date(startMs - ageMs).toISOString() };
    return kind === 'face' ? faceCaptured(over) : gateState(over);
  });
  await edge.sendBatch(events);
  await eventually('receipted', () => edge.receipted.get(epoch)?.length === sequence, { everyMs: 20 });
}

async function runMaintenance(): Promise<void> {
  const before = now();
  aheadMs += NEXT_RUN_MS;
  await eventually(
    'maintenance of every class has run',
    async () =>
      (await hub.services.retention.list()).every(({ lastRunAt }) => {
        const ranAt = Date.parse(lastRunAt ?? '');
        return ranAt > before && ranAt <= now();
      }),
    { everyMs: 100, withinMs: 25_000 },
  );
}

const rows = async (text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await hub.pool.pool.query(text, [...values])).rows;

/** Counts as the raw events have them. */
async function countedByHand(from: Date, until: Date): Promise<unknown[]> {
  return rows(
    `select estate, date_trunc('hour', occurred_at) as hour, count(*)::int as events from dipper.event
      where occurred_at >= $1 and occurred_at < $2 group by 1, 2 order by 1, 2`,
    [from, until],
  );
}

async function expectTrueCounts(): Promise<void> {
  const { from, until, items } = await hub.services.eventCounts.count({});
  const raw = (await countedByHand(new Date(from), new Date(until))) as { hour: Date }[];
  expect(items).toEqual(raw.map((row) => ({ ...row, hour: row.hour.toISOString() })));
  expect(items.length).toBeGreaterThan(0);
}

describe('history', () => {
  it('finds in a database of an earlier version what was there', async () => {
    expect(await countRows(database.url)).toEqual(FILLED_TABLES);
    const of = { estate: 'old-estate' };
    expect((await hub.services.events.list({ ...of, limit: 1 })).items).toMatchObject([{ type: 'access.taken' }]);
    expect((await hub.services.alarms.list(of)).items).toMatchObject([{ active: true, title: { zh: '旧警' } }]);
    const { id } = (await hub.services.cases.list(of, ADMIN)).items[0] ?? { id: '' };
    expect(await hub.services.cases.get(id, ADMIN)).toMatchObject({
      case: { state: 'reported' },
      steps: [{ action: 'report' }],
    });
    expect((await hub.services.eventCounts.count(of)).items.length).toBeGreaterThan(90);
  });

  it('counts events per hour, true to the events before and after they are counted, and to those that come late', async () => {
    await tell('face', 30 * HOUR_MS, 29.5 * HOUR_MS, 5 * HOUR_MS, 0);
    await tell('gate', 30 * HOUR_MS, 5 * HOUR_MS, 5 * HOUR_MS, MINUTE_MS);
    await expectTrueCounts();
    await runMaintenance();
    const [counted] = await rows('select sum(events)::int as events from dipper.event_count_face');
    expect(counted).toEqual({ events: 3 });
    expect(await rows('select * from dipper.history_late_hour')).toEqual([]);
    await expectTrueCounts();

    await tell('face', 30 * HOUR_MS, 20 * HOUR_MS);
    await expectTrueCounts();
    await runMaintenance();
    expect(await rows('select sum(events)::int as events from dipper.event_count_face')).toEqual([{ events: 5 }]);
    await expectTrueCounts();
  });

  it('counts by what is asked for', async () => {
    const day = { from: new Date(startMs - 2 * DAY_MS), until: new Date(startMs + HOUR_MS) };
    const sum = async (filter: object): Promise<number> =>
      (await countEvents(hub.pool.db, { ...day, ...filter })).reduce((total, { events }) => total + Number(events), 0);
    expect(await sum({ type: 'face.captured' })).toBe(6);
    expect(await sum({ retention: 'device' })).toBe(4);
    expect(await sum({ estate: 'lanting', device: 'lanting-service-barrier' })).toBe(4);
    expect(await sum({ estate: 'elsewhere' })).toBe(0);
    await expect(hub.services.eventCounts.count({ from: day.until, until: day.from })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
  });

  it('deletes what is too old with its counts, and leaves a proof that can be recomputed', async () => {
    const age = 29.5 * DAY_MS;
    await tell('face', age, age, age + 5 * HOUR_MS, 20 * DAY_MS);
    await tell('gate', age);
    await runMaintenance();
    const old = `where occurred_at < now() - interval '28 days'`;
    const oldCounts = `select hour from dipper.event_count_face where hour < now() - interval '28 days'`;
    expect(await rows(oldCounts)).toHaveLength(2);
    const condemned = await rows(`select id, occurred_at from dipper.event_face ${old} order by id`);
    expect(condemned).toHaveLength(3);
    await hub.stop();
    hub = await startHub(28);
    await listening();
    await runMaintenance();
    expect(await rows(`select id from dipper.event_face ${old}`)).toEqual([]);
    expect(await rows(oldCounts)).toEqual([]);
    expect(await rows(`select type from dipper.event_device ${old}`)).toEqual([{ type: 'gate.state' }]);

    const { items } = await hub.services.retention.deletions({ class: 'face' });
    const proofs = items.filter(({ subject }) => subject === 'event_face');
    expect(proofs.reduce((sum, proof) => sum + proof.rows, 0)).toBe(3);
    const countProofs = items.filter(({ subject }) => subject === 'event_count_face');
    expect(countProofs.reduce((sum, proof) => sum + proof.rows, 0)).toBe(2);
    expect(proofs[0]).toMatchObject({ keepDays: 28, reason: { en: expect.stringContaining('thirty days') } });
    // A day at a time, each proof over the ids of its day in their binary form.
    for (const { from, until, rows: count, sha256 } of proofs) {
      const ids = condemned
        .filter(
          (row) => new Date(from) <= (row['occurred_at'] as Date) && (row['occurred_at'] as Date) <= new Date(until),
        )
        .map(({ id }) => String(id).replaceAll('-', ''));
      expect(ids).toHaveLength(count);
      expect(sha256).toBe(
        createHash('sha256')
          .update(Buffer.from(ids.join(''), 'hex'))
          .digest('hex'),
      );
    }
    await expect(hub.pool.pool.query('delete from dipper.deletion')).rejects.toThrow('append-only');
  });

  it('deletes of what is unfinished only what is over: facts that rules still need and resends without an answer stay', async () => {
    await rows(
      `insert into dipper.rule_fact (rule, key, kind, at, source, subject)
       select 'told', key, 'trigger', now() - days * interval '1 day', days::text, '{}'
         from unnest(array['over', 'over', 'waits', 'waits', 'lasts', 'lasts'], array[29, 31, 31, 32, 33, 34]) as t (key, days)`,
    );
    await rows(`insert into dipper.rule_timer values ('told', 'waits', now() + interval '1 day')`);
    await rows(
      `insert into dipper.alarm
         (id, rule, key, priority, title_zh, title_en, active, late, estate, agent, raised_at, last_occurred_at)
       values (gen_random_uuid(), 'told', 'lasts', 'low', '久', 'Long', true, false, 'old-estate', 'old-edge', now(), now())`,
    );
    await rows(
      `insert into dipper.resend (id, agent, receipted_since, reason, requested_by, requested_at, outcome, asked_at)
       select gen_random_uuid(), 'old-edge', now(), reason, 'admin', now() - days * interval '1 day', outcome, now()
         from unnest(array['young', 'over', 'open'], array[364, 366, 366], array['granted', 'granted', null])
              as t (reason, days, outcome)`,
    );
    await runMaintenance();
    expect(await rows(`select key, source from dipper.rule_fact where rule = 'told' order by 1, 2`)).toEqual([
      { key: 'lasts', source: '33' },
      { key: 'over', source: '29' },
      { key: 'waits', source: '31' },
    ]);
    expect(await rows('select reason from dipper.resend order by 1')).toEqual([
      { reason: 'open' },
      { reason: 'young' },
    ]);
    const { items } = await hub.services.retention.deletions({});
    const proven = items.filter((proof) => ['rule-fact', 'resend'].includes(proof.class));
    expect(proven.map(({ subject, rows: count }) => [subject, count]).sort()).toEqual([
      ['resend', 1],
      ['rule_fact', 3],
    ]);
  });

  it('compresses old days, and still finds what is in them', async () => {
    const chunks = await rows(
      `select is_compressed from timescaledb_information.chunks
        where hypertable_name = 'event_face' and range_end < now() - interval '8 days'`,
    );
    expect(chunks).toEqual([{ is_compressed: true }]);
    const [event] = await rows(`select id from dipper.event_face where occurred_at < now() - interval '8 days'`);
    expect(await hub.services.events.get(String(event?.['id']))).toMatchObject({ type: 'face.captured' });
  });

  it('keeps a sample of each device state that changed', async () => {
    const device = `camera-${randomUUID().slice(0, 8)}`;
    const online = { kind: 'camera', device, connection: 'online', since: '2026-11-24T08:00:00.000Z' } as const;
    for (const picture of ['ok', 'ok', 'frozen', 'ok'] as const) {
      await edge.sendDevice({ ...online, picture });
      await eventually('the state is there', async () => (await hub.services.devices.find(device))?.state?.kind, {
        everyMs: 20,
      });
    }
    const samples = await eventually(
      'the last state is there',
      async () => {
        const found = await rows(
          `select estate, agent, message ->> 'picture' as picture from dipper.device_sample
            where device = $1 order by at`,
          [device],
        );
        return found.length >= 3 && found;
      },
      { everyMs: 20 },
    );
    const from = { estate: 'lanting', agent: 'lanting-edge-1' };
    expect(samples).toEqual(['ok', 'frozen', 'ok'].map((picture) => ({ ...from, picture })));
  });

  it('says of each class how long it is kept, since when, and how the last run went', async () => {
    const list = await hub.services.retention.list();
    expect(list.map((view) => view.class)).toEqual([
      'face',
      'passage',
      'device',
      'scene',
      'device-sample',
      'audit',
      'dead-letter',
      'rule-failure',
      'rule-fact',
      'resend',
      'device-command',
      'recording-export',
      'face-consent',
      'impact-assessment',
      'access-holder',
      'alarm',
      'case-picture',
      'case-text',
      'case',
    ]);
    const face = list[0];
    expect(face).toMatchObject({ keepDays: 28, compressAfterDays: 7, lastError: null });
    expect(face?.bytes).toBeGreaterThan(10_000);
    expect(Date.parse(face?.oldestAt ?? '')).toBe(startMs - 20 * DAY_MS);
  });

  describe('with a clock that is wrong', () => {
    const facesOlderThan = (days: number): Promise<unknown[]> =>
      rows(`select id from dipper.event_face where occurred_at < now() - $1 * interval '1 day'`, [days]);
    const leapSec = async (): Promise<number | undefined> =>
      (await hub.metrics.getSingleMetric('dipper_hub_retention_clock_leap_seconds')?.get())?.values[0]?.value;

    it('deletes nothing that the clock of the database says is younger', async () => {
      await tell('face', 25 * DAY_MS);
      const before = await facesOlderThan(19);
      expect(before.length).toBeGreaterThan(0);
      const wasAheadMs = aheadMs;
      aheadMs += 365 * DAY_MS;
      await runMaintenance();
      aheadMs = wasAheadMs;
      expect(await facesOlderThan(19)).toEqual(before);
    });

    it('deletes nothing by clocks that have leapt together, says so, and believes them only after days', async () => {
      await tell('face', 35 * DAY_MS);
      // As if both showed a hundred days more than they did at the last look.
      await rows(`update dipper.retention_clock set known_at = now() - interval '100 days'`);
      await runMaintenance();
      expect(await facesOlderThan(34)).toHaveLength(1);
      const told = (await hub.services.retention.list()).find((view) => view.class === 'face')?.lastError;
      expect(told).toMatch(/^CLOCK_LEAPT: .* 100 days ahead of what was last seen/);
      expect(await leapSec()).toBeCloseTo((100 * DAY_MS) / 1_000, -4);
      await rows(`update dipper.retention_clock set leap_from = leap_from - interval '73 hours'`);
      await runMaintenance();
      expect(await facesOlderThan(34)).toEqual([]);
      expect((await hub.services.retention.list()).filter(({ lastError }) => lastError !== null)).toEqual([]);
      expect(await leapSec()).toBe(0);
    });
  });
});
