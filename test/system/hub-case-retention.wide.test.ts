import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CaseDetail } from '@dipper/contract/api/case';
import type { CaseAttachment } from '@dipper/contract/api/case-attachment';
import type { CaseFigures } from '@dipper/contract/api/case-figures';
import type { DeletionView } from '@dipper/contract/api/retention';
import { type DatabasePool, openDatabasePool } from '@dipper/hub/database/pool';
import { createCaseRetention } from '@dipper/hub/domains/case/case-retention';
import type { RunningHub } from '@dipper/hub/hub';
import { createLateHours } from '@dipper/hub/retention/late-hours';
import { createMaintenance } from '@dipper/hub/retention/maintenance';
import { createRetentionMetrics } from '@dipper/hub/retention/metrics';
import { readRetentionFile } from '@dipper/hub/retention/retention-file';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../support/api-client.ts';
import { answerOf, type CaseDesk, createCaseDesk, sendPicture } from '../support/case-desk.ts';
import { type HubGround, startHubGround, startHubHere } from '../support/running-hub.ts';

const RETENTION_FILE = fileURLToPath(new URL('../../config/retention.yaml', import.meta.url));
const YEAR_BEFORE = new Date(Date.now() - 300 * 86_400_000).toISOString();
const silent = pino({ level: 'silent' });

let ground: HubGround;
let hub: RunningHub;
let pool: DatabasePool;
let desk: CaseDesk;
let admin: ApiClient;
let dispatcher: ApiClient;

beforeAll(async () => {
  ground = await startHubGround();
  hub = await startHubHere(ground);
  pool = openDatabasePool(ground.database.url, silent);
  desk = await createCaseDesk(hub.url);
  ({ admin, dispatcher } = desk);
});
afterAll(async () => {
  await pool?.close();
  await hub?.stop();
  await ground?.stop();
});

/** Looks after the data as the hub does every ten minutes. */
async function lookAfterData(): Promise<void> {
  await ground.rows('update dipper.history_job set next_at = null, holder = null');
  const maintenance = createMaintenance({
    ...{ db: pool.db, policy: readRetentionFile(RETENTION_FILE), lateHours: createLateHours(), log: silent },
    ...{ cases: createCaseRetention(ground.env['HUB_MEDIA_DIR'] ?? ''), now: Date.now },
    metrics: createRetentionMetrics(new Registry()),
  });
  await maintenance.runDue(new AbortController().signal);
  const failed = await ground.rows(`select class, error from dipper.history_job where error is not null`);
  expect(failed).toEqual([]);
}

describe('a case that has ended', () => {
  const SECRET = '王小明 13800000000';
  async function age(ids: readonly string[], days: number): Promise<void> {
    await ground.rows(`update dipper.grid_case set closed_at = now() - interval '${days} days'
                        where id in (${ids.map((id) => `'${id}'`).join()})`);
    await lookAfterData();
  }

  it('loses its pictures, then its words, then its record, each with a proof; figures and open cases lose nothing', async () => {
    const ended = (await desk.open({ category: 'food-safety', title: SECRET, text: SECRET })).case.id;
    const open = (await desk.open({ category: 'food-safety', title: SECRET })).case.id;
    const merged = (await desk.open({ category: 'food-safety', title: SECRET, text: SECRET })).case.id;
    const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123' } })
      .png()
      .toBuffer();
    const attach = async (id: string): Promise<string> => {
      const answer = await sendPicture(hub.url, dispatcher, id, { body: picture, type: 'image/png' });
      return (await answerOf<CaseAttachment>(answer, 201)).id;
    };
    const [gone, kept] = [await attach(ended), await attach(merged)];
    await desk.bringToClose(ended);
    await desk.step(dispatcher, merged, { action: 'merge', into: open, note: SECRET });
    const aged = [ended, merged];
    const look = async (id: string, of: string) =>
      (await dispatcher.send('GET', `/api/v1/cases/${id}/attachments/${of}`)).status;
    const proofsOf = async (name: string) =>
      (await admin.list<DeletionView>(`/api/v1/deletions?class=${name}`)).map(({ subject, rows, sha256 }) => [
        ...[subject, rows, sha256],
      ]);
    const hashOf = (id: string): string =>
      createHash('sha256')
        .update(Buffer.from(id.replaceAll('-', ''), 'hex'))
        .digest('hex');
    const figures = () => admin.get<CaseFigures>(`/api/v1/cases/figures?from=${YEAR_BEFORE}`).then((all) => all.items);
    const counted = await figures();

    await age(aged, 300);
    expect([await look(ended, gone), await proofsOf('case-picture')]).toEqual([200, []]);
    await age(aged, 400);
    expect([await look(ended, gone), await look(merged, kept)]).toEqual([410, 200]);
    expect(readdirSync(`${ground.env['HUB_MEDIA_DIR']}/kept`)).not.toContain(gone);
    expect(await proofsOf('case-picture')).toEqual([['case_attachment', 1, hashOf(gone)]]);
    expect((await admin.get<CaseDetail>(`/api/v1/cases/${ended}`)).case.text).toBe(SECRET);

    await age(aged, 1_200);
    const bare = await admin.get<CaseDetail>(`/api/v1/cases/${ended}`);
    expect(bare.case).toMatchObject({ text: null, title: { zh: '（内容已到期删除）' }, firstHandler: 'grid-worker' });
    expect(bare.steps.map(({ action }) => action).at(-1)).toBe('close');
    expect(JSON.stringify(bare)).not.toContain('13800000000');
    expect(await proofsOf('case-text')).toEqual([['case_words', 1, hashOf(ended)]]);
    expect((await admin.get<CaseDetail>(`/api/v1/cases/${merged}`)).case.text).toBe(SECRET);

    await age(aged, 3_700);
    expect((await admin.send('GET', `/api/v1/cases/${ended}`)).status).toBe(404);
    const steps = bare.steps.length;
    expect(await proofsOf('case')).toEqual([
      ['case_step', steps, expect.any(String)],
      ['grid_case', 1, hashOf(ended)],
    ]);
    expect(await ground.rows('select count(distinct gone_case)::int as n from dipper.case_past_step')).toEqual([
      { n: 1 },
    ]);
    for (const id of [open, merged]) expect((await admin.send('GET', `/api/v1/cases/${id}`)).status).toBe(200);
    expect(await figures()).toEqual(counted);
  });

  it('keeps its steps from being changed otherwise', async () => {
    const { id } = (await desk.open({ category: 'food-safety' })).case;
    await desk.bringToClose(id);
    for (const change of [
      `update dipper.case_step set note = 'x'`,
      `update dipper.case_step set by = 'x', note = null`,
    ]) {
      await expect(ground.rows(`${change} where grid_case = '${id}'`), change).rejects.toThrow('append-only');
    }
    await expect(ground.rows(`delete from dipper.case_step where grid_case = '${id}'`)).rejects.toThrow('append-only');
    await expect(ground.rows('delete from dipper.case_past_step')).rejects.toThrow('append-only');
  });
});

describe('an alarm that has ended', () => {
  const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  const idOf = (n: number | undefined): string => (n === undefined ? 'null' : `'${uuid(n)}'`);
  const OLD = `now() - interval '731 days'`;
  const RECENT = `now() - interval '729 days'`;
  const LASTS = 'null';

  const incident = (n: number, open = false): string => `
    insert into dipper.incident (id, title_zh, title_en, priority, open, estate, agent, started_at, last_at)
    values ('${uuid(n)}', '道闸', 'Gate', 'high', ${open}, 'lanting', 'lanting-edge-1', ${OLD}, ${OLD})`;

  const alarm = (n: number, clearedAt: string, more: { incident?: number; suppressedBy?: number } = {}): string => `
    insert into dipper.alarm (id, rule, key, priority, title_zh, title_en, active, late, estate, agent, incident, suppressed_by,
                              raised_at, last_occurred_at, cleared_at)
    values ('${uuid(n)}', 'gate-forced', 'key-${n}', 'high', '道闸', 'Gate', ${clearedAt === LASTS}, false, 'lanting', 'lanting-edge-1',
            ${idOf(more.incident)}, ${idOf(more.suppressedBy)}, ${OLD}, ${OLD}, ${clearedAt});
    insert into dipper.alarm_transition (alarm, what, at) values ('${uuid(n)}', 'raised', ${OLD})`;

  const shelf = (n: number, of: number, endedAt: string): string => `
    insert into dipper.alarm_shelf (id, rule, key, alarm, estate, reason, shelved_at, shelved_by, until_at, ended_at)
    values ('${uuid(n)}', 'gate-forced', 'shelf-${n}', '${uuid(of)}', 'lanting', 'test', ${OLD}, 'admin', now() + interval '1 day', ${endedAt});
    update dipper.alarm set shelf = '${uuid(n)}' where id = '${uuid(of)}'`;

  it('goes after two years with what was done to it and its incident; what lasts, silences what lasts or became a case stays', async () => {
    const { id } = (await desk.open({ category: 'food-safety' })).case;
    // In one transaction: the hub looks after its data at any time.
    const told = [
      ...[incident(101), incident(102, true), incident(103), incident(104)],
      `update dipper.grid_case set incident = '${uuid(103)}' where id = '${id}'`,
      ...[alarm(1, OLD, { incident: 101 }), alarm(2, OLD, { incident: 101, suppressedBy: 1 })],
      ...[alarm(3, RECENT), alarm(4, LASTS), alarm(5, OLD, { incident: 102 }), alarm(6, OLD, { incident: 103 })],
      ...[alarm(7, OLD), alarm(8, LASTS, { suppressedBy: 7 })],
      ...[alarm(9, OLD), shelf(201, 9, OLD), alarm(10, OLD, { incident: 104 }), shelf(202, 10, 'null')],
    ];
    await ground.rows(`begin; ${told.join('; ')}; commit`);
    await lookAfterData();
    const left = async (table: string): Promise<readonly unknown[]> => {
      const rows = await ground.rows(`select id from dipper.${table} where id < '${uuid(300)}' order by id`);
      return (rows as { id: string }[]).map((row) => row.id);
    };
    expect(await left('alarm')).toEqual([3, 4, 5, 6, 7, 8, 10].map(uuid));
    expect(await left('incident')).toEqual([102, 103, 104].map(uuid));
    expect(await left('alarm_shelf')).toEqual([uuid(202)]);
    const ids = Buffer.from([1, 2, 9].map((n) => uuid(n).replaceAll('-', '')).join(''), 'hex');
    const proofs = await admin.list<DeletionView>('/api/v1/deletions?class=alarm');
    expect(proofs).toMatchObject([
      { subject: 'alarm', rows: 3, sha256: createHash('sha256').update(ids).digest('hex') },
    ]);
    for (const change of [`update dipper.alarm_transition set note = 'x'`, `delete from dipper.alarm_transition`]) {
      await expect(ground.rows(`${change} where alarm = '${uuid(4)}'`), change).rejects.toThrow('append-only');
    }
  });
});
