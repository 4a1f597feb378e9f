import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { migrate, readMigrations } from '@dipper/hub/database/migrate';
import { type DatabasePool, openDatabasePool } from '@dipper/hub/database/pool';
import { writeBundle } from '@dipper/hub/database/write-bundle';
import { eventInsertions } from '@dipper/hub/domains/event/event.repository';
import { countEventsIn } from '@dipper/hub/domains/event/event-count.repository';
import { createLateHours } from '@dipper/hub/retention/late-hours';
import { createMaintenance, type Maintenance } from '@dipper/hub/retention/maintenance';
import { createRetentionMetrics } from '@dipper/hub/retention/metrics';
import { readRetentionFile } from '@dipper/hub/retention/retention-file';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DebianPostgres, startDebianPostgres } from '../support/debian-postgres.ts';
import { countRows, FILLED_TABLES, fillOldDatabase } from '../support/filled-database.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SHIM = fileURLToPath(new URL('../support/timescale-shim.sql', import.meta.url));
const policy = readRetentionFile(fileURLToPath(new URL('../../config/retention.yaml', import.meta.url)));
const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
const never = new AbortController().signal;

let postgres: DebianPostgres;
let database: { readonly url: string; readonly pools: readonly [DatabasePool, DatabasePool] };

beforeAll(async () => {
  postgres = await startDebianPostgres();
});
afterAll(async () => {
  for (const pool of database?.pools ?? []) await pool.close();
  await postgres?.stop();
});

/** Each test has a database of its own, with the shim, and two hubs' connections to it. */
beforeEach(async () => {
  for (const pool of database?.pools ?? []) await pool.close();
  const name = `t${randomUUID().replaceAll('-', '')}`;
  const url = postgres.url.replace(/postgres$/, name);
  const admin = openDatabasePool(postgres.url, log);
  await admin.pool.query(`create database ${name}`).finally(() => admin.close());
  database = { url, pools: [openDatabasePool(url, log), openDatabasePool(url, log)] };
  await database.pools[0].pool.query(readFileSync(SHIM, 'utf8'));
});

const migrateTwice = (): Promise<unknown> =>
  Promise.all(database.pools.map(({ pool }) => migrate(pool, readMigrations(), () => undefined)));

async function applied(): Promise<string[]> {
  const { rows } = await database.pools[0].pool.query('select name from dipper.migration order by name');
  return rows.map(({ name }) => name);
}

describe('migrations by two hubs at once', () => {
  it('of an empty database', async () => {
    await migrateTwice();
    expect(await applied()).toEqual(readMigrations().map(({ name }) => name));
  });

  it('of one in which an earlier version has left its events, alarms and cases', async () => {
    await fillOldDatabase(database.url);
    expect(await applied()).toHaveLength(2);
    await migrateTwice();
    expect(await applied()).toEqual(readMigrations().map(({ name }) => name));
    expect(await countRows(database.url)).toEqual(FILLED_TABLES);
  });
});

describe('maintenance by two hubs at once', () => {
  let aheadMs = 0;
  const now = (): number => Date.now() + aheadMs;
  const hubOn = ({ db }: DatabasePool): { maintenance: Maintenance; lateHours: ReturnType<typeof createLateHours> } => {
    const lateHours = createLateHours();
    const metrics = createRetentionMetrics(new Registry());
    return { maintenance: createMaintenance({ db, policy, lateHours, metrics, cases: [], log, now }), lateHours };
  };

  it('deletes everything that is too old once, with proofs that add up to it', async () => {
    await migrateTwice();
    const { pool } = database.pools[0];
    await pool.query(
      `insert into dipper.rule_failure (rule, agent, error, occurred_at)
       select 'r', 'a', 'e', now() - interval '100 days' + n * interval '1 second' from generate_series(1, 12000) n`,
    );
    await pool.query(
      `insert into dipper.event_face (id, type, estate, agent, occurred_at, received_at, epoch, sequence, data)
       select gen_random_uuid(), 'face.captured', 'e', 'a', now() - interval '40 days' + n * interval '1 second', now(),
              gen_random_uuid(), n, '{}'::jsonb from generate_series(1, 12000) n
       union all
       select gen_random_uuid(), 'face.captured', 'e', 'a', now(), now(), gen_random_uuid(), 1, '{}'::jsonb`,
    );
    await Promise.all(database.pools.map((each) => hubOn(each).maintenance.runDue(never)));
    const { rows: proofs } = await pool.query(
      `select subject, sum(rows)::int as rows, count(distinct sha256)::int = count(*) as distinct from dipper.deletion
        group by subject order by subject`,
    );
    expect(proofs).toEqual([
      { subject: 'event_face', rows: 12000, distinct: true },
      { subject: 'rule_failure', rows: 12000, distinct: true },
    ]);
    const { rows: left } = await pool.query(
      'select (select count(*) from dipper.event_face) + (select count(*) from dipper.rule_failure) as left',
    );
    // What happened now says how late it is.
    expect(left).toEqual([{ left: '1' }]);
    const { rows: jobs } = await pool.query(
      'select class from dipper.history_job where holder is not null or error is not null',
    );
    expect(jobs).toEqual([]);
  });

  it('counts what two hubs store while they count, and never wrongly in between', async () => {
    await migrateTwice();
    const hubs = database.pools.map((pool) => ({ ...pool, ...hubOn(pool) }));
    const startMs = now();
    const range = { from: new Date(startMs - 10 * DAY_MS), until: new Date(startMs) };
    const hour = (index: number): Date => new Date(startMs - ((index % 50) + 3) * HOUR_MS);
    let index = 0;
    const store = async ({ db, lateHours }: (typeof hubs)[number]): Promise<void> => {
      for (let round = 0; round < 40; round += 1) {
        const events = Array.from({ length: 10 }, () => {
          index += 1;
          const event = {
            id: randomUUID(),
            type: 'gate.state',
            estate: 'e',
            agent: `agent-${index % 5}`,
            device: null,
            place: null,
            occurredAt: hour(index),
            rawAt: null,
            receivedAt: new Date(now()),
            epoch: randomUUID(),
            sequence: index,
            correlation: null,
            data: '{}',
          };
          return { retention: 'device' as const, event };
        });
        await db.transaction().execute(async (tx) => {
          await writeBundle(tx, eventInsertions(events));
          await lateHours.mark(tx, events, new Date(now()));
        });
      }
    };
    let isStoring = true;
    const keepCounting = async ({ maintenance }: (typeof hubs)[number]): Promise<void> => {
      while (isStoring) {
        aheadMs += 11 * 60_000;
        await maintenance.runDue(never);
      }
    };
    const compare = async (): Promise<void> => {
      const { db } = hubs[0] as (typeof hubs)[number];
      await db
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute(async (tx) => {
          const counted = (await countEventsIn(tx, range)).reduce((sum, { events }) => sum + Number(events), 0);
          const raw = await tx
            .selectFrom('dipper.event_device')
            .select(({ fn }) => fn.countAll<string>().as('n'))
            .executeTakeFirstOrThrow();
          expect(counted).toBe(Number(raw.n));
        });
    };
    const comparing = (async () => {
      while (isStoring) await compare();
    })();
    const counting = hubs.map(keepCounting);
    const storing = Promise.all(hubs.map(store)).finally(() => {
      isStoring = false;
    });
    await Promise.all([storing, comparing, ...counting]);
    aheadMs += 11 * 60_000;
    for (const { maintenance } of hubs) await maintenance.runDue(never);
    await compare();
    const { rows } = await (hubs[0] as (typeof hubs)[number]).pool.query(
      `select (select sum(events)::int from dipper.event_count_device) as counted,
              (select count(*)::int from dipper.history_late_hour) as late`,
    );
    expect(rows).toEqual([{ counted: 800, late: 0 }]);
  });
});
