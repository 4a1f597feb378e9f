import { join } from 'node:path';
import type { WebhookView } from '@dipper/contract/api/webhook';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { openPage, PHONE, WIDE } from '../support/page/browser.ts';
import { type ConsoleGround, enterAs, startConsoleGround } from '../support/page/console-ground.ts';
import { ADMIN_PASSWORD } from '../support/running-hub.ts';
import { isSignedWith, startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

/** A folder for pictures of the page, to be looked at; none are made without it. */
const SHOTS = process.env['TEST_SHOTS_DIR'];

let admin: ApiClient;
let receiver: WebhookReceiver;
const complaints: (readonly string[])[] = [];

let shown: ConsoleGround;

beforeAll(async () => {
  [shown, receiver] = await Promise.all([
    startConsoleGround({ HUB_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.1' }),
    startWebhookReceiver(),
  ]);
  admin = await signIn(shown.hub.url, 'admin', ADMIN_PASSWORD);
});
afterAll(async () => {
  await shown?.stop();
  await receiver?.stop();
  expect(complaints.flat()).toEqual([]);
});

/** The page Integrations, for somebody who has just signed in. */
async function open(options: BrowserContextOptions): Promise<Page> {
  const { page, complaints: own } = await openPage(shown.browser, shown.hub.url, options);
  complaints.push(own);
  await page.goto(`${shown.hub.url}/integrations`);
  await enterAs(page);
  await page.getByRole('heading', { name: '集成' }).waitFor();
  return page;
}
const shoot = async (page: Page, name: string): Promise<void> => {
  if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`) });
};

describe('the page Integrations', () => {
  it('makes a webhook, shows its secret once, tests it, and tells what was sent', async () => {
    const page = await open(WIDE);
    await page.getByText('尚未配置任何推送').waitFor();
    await shoot(page, 'empty');
    await page.getByRole('button', { name: '新建 Webhook' }).click();
    await page.getByLabel('名称').fill('物业值班系统');
    await page.getByLabel('地址').fill('http://10.0.0.1/');
    await page.getByRole('dialog').getByLabel('紧急').fill('2, 10');
    await shoot(page, 'dialog');
    await page.getByRole('button', { name: '保存' }).click();
    await page.getByRole('alert').filter({ hasText: '该地址指向内部网络' }).waitFor();
    await page.getByLabel('地址').fill(`${receiver.url}/hook?token=t`);
    await page.getByRole('button', { name: '保存' }).click();
    await page.getByText('仅此一次显示').waitFor();
    const secret = await page.getByRole('dialog').getByRole('textbox').inputValue();
    await shoot(page, 'secret');
    await page.getByRole('button', { name: '我已保存' }).click();
    await page.getByText(`${receiver.url}/…`).waitFor();
    expect(await page.content()).not.toContain(secret);
    const [webhook] = await admin.list<WebhookView>('/api/v1/webhooks');
    expect(webhook).toMatchObject({ name: '物业值班系统', unseen: { critical: [2, 10] } });

    await page.getByRole('button', { name: '发送测试' }).click();
    await page.getByText('已送达：HTTP 204').waitFor();
    expect(receiver.received.every((each) => isSignedWith(each, secret))).toBe(true);
    receiver.answer(500);
    await page.getByRole('button', { name: '发送测试' }).click();
    await page.getByText('未送达：HTTP_500').waitFor();
    receiver.answer(204);
    await page.getByRole('button', { name: '消息记录' }).click();
    await page.getByRole('dialog').getByText('已放弃 · HTTP_500').waitFor();
    await shoot(page, 'deliveries');
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: '停用' }).click();
    await page.getByText('已停用').waitFor();
    await page.getByRole('button', { name: '启用' }).click();
    await page.getByText('使用中').waitFor();
    await shoot(page, 'wide');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Integrations' }).waitFor();
    await shoot(page, 'english');
  });

  it('fits a phone', async () => {
    const page = await open(PHONE);
    await page.getByText('物业值班系统').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await shoot(page, 'phone');
    await page.getByRole('button', { name: '修改' }).tap();
    await page.getByLabel('名称').waitFor();
    await shoot(page, 'phone-dialog');
  });
});
