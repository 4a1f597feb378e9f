import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CaseStepRequest } from '@dipper/contract/api/case';
import type { Role } from '@dipper/contract/api/session';
import { migrate, readMigrations } from '@dipper/hub/database/migrate';
import type { Actor } from '@dipper/hub/services';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DebianPostgres, startDebianPostgres } from '../support/debian-postgres.ts';
import { eventually } from '../support/eventually.ts';
import { type HubData, startHubData } from '../support/hub-data.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { placesWithClosedGates } from '../support/street-config.ts';

const OLD_CASE = '11111111-1111-4111-8111-111111111111';
const anybody = { username: 'anybody', password: 'anything' };
const actor = (name: string, ...roles: Role[]): Actor => ({ name, roles, scope: 'everywhere' });
const dispatcher = actor('dora', 'dispatcher');
const worker = actor('wang', 'grid-worker');

let database: DebianPostgres;
let broker: Mosquitto;
let outside: pg.Pool;
let now = Date.now();
const hubs: HubData[] = [];
const hub = (index: number): HubData => hubs[index % hubs.length] as HubData;

beforeAll(async () => {
  [database, broker] = await Promise.all([startDebianPostgres(), startMosquitto()]);
  outside = new pg.Pool({ connectionString: database.url, max: 4, application_name: 'outside' });
  outside.on('error', () => undefined);
  await migrate(
    outside,
    readMigrations().filter(({ name }) => name < '0007'),
    () => undefined,
  );
  await outside.query(`
    insert into dipper.grid_case (id, number, title_zh, title_en, category, platform, priority, source, state, version,
                                  estate, assignee, opened_at, deadline_at)
      values ('${OLD_CASE}', '20261120-0001', '旧案', 'Old', 'equipment-fault', 'convenience', 'low', 'alarm',
              'accepted', 6, 'lanting', 'wang', now() - interval '3 days', now() + interval '1 day');
    insert into dipper.case_step (id, grid_case, ordinal, action, from_state, to_state, by, assignee, at)
      select gen_random_uuid(), '${OLD_CASE}', ordinal, action, from_state, to_state, by, assignee,
             now() - interval '3 days' + ordinal * interval '1 hour'
        from (values (1, 'report', null, 'reported', 'rule:camera-offline', null),
                     (2, 'void', 'reported', 'voided', 'sun', null),
                     (3, 'reopen', 'voided', 'established', 'sun', null),
                     (4, 'dispatch', 'established', 'dispatched', 'dora', 'li'),
                     (5, 'dispatch', 'established', 'dispatched', 'dora', 'wang'),
                     (6, 'accept', 'dispatched', 'accepted', 'wang', null))
          as old (ordinal, action, from_state, to_state, by, assignee)`);
  const start = (copy: number): Promise<HubData> =>
    startHubData({
      databaseUrl: database.url,
      broker: { url: broker.url, hub: anybody },
      places: placesWithClosedGates(200, ['edge-a']),
      mqtt: { protocol: 5, clientId: `hub-${copy}` },
      now: () => now,
    });
  hubs.push(...(await Promise.all([0, 1].map(start))));
});
afterAll(async () => {
  await Promise.all(hubs.map((each) => each.stop()));
  await outside?.end();
  await Promise.all([database?.stop(), broker?.stop()]);
});

let places = 0;
async function open(): Promise<string> {
  places += 1;
  const report = { source: 'patrol', category: 'danger', title: 'x', place: `gate-${places}` } as const;
  return (await hub(places).services.cases.open(report, worker)).case.id;
}

const take = (copy: number, id: string, step: CaseStepRequest, by: Actor = dispatcher) =>
  hub(copy).services.cases.takeStep(id, step, by);
const codesOf = (results: readonly PromiseSettledResult<unknown>[]): string[] =>
  results.flatMap((result) => (result.status === 'rejected' ? [(result.reason as { code: string }).code] : []));

describe('cases on two hubs and Debian PostgreSQL', () => {
  it('that were there before are carried over with what their steps tell', async () => {
    const { case: old, steps } = await hub(0).services.cases.get(OLD_CASE, worker);
    expect(old).toMatchObject({ round: 2, firstHandler: 'li', assignee: 'wang', version: 6, overdue: false });
    expect(steps.map(({ round }) => round)).toEqual([1, 1, 2, 2, 2, 2]);
    expect(steps.every(({ deadlineAt, at, takenAt }) => deadlineAt === old.deadlineAt && at === takenAt)).toBe(true);
    const done = await take(0, OLD_CASE, { action: 'handle', version: 6, note: 'done' }, worker);
    expect(done.steps.at(-1)).toMatchObject({ action: 'handle', round: 2 });
    const timers = await outside.query('select kind from dipper.case_timer where grid_case = $1', [OLD_CASE]);
    expect(timers.rows).toEqual([{ kind: 'escalate' }]);
  });

  it('take one of many steps on one version; every other hears VERSION_CONFLICT and leaves no step', async () => {
    for (let round = 0; round < 25; round += 1) {
      const id = await open();
      const attempts = Array.from({ length: 6 }, (_, copy) =>
        take(copy, id, { action: copy % 2 === 0 ? 'establish' : 'comment', version: 1, note: String(copy) }),
      );
      const results = await Promise.allSettled(attempts);
      expect(codesOf(results)).toEqual(Array(5).fill('VERSION_CONFLICT'));
      const detail = await hub(round).services.cases.get(id, dispatcher);
      expect([detail.case.version, detail.steps.length]).toEqual([2, 2]);
      const winner = results.findIndex(({ status }) => status === 'fulfilled');
      expect(detail.steps[1]?.note).toBe(String(winner));
    }
  });

  it('take a step once that comes several times with one key, and answer each time', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await open();
      const step = { action: 'establish', version: 1, key: randomUUID() } as const;
      const results = await Promise.allSettled([0, 1, 2, 3].map((copy) => take(copy, id, step)));
      expect(codesOf(results)).toEqual([]);
      expect((await hub(round).services.cases.get(id, dispatcher)).steps).toHaveLength(2);
    }
  });

  it('are merged both ways at once without a deadlock, and never in a ring', async () => {
    for (let round = 0; round < 15; round += 1) {
      const ids = [await open(), await open(), await open()];
      const merges = ids.flatMap((from) => ids.filter((into) => into !== from).map((into) => ({ from, into })));
      const results = await Promise.allSettled(
        merges.map(({ from, into }, copy) => take(copy, from, { action: 'merge', version: 1, into })),
      );
      const refused = new Set(codesOf(results));
      for (const code of refused) expect(['VERSION_CONFLICT', 'MERGE_NOT_ALLOWED', 'STEP_NOT_ALLOWED']).toContain(code);
      const left = await outside.query(
        `select count(*)::int as n from dipper.grid_case where id = any($1::uuid[]) and merged_into is null`,
        [ids],
      );
      expect((left.rows[0] as { n: number }).n).toBeGreaterThanOrEqual(1);
    }
  });

  it('are reminded, escalated and entrusted once each, while connections break again and again', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, open));
    await outside.query(`insert into dipper.account (id, name, name_key, display_name, password_hash, roles)
                         values (gen_random_uuid(), 'admin', 'admin', 'Admin', 'x', '{admin}')`);
    const stop = new AbortController();
    const breaking = (async () => {
      while (!stop.signal.aborted) {
        await delay(150, undefined, { signal: stop.signal }).catch(() => undefined);
        await outside.query(`select pg_terminate_backend(pid) from pg_stat_activity
                              where backend_type = 'client backend' and pid <> pg_backend_pid() and random() < 0.2
                                and application_name <> 'outside' and query like '%case_%'`);
      }
    })();
    const due = async (kind: string): Promise<number> => {
      const { rows } = await outside.query<{ n: number }>(
        `select count(distinct grid_case)::int as n from dipper.case_step where action = $1 and grid_case = any($2::uuid[])`,
        [kind, ids],
      );
      return rows[0]?.n ?? 0;
    };
    try {
      for (const [kind, passedMs] of [
        ['remind', 95 * 60_000],
        ['escalate', 30 * 60_000],
        ['entrust', 6 * 24 * 3_600_000],
      ] as const) {
        now += passedMs;
        await eventually(kind, async () => (await due(kind).catch(() => 0)) === ids.length, { withinMs: 30_000 });
      }
    } finally {
      stop.abort();
      await breaking;
    }
    const { rows } = await outside.query<{ times: number; n: number }>(
      `select times, count(*)::int as n
         from (select count(*)::int as times from dipper.case_step
                where by = 'clock' and grid_case = any($1::uuid[]) group by grid_case, action) as each group by times`,
      [ids],
    );
    expect(rows).toEqual([{ times: 1, n: 90 }]);
  });
});
