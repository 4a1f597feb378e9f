import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, createApiClient, signIn } from '../support/api-client.ts';
import { eventually } from '../support/eventually.ts';
import { openPage, PHONE, WIDE } from '../support/page/browser.ts';
import { type ConsoleGround, enterAs, startConsoleGround } from '../support/page/console-ground.ts';
import { ADMIN_PASSWORD, STAFF_PASSWORD } from '../support/running-hub.ts';

/** A folder where somebody wants to look at the pages. */
const SHOTS = process.env['TEST_SHOTS_DIR'];

let admin: ApiClient;

let shown: ConsoleGround;

beforeAll(async () => {
  shown = await startConsoleGround();
  admin = await signIn(shown.hub.url, 'admin', ADMIN_PASSWORD);
  const account = { name: 'chen', displayName: '陈晨', password: STAFF_PASSWORD, roles: ['supervisor', 'guard'] };
  await admin.send('POST', '/api/v1/accounts', account);
}, 120_000);
afterAll(async () => {
  await shown?.stop();
});

const stateOf = async (client: ApiClient): Promise<number> => (await client.send('GET', '/api/v1/alarms')).status;

async function openSignedIn(name: string, password: string) {
  const opened = await openPage(shown.browser, shown.hub.url, WIDE);
  const { page } = opened;
  const shoot = async (shot: string): Promise<void> => {
    if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `account-${shot}.png`), fullPage: true });
  };
  await page.goto(shown.hub.url);
  await enterAs(page, name, password);
  await page.getByRole('button', { name: /当前用户/ }).waitFor();
  return { ...opened, shoot };
}

describe('我的账号', () => {
  it('makes a token that is told once, ends a session elsewhere, and changes the password', async () => {
    const { page, complaints, shoot } = await openSignedIn('chen', STAFF_PASSWORD);
    const elsewhere = await signIn(shown.hub.url, 'chen', STAFF_PASSWORD);
    await page.getByRole('button', { name: /当前用户/ }).click();
    await page.getByRole('link', { name: '我的账号' }).click();
    await page.getByText('还没有令牌').waitFor();
    await shoot('wide');

    await page.getByRole('button', { name: '新建令牌' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('名称').fill('报表');
    await dialog.getByLabel('角色').click();
    await page.getByTitle('督导', { exact: true }).click();
    await dialog.getByLabel('名称').click();
    await shoot('make');
    await dialog.getByRole('button', { name: /^新\s*建$/ }).click();
    const token = await page.getByRole('textbox', { name: '令牌 报表' }).inputValue();
    await shoot('told');
    const program = createApiClient(shown.hub.url, token);
    expect(await stateOf(program)).toBe(200);
    await page.getByRole('button', { name: '我已保存' }).click();
    await page.getByText('督导', { exact: true }).waitFor();
    expect(await page.content()).not.toContain(token);

    await page.getByRole('button', { name: /^退\s*出$/ }).click();
    await page
      .getByRole('tooltip')
      .getByRole('button', { name: /^退\s*出$/ })
      .click();
    await eventually('the other session has ended', async () => (await stateOf(elsewhere)) === 401);

    await page.getByRole('button', { name: /^吊\s*销$/ }).click();
    await shoot('revoke');
    await page
      .getByRole('tooltip')
      .getByRole('button', { name: /^吊\s*销$/ })
      .click();
    await eventually('the token is revoked', async () => (await stateOf(program)) === 401);
    await page.getByText('还没有令牌').waitFor();

    await page.getByLabel('当前密码').fill('not this one');
    await page.getByLabel('新密码', { exact: true }).fill('chosen-by-chen');
    await page.getByLabel('再次输入新密码').fill('chosen-by-chen');
    await page.getByRole('button', { name: '修改密码' }).click();
    await page.getByText('用户名或密码错误').waitFor();
    await page.getByLabel('当前密码').fill(STAFF_PASSWORD);
    await page.getByRole('button', { name: '修改密码' }).click();
    await page.getByText('密码已修改').waitFor();
    await signIn(shown.hub.url, 'chen', 'chosen-by-chen');

    await page.setViewportSize(PHONE.viewport);
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'My account' }).waitFor();
    await shoot('phone');
    await page.getByRole('heading', { name: 'API tokens' }).scrollIntoViewIfNeeded();
    await shoot('phone-tokens');
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
  });

  it('of somebody else: an administrator makes a code with which they set their password', async () => {
    const { page, complaints, shoot } = await openSignedIn('admin', ADMIN_PASSWORD);
    await page.goto(`${shown.hub.url}/accounts`);
    const row = page.getByRole('listitem').filter({ hasText: '陈晨' });
    await row.getByRole('button', { name: '激活码' }).click();
    await page
      .getByRole('tooltip')
      .getByRole('button', { name: /^生\s*成$/ })
      .click();
    const code = await page.getByRole('textbox', { name: 'chen 的激活码' }).inputValue();
    await shoot('code');
    await page.getByRole('button', { name: '我已保存' }).click();
    const set = await admin.send('POST', '/api/v1/password/by-code', { name: 'chen', code, password: 'set-by-a-code' });
    expect(set.status).toBe(204);
    await signIn(shown.hub.url, 'chen', 'set-by-a-code');
    await page.setViewportSize(PHONE.viewport);
    await shoot('accounts-phone');
    expect(complaints).toEqual([]);
  });
});
