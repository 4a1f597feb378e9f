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

describe('a case that has ended', () => {
  const SECRET = '王小明 13800000000';
  /** Ages what has ended, and looks after the data as the hub does every ten minutes. */
  async function age(ids: readonly string[], days: number): Promise<void> {
    await ground.rows(`update dipper.grid_case set closed_at = now() - interval '${days} days'
                        where id in (${ids.map((id) => `'${id}'`).join()})`);
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
