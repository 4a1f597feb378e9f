import { join } from 'node:path';
import { codeOf } from '@dipper/hub/domains/totp/one-time-code';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPage, PHONE, WIDE } from '../support/page/browser.ts';
import { type ConsoleGround, enterAs, startConsoleGround } from '../support/page/console-ground.ts';
import { secretBytes } from '../support/secret-bytes.ts';

/** A folder where somebody wants to look at the pages. */
const SHOTS = process.env['TEST_SHOTS_DIR'];

let shown: ConsoleGround;

beforeAll(async () => {
  shown = await startConsoleGround({ HUB_REQUIRE_TOTP: 'true' });
}, 120_000);
afterAll(async () => {
  await shown?.stop();
});

describe('动态验证码', () => {
  it('is set up by who has to have it, and asked for at the next sign-in', async () => {
    const { page, complaints } = await openPage(shown.browser, shown.hub.url, PHONE);
    const shoot = async (name: string): Promise<void> => {
      if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`) });
    };
    const enter = async (): Promise<void> => {
      await enterAs(page);
    };
    await page.goto(shown.hub.url);
    await enter();
    await page.getByRole('button', { name: /当前用户/ }).click();
    await page.getByText('动态验证码…').click();
    await page.getByText('启用前不能使用其他功能').waitFor();
    await shoot('required');
    await page.getByRole('button', { name: '开始设置' }).click();
    const secret = page.getByText(/^[A-Z2-7]{32}$/);
    const bytes = secretBytes((await secret.textContent()) ?? '');
    await shoot('scan');
    const step = Math.floor(Date.now() / 30_000);
    await page.getByRole('textbox', { name: '动态验证码' }).fill(codeOf(bytes, step));
    await page.getByRole('button', { name: /启\s*用/ }).click();
    await page.getByText('请妥善保存这些恢复码').waitFor();
    await shoot('recovery');
    const recovery =
      (await page
        .getByRole('listitem')
        .filter({ hasText: /^[a-z2-7]{4}-/ })
        .first()
        .textContent()) ?? '';
    await page.getByRole('button', { name: '已保存' }).click();

    await page.setViewportSize(WIDE.viewport);
    await page.context().clearCookies();
    await page.reload();
    await enter();
    await page.getByText('该账号登录时还需输入动态验证码').waitFor();
    await shoot('sign-in');
    await page.getByRole('textbox', { name: '动态验证码' }).fill(codeOf(bytes, step));
    await page.keyboard.press('Enter');
    await page.getByText('动态验证码错误或已使用过').waitFor();
    await page.getByRole('textbox', { name: '动态验证码' }).fill(recovery);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /当前用户/ }).waitFor();
    expect(complaints).toEqual([]);
  });
});
