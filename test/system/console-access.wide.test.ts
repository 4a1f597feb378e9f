import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccessRecordStep, AccessRecordView } from '@dipper/contract/api/access-record';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { idOf } from '../support/fake-hub/estate.ts';
import { type FakeHub, startFakeHub } from '../support/fake-hub/fake-hub.ts';
import { launchBrowser, type OpenPage, openPage, PHONE, WIDE } from '../support/page/browser.ts';
import { buildConsole } from '../support/page/build-console.ts';
import { STILL_PICTURE } from '../support/turning-camera.ts';

/** Two cores may have a lot else to do. */
const PATIENTLY = { withinMs: 30_000 };
const SHOTS = process.env['SCREENSHOTS'];

let dist: string;
let browser: Browser;
let hub: FakeHub;
let ended: AbortController;
let opened: OpenPage[] = [];

beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'dipper-access-'));
  await buildConsole(dist);
  browser = await launchBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await rm(dist, { recursive: true, force: true });
});
beforeEach(async () => {
  ended = new AbortController();
  const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
  hub = await startFakeHub({ dist, ffmpeg, picture: STILL_PICTURE, signal: ended.signal });
});
afterEach(async () => {
  for (const { context, complaints } of opened) {
    await context.close();
    expect(complaints).toEqual([]);
  }
  opened = [];
  ended.abort();
});

async function open(path: string, account: string, options: BrowserContextOptions = WIDE): Promise<Page> {
  const each = await openPage(browser, hub.url, { ...options, acceptDownloads: true });
  opened.push(each);
  await each.context.addCookies([{ name: 'fake_session', value: account, url: hub.url }]);
  await each.page.goto(hub.url + path);
  return each.page;
}

/** Kept for a look where SCREENSHOTS names a folder: as it is, on a phone, and in English. */
async function picture(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  const before = page.viewportSize() ?? WIDE.viewport;
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  await page.setViewportSize(PHONE.viewport);
  await page.screenshot({ path: join(SHOTS, `${name}-phone.png`), fullPage: true });
  await page.setViewportSize(before);
}
const changes = () => hub.access.asked.filter(({ method }) => method !== 'GET');
const rowOf = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });

describe('the rules of access points', () => {
  it('are said in plain words, with who passes now', async () => {
    const page = await open('/access', 'admin');
    const way = rowOf(page, '东门进');
    await way.getByText('“夜间”时段（每天 23:00–次日 06:00）：刷卡 + 密码').waitFor();
    await way.getByText('其余时间：刷卡、人脸或二维码').waitFor();
    await way.getByText('反潜回：不能连续两次朝同一方向通过，30 分钟后不再计较').waitFor();
    await way.getByText(/^现在（\d\d:\d\d）：/).waitFor();
    await rowOf(page, '东门出').getByText('策略过期后：谁也不能通过').waitFor();
    await picture(page, 'access-points');
    await page.getByRole('button', { name: 'English' }).click();
    await rowOf(page, 'East gate in').getByText('(daily 23:00–06:00 the next day): card + PIN').waitFor();
    await picture(page, 'access-points-english');
  });

  it('are made and changed; who was slower than somebody else is told so and loses nothing unseen', async () => {
    const page = await open('/access', 'admin');
    await page.getByRole('button', { name: '建立出入口' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('编号').fill('west-in');
    await dialog.getByLabel('中文名称').fill('西门进');
    await dialog.getByLabel('英文名称').fill('West in');
    await dialog.getByRole('button', { name: '保存' }).click();
    await dialog.getByText('请填写').waitFor();
    await dialog.getByLabel('道闸或门').click();
    await page.getByTitle('东门道闸').click();
    await picture(page, 'access-point-new');
    await dialog.getByRole('button', { name: '保存' }).click();
    await rowOf(page, '西门进').waitFor();
    const made = {
      id: 'west-in',
      place: 'east-gate',
      device: 'east-gate-barrier',
      name: { zh: '西门进', en: 'West in' },
    };
    const rules = { factorRules: [{ anyOf: [['card'], ['plate'], ['qr']] }] };
    expect(changes().at(-1)).toEqual({ method: 'POST', path: '/access-points', body: { ...made, rules } });

    await rowOf(page, '东门进').getByRole('button', { name: '修改' }).click();
    const edit = page.getByRole('dialog');
    await edit.getByLabel('中文名称').fill('东门入口');
    // Somebody else was faster.
    const [first] = hub.access.points;
    if (first === undefined) throw new Error('no access point');
    hub.access.points[0] = { ...first, version: 2, changedBy: 'zhao-lei', name: { zh: '东大门', en: 'East' } };
    await edit.getByRole('button', { name: '保存' }).click();
    await edit.getByText('zhao-lei 修改过这一项').waitFor();
    expect(await edit.getByLabel('中文名称').inputValue()).toBe('东门入口');
    await picture(page, 'access-point-conflict');
    await edit.getByRole('button', { name: '载入最新内容' }).click();
    await eventually(
      'what there is now',
      async () => (await edit.getByLabel('中文名称').inputValue()) === '东大门',
      PATIENTLY,
    );
    await edit.getByRole('button', { name: '保存' }).click();
    await eventually('it is taken', () => hub.access.points[0]?.version === 3, PATIENTLY);
    expect(hub.access.points[0]?.rules).toEqual(first.rules);
  });

  it('are switched off, which can be undone; what is deleted is asked about first', async () => {
    const page = await open('/access', 'admin', PHONE);
    await rowOf(page, '东门进').getByRole('button', { name: '停用' }).click();
    await page.getByRole('button', { name: '撤销' }).click();
    await eventually('it is on again', () => hub.access.points[0]?.version === 3, PATIENTLY);
    expect(changes().map(({ body }) => (body as { active: boolean }).active)).toEqual([false, true]);

    await page.getByRole('tab', { name: '时段' }).click();
    hub.access.refusal = 'ACCESS_STILL_USED';
    await rowOf(page, '夜间').getByRole('button', { name: '删除' }).click();
    await page.getByRole('dialog', { name: '删除“夜间”？' }).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: '删除' }).click();
    await page.getByText('仍被规则、同意书或通行权限引用').waitFor();
    await rowOf(page, '夜间').getByRole('button', { name: '删除' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '删除' }).click();
    await page.getByText('还没有时段').waitFor();
    expect(changes().at(-1)?.path).toContain('?version=1');
  });

  it('have hours with special days and statutory holidays, and areas that are reset', async () => {
    const page = await open('/access', 'admin');
    await page.getByRole('tab', { name: '时段' }).click();
    await page.getByRole('button', { name: '建立时段' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('名称', { exact: true }).fill('保洁');
    await dialog.getByLabel('周一').fill('8:00至12:00，14:00-25:00');
    await dialog.getByRole('button', { name: '保存' }).click();
    await dialog.getByText('请写作 08:00-12:00, 14:00-18:00', { exact: true }).waitFor();
    await dialog.getByLabel('周一').fill('8:00至12:00，14:00-18:00');
    await dialog.getByRole('button', { name: '周一的内容用于每天' }).click();
    await dialog.getByLabel('周日', { exact: true }).fill('');
    await dialog.getByLabel('不开放', { exact: true }).check();
    await dialog.getByRole('button', { name: '添加日期' }).click();
    await dialog.getByLabel('日期', { exact: true }).fill('2026-12-31');
    await picture(page, 'access-schedule-new');
    await dialog.getByRole('button', { name: '保存' }).click();
    await rowOf(page, '保洁').getByText('周一至周六 08:00–12:00, 14:00–18:00；周日 不开放').waitFor();
    const day = [
      [480, 720],
      [840, 1080],
    ];
    expect(changes().at(-1)?.body).toEqual({
      ...{ estate: 'sunshine', name: '保洁', holidays: 'closed' },
      weekly: [day, day, day, day, day, day, []],
      specialDays: [{ date: '2026-12-31', spans: [] }],
    });
    await picture(page, 'access-schedules');
    await page.getByRole('tab', { name: '区域' }).click();
    await rowOf(page, '院子').getByText('每天 04:00 清零').waitFor();
    await rowOf(page, '院子').getByRole('button', { name: '修改' }).click();
    await page.getByRole('dialog').getByLabel('最多人数').fill('40');
    await picture(page, 'access-area');
    await page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
    await rowOf(page, '院子').getByText('最多 40 人').waitFor();
    await picture(page, 'access-areas');
  });

  it('are read by a guard and changed by nobody who may not', async () => {
    const page = await open('/access', 'li-ming');
    await rowOf(page, '东门进').waitFor();
    expect(await page.getByRole('button', { name: /修改|停用|删除|建立/ }).count()).toBe(0);
  });
});

describe('what happened at a gate', () => {
  const step = (what: AccessRecordStep['what'], afterMs: number, rest: Partial<AccessRecordStep> = {}) => ({
    ...{ at: new Date(Date.now() - 60_000 + afterMs).toISOString(), what },
    ...{ reader: null, position: null, by: null, cause: null, ...rest },
  });
  const record = (number: number, rest: Partial<AccessRecordView>): AccessRecordView => ({
    ...{ id: idOf('media', 200 + number), correlation: idOf('media', 300 + number) },
    ...{ at: new Date(Date.now() - number * 60_000).toISOString(), estate: 'sunshine', agent: 'sunshine-edge' },
    ...{ place: 'east-gate', device: 'east-gate-barrier', accessPoint: 'east-in' },
    ...{ accessPointName: { zh: '东门进', en: 'East gate in' }, outcome: 'denied', reason: 'CREDENTIAL_UNKNOWN' },
    ...{ factors: ['card'], holder: null, policyVersion: 7, passage: null, steps: [] },
    ...rest,
  });
  const wang = { id: idOf('media', 250), kind: 'resident', name: '王芳', unit: '3-2-501', blocked: true } as const;

  beforeEach(() => {
    hub.access.records = [
      record(1, { steps: [step('asked', 0, { reader: 'east-reader' }), step('denied', 20)] }),
      record(2, { reason: 'HOLDER_BLOCKED', holder: wang }),
      record(3, {
        ...{
          outcome: 'granted',
          reason: 'PERMITTED',
          passage: 'taken',
          holder: { ...wang, name: '李强', blocked: false },
        },
        steps: [
          ...[step('asked', 0), step('granted', 15), step('gate', 400, { position: 'open' })],
          ...[step('taken', 3_000, { by: 'loop' }), step('gate', 6_000, { position: 'closed' })],
        ],
      }),
      record(4, { outcome: 'granted', reason: 'PERMITTED_ANTI_PASSBACK', factors: ['plate'], passage: 'not-taken' }),
      record(5, { reason: 'A_REASON_OF_TOMORROW' }),
    ];
  });

  it('is told one request a line: who was refused and why, what was decided, done and seen', async () => {
    const page = await open('/passages', 'li-ming');
    await rowOf(page, '王芳').getByText('此人（或车辆）已被停用').waitFor();
    const unknown = rowOf(page, '没有登记');
    await unknown.getByText('经过').click();
    await unknown.getByText('读头 east-reader').waitFor();
    await page.getByText('原因代码 A_REASON_OF_TOMORROW').waitFor();
    expect(await page.getByText('李强').count()).toBe(0);
    await picture(page, 'records-denied');
    await page.getByText('全部', { exact: true }).click();
    const passed = rowOf(page, '李强');
    await passed.getByText('经过').click();
    await passed.getByText('由地感得知').waitFor();
    await picture(page, 'records-all');
    await page.getByRole('button', { name: 'English' }).click();
    await rowOf(page, '李强').getByText('decided to let through, and told the gate to open').waitFor();
    await picture(page, 'records-english');
    hub.access.records = [];
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('Nothing in this time').waitFor();
  });

  it('is one step from the desk, and stands beside the gate', async () => {
    const page = await open('/', 'li-ming', PHONE);
    await page.getByRole('link', { name: '谁被拒绝' }).click();
    await rowOf(page, '王芳').getByText('此人（或车辆）已被停用').waitFor();
    await page.goto(`${hub.url}/gates/east-gate-barrier`);
    await rowOf(page, '王芳').getByText('此人（或车辆）已被停用').waitFor();
    await picture(page, 'gate-records');
    await page.getByRole('link', { name: '全部通行记录' }).click();
    await page.getByRole('heading', { name: '通行记录' }).waitFor();
  });
});

describe('a table of residents', () => {
  it('is looked through line by line before anything is imported', async () => {
    const page = await open('/residents', 'zhao-lei');
    await page.getByRole('button', { name: '导入' }).click();
    const drawer = page.getByRole('dialog');
    const loading = page.waitForEvent('download');
    await drawer.getByRole('link', { name: '下载模板' }).click();
    const template = await readFile(await (await loading).path(), 'utf8');
    expect(template).toBe('\uFEFF姓名,房号,卡号,车牌,出入口,时段,有效期至\r\n');
    const file = join(dist, '住户.csv');
    await writeFile(file, `${template}李强,1-1-202,04A23B01,,东门近,,\r\n`);
    const good = hub.access.importReport;
    const text = { zh: '本小区没有出入口“东门近”；是否为“东门进”', en: 'there is none' };
    hub.access.importReport = {
      ...{ ...good, outcome: 'refused', changes: [] },
      problems: [{ severity: 'error', file: '住户.csv', line: 2, column: '出入口', text }],
    };
    const choose = (): Promise<void> => drawer.getByLabel('选择 CSV 文件').setInputFiles(file);
    await choose();
    await drawer.getByText('住户.csv · 第 2 行 · 出入口').waitFor();
    await drawer.getByText('是否为“东门进”').waitFor();
    expect(await drawer.getByRole('button', { name: '导入', exact: true }).count()).toBe(0);
    await picture(page, 'residents-import-refused');
    hub.access.importReport = good;
    await choose();
    await drawer.getByText('新住户').waitFor();
    await picture(page, 'residents-import-tried');
    await drawer.getByRole('button', { name: '导入', exact: true }).click();
    await drawer.getByText('已导入').waitFor();
    const asked = hub.access.asked.map(({ body }) => body as { estate: string; dryRun?: boolean });
    expect(asked.map(({ estate, dryRun }) => [estate, dryRun])).toEqual([
      ['sunshine', true],
      ['sunshine', true],
      ['sunshine', undefined],
    ]);
    await picture(page, 'residents-imported');
  });
});

it('an edge that has gone by an old policy for a while stands on the desk until it does no more', async () => {
  const behindSince = new Date(Date.now() - 11 * 60_000).toISOString();
  const policy = {
    ...{ id: 'sunshine-edge', estate: 'sunshine', version: 8, changedAt: behindSince, expiresAt: behindSince },
    ...{ hasKey: true, ackedVersion: 7, ackedAt: behindSince, behindSince, problem: null },
  };
  hub.access.policies = [policy];
  const page = await open('/', 'li-ming');
  await page.getByText('1 个边缘节点的通行策略没有更新').waitFor();
  await picture(page, 'desk-late-policy');
  hub.access.policies = [{ ...policy, ackedVersion: 8, behindSince: null }];
  await page.reload();
  await page.getByRole('heading', { name: '告警' }).first().waitFor();
  await eventually(
    'the desk is quiet',
    async () => (await page.getByText('通行策略没有更新').count()) === 0,
    PATIENTLY,
  );
});
