import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AccountView } from '@dipper/contract/api/account';
import type { ImportReport } from '@dipper/contract/api/import';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { openPage, PHONE, WIDE } from '../support/page/browser.ts';
import { type ConsoleGround, enterAs, startConsoleGround } from '../support/page/console-ground.ts';
import { ADMIN_PASSWORD } from '../support/running-hub.ts';

/** A folder for pictures of the page, to be looked at; none are made without it. */
const SHOTS = process.env['TEST_SHOTS_DIR'];
const SAMPLE_DIR = fileURLToPath(new URL('../../config/samples/town', import.meta.url));
const STAFF = 'name,display_name,roles,scope\nxin-ren,新人,grid-worker,grid:hupan-grid-1\n';
const SAMPLE = readdirSync(SAMPLE_DIR).map((name) => join(SAMPLE_DIR, name));

let admin: ApiClient;
const complaints: (readonly string[])[] = [];

let shown: ConsoleGround;

beforeAll(async () => {
  shown = await startConsoleGround();
  admin = await signIn(shown.hub.url, 'admin', ADMIN_PASSWORD);
});
afterAll(async () => {
  await shown?.stop();
  expect(complaints.flat()).toEqual([]);
});

async function open(path: string, options: BrowserContextOptions): Promise<Page> {
  const { page, complaints: own } = await openPage(shown.browser, shown.hub.url, options);
  complaints.push(own);
  await page.goto(`${shown.hub.url}${path}`);
  await enterAs(page);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}
const shoot = async (page: Page, name: string): Promise<void> => {
  if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`) });
};
async function choose(page: Page, files: Parameters<ReturnType<Page['locator']>['setInputFiles']>[0]): Promise<void> {
  await page.getByRole('dialog').locator('input[type=file]').setInputFiles(files);
}

describe('the page People and places', () => {
  it('tells of mistakes line by line, shows what would change, and imports it', async () => {
    const page = await open('/places', WIDE);
    await page.getByText('湖畔社区').waitFor();
    await page.getByRole('button', { name: '导入' }).click();
    const text = '编号,名称,小区,类型\ngate-a,甲门,lantign,出入口\ngate-b,乙门,lanting,大门口\n';
    await choose(page, { name: '场所.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await page.getByText('2 处错误').waitFor();
    await page.getByText('是否为“lanting”').waitFor();
    await shoot(page, 'places-errors');

    await choose(page, SAMPLE);
    const row = page.getByRole('row', { name: /^网格/ });
    await row.waitFor();
    expect(await row.getByRole('cell').allTextContents()).toEqual(['49', '0', '0', '0']);
    await shoot(page, 'places-dry-run');
    await page.getByRole('dialog').getByRole('button', { name: '导入' }).click();
    await page.getByText('新人员的一次性激活码').waitFor();
    await shoot(page, 'places-imported');
    await page.getByRole('button', { name: '完成' }).click();
    await page.getByText('7 个社区 · 51 个网格').waitFor();
    await page.getByText('南渡社区').click();
    await page.getByText('南渡第五网格（集市）').waitFor();
    await shoot(page, 'places-tree');
  });

  it('asks before it removes, on a phone', async () => {
    const page = await open('/places', PHONE);
    await page.getByText('南渡社区').click();
    await page.getByText('桂香苑').waitFor();
    await shoot(page, 'places-phone');
    await page.getByRole('button', { name: '导入' }).click();
    const roster = 'grid,staff,days,hours\nhd-nandu-1,wg-nandu-1,mon-fri,08:00-18:00\n';
    await choose(page, { name: 'roster.csv', mimeType: 'text/csv', buffer: Buffer.from(roster) });
    await page.getByText('文件不再列出以前导入的 100 项').waitFor();
    const start = page.getByRole('dialog').getByRole('button', { name: '导入' });
    expect(await start.isDisabled()).toBe(true);
    await shoot(page, 'places-phone-decision');
    await page.getByText('删除（人员账号停用）').click();
    await start.click();
    await page.getByText('已导入').waitFor();
  });
});

describe('the page for a first password', () => {
  it('sets it with the code of the import, and then one signs in', async () => {
    const files = [{ name: 'staff.csv', contentBase64: Buffer.from(STAFF).toString('base64') }];
    const answer = await admin.send('POST', '/api/v1/imports', { files, missing: 'keep' });
    const [code] = ((await answer.json()) as ImportReport).codes;
    const { page, complaints: own } = await openPage(shown.browser, shown.hub.url, PHONE);
    complaints.push(own);
    await page.goto(shown.hub.url);
    await page.getByRole('link', { name: '设置密码' }).click();
    await page.getByLabel('用户名').fill('xin-ren');
    await page.getByLabel('一次性激活码').fill(code?.code.toUpperCase() ?? '');
    await page.getByLabel('新密码').fill('a first password');
    await shoot(page, 'set-password');
    await page.getByRole('button', { name: '设置密码' }).click();
    await page.getByText('密码已设置').waitFor();
    await page.getByRole('link', { name: '登录' }).click();
    await enterAs(page, 'xin-ren', 'a first password');
    await page.getByRole('navigation').waitFor();
  });
});

describe('the scope of an account', () => {
  it('is chosen in a tree of places', async () => {
    const page = await open('/accounts', WIDE);
    await page.getByRole('button', { name: '添加账号' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('用户名').fill('nandu-desk');
    await dialog.getByLabel('姓名').fill('南渡值守');
    await dialog.getByLabel('角色').click();
    await page.getByText('保安', { exact: true }).first().click();
    await page.keyboard.press('Escape');
    await dialog.getByLabel('范围').fill('南渡社区');
    await page.locator('.ant-select-tree').getByText('南渡社区').click();
    await page.keyboard.press('Escape');
    await dialog.getByLabel('初始密码').fill('a password of nandu');
    await shoot(page, 'account-scope');
    await dialog.getByRole('button', { name: '保存' }).click();
    await page.getByText('南渡值守').waitFor();
    const accounts = await admin.list<AccountView>('/api/v1/accounts?limit=200');
    expect(accounts.find(({ name }) => name === 'nandu-desk')?.scope).toEqual([{ level: 'community', id: 'hd-nandu' }]);
  });
});
