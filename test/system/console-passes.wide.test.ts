import type { HolderDetail } from '@dipper/contract/api/holder';
import type { VisitorPass } from '@dipper/contract/api/pass';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { type ConsoleGround, enterAs, startConsoleGround } from '../support/page/console-ground.ts';
import { ADMIN_PASSWORD } from '../support/running-hub.ts';

const PHONE = { width: 390, height: 844 };
const SHOTS = process.env['SCREENSHOTS'];

let console: ConsoleGround;
let admin: ApiClient;
let resident: string;

beforeAll(async () => {
  console = await startConsoleGround();
  admin = await signIn(console.hub.url, 'admin', ADMIN_PASSWORD);
  const name = { zh: '东门进', en: 'East gate in' };
  const rules = { factorRules: [{ anyOf: [['qr'], ['plate']] }] };
  const point = { id: 'east-way-in', place: 'lanting-service-gate', device: 'lanting-service-barrier', name, rules };
  expect((await admin.send('POST', '/api/v1/access-points', point)).status).toBe(201);
  const made = await admin.send('POST', '/api/v1/holders', { estate: 'lanting', name: '王芳', unit: '3-2-501' });
  resident = ((await made.json()) as HolderDetail).holder.id;
  await admin.send('POST', `/api/v1/holders/${resident}/permits`, { accessPoints: ['east-way-in'] });
}, 120_000);
afterAll(() => console?.stop());

async function open(path: string, viewport = PHONE): Promise<Page> {
  const context = await console.browser.newContext({ viewport, locale: 'zh-CN' });
  const page = await context.newPage();
  await page.goto(`${console.hub.url}${path}`);
  return page;
}

/** Kept for a look where SCREENSHOTS names a folder. */
async function picture(page: Page, name: string): Promise<void> {
  if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

describe('passes on the page', () => {
  it('are given out at the desk, shown on the visitor’s phone, and taken back', async () => {
    const page = await open('/passes', { width: 1280, height: 800 });
    await enterAs(page);
    await page.getByText('暂无访客').waitFor();
    await picture(page, 'passes-empty');
    await page.getByRole('button', { name: '签发通行证' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('访客').fill('李强');
    await dialog.getByLabel('车牌').fill('浙A·12345');
    await dialog.getByLabel('出入口').click();
    await page.getByTitle('东门进').click();
    await picture(page, 'passes-new');
    await dialog.getByRole('button', { name: '签发' }).click();
    const link = (await page.getByText(`${console.hub.url}/pass/`).textContent()) ?? '';
    await picture(page, 'passes-shown');
    await page.getByRole('button', { name: '完成' }).click();
    await page.getByText('浙A12345').waitFor();
    await picture(page, 'passes-list');

    const phone = await open(new URL(link).pathname);
    const code = phone.locator('[data-pass-token]');
    await code.waitFor();
    const told = await (
      await fetch(`${console.hub.url}/api/v1/public${link.replace(console.hub.url, '').replace('/pass/', '/passes/')}`)
    ).json();
    expect(await code.getAttribute('data-pass-token')).toBe((told as VisitorPass).token);
    await picture(phone, 'pass-phone');

    await page.getByRole('button', { name: '撤销' }).click();
    await page.getByRole('dialog').getByLabel('原因').fill('不来了');
    await page.getByRole('dialog').getByRole('button', { name: '撤销' }).click();
    await page.getByText('暂无访客').waitFor();
    await phone.reload();
    await phone.getByText('该通行证已被住户或门卫撤销').waitFor();
    await picture(phone, 'pass-revoked');
    expect(await phone.locator('[data-pass-token]').count()).toBe(0);
  });

  it('are given out by a resident through their link', async () => {
    const invite = await admin.send('POST', `/api/v1/holders/${resident}/invite`);
    const { code } = (await invite.json()) as { code: string };
    const phone = await open(`/invite/${code}`);
    await phone.getByLabel('访客').fill('外卖');
    await phone.getByRole('button', { name: '签发' }).click();
    await phone.getByText('已签发的通行证').waitFor();
    await picture(phone, 'invite-phone');
    const [opened] = await Promise.all([
      phone.waitForEvent('popup'),
      phone.getByRole('link', { name: '打开' }).click(),
    ]);
    await opened.locator('[data-pass-token]').waitFor();
    const strange = await open('/invite/0000-0000-0000-0000-0000');
    await strange.getByText('链接已失效').waitFor();
  });
});
