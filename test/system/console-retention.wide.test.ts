import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../support/api-client.ts';
import { eventually } from '../support/eventually.ts';
import { type OpenPage, openPage, PHONE, WIDE } from '../support/page/browser.ts';
import { type ConsoleGround, enterAs, startConsoleGround } from '../support/page/console-ground.ts';
import { ADMIN_PASSWORD } from '../support/running-hub.ts';

const opened: OpenPage[] = [];

let shown: ConsoleGround;

beforeAll(async () => {
  shown = await startConsoleGround();
}, 120_000);
afterAll(async () => {
  const complaints = opened.flatMap((each) => each.complaints);
  await shown?.stop();
  expect(complaints).toEqual([]);
});

async function signedIn(options: BrowserContextOptions): Promise<Page> {
  const each = await openPage(shown.browser, shown.hub.url, options);
  opened.push(each);
  await each.page.goto(shown.hub.url);
  await enterAs(each.page);
  await each.page.getByRole('button', { name: /当前用户/ }).waitFor();
  return each.page;
}

const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth');

describe('数据保存', () => {
  it('says how long what is kept and why, on a desk and on a phone, and what has been deleted', async () => {
    const api = await signIn(shown.hub.url, 'admin', ADMIN_PASSWORD);
    await eventually('maintenance has run', async () =>
      (await api.list<{ lastRunAt: string | null }>('/api/v1/retention')).every(({ lastRunAt }) => lastRunAt !== null),
    );
    const page = await signedIn(WIDE);
    await page.goto(`${shown.hub.url}/retention`);
    await page.getByRole('heading', { name: '数据保存' }).waitFor();
    await page.getByText('人脸抓拍记录仅为出入口安全所需，保存三十日').waitFor();
    await page.getByText('还没有数据到期').waitFor();
    expect(await isTooWide(page)).toBe(false);

    await shown.ground.rows(
      `insert into dipper.deletion (id, class, subject, reason_zh, reason_en, keep_days, from_at, until_at, rows, sha256, at)
       select gen_random_uuid(), 'face', 'event_face', '到期', 'Too old', 30, now() - interval '31 days',
              now() - interval '30 days', 1234, sha256(n::text::bytea), now() from generate_series(1, 60) n`,
    );
    const phone = await signedIn(PHONE);
    await phone.goto(`${shown.hub.url}/retention`);
    await phone.getByText('1234 条').first().waitFor();
    expect(await phone.getByText('1234 条').count()).toBe(50);
    await phone.getByRole('button', { name: '加载更多' }).tap();
    await expect.poll(() => phone.getByText('1234 条').count()).toBe(60);
    expect(await isTooWide(phone)).toBe(false);
  });

  it('says so when the hub does not answer, and tries again when asked', async () => {
    const page = await signedIn(WIDE);
    await page.route('**/api/v1/retention', (route) => route.abort());
    await page.goto(`${shown.hub.url}/retention`);
    const alert = page.getByRole('alert').filter({ hasText: '没有成功' });
    await alert.waitFor();
    await page.unroute('**/api/v1/retention');
    await alert.getByRole('button', { name: '重试' }).click();
    await page.getByText('人脸抓拍记录', { exact: true }).first().waitFor();
  });
});
