import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Demo, startDemo } from '../support/demo.ts';
import { launchBrowser, type OpenPage, openPage, WIDE } from '../support/page/browser.ts';
import { processesWith } from '../support/processes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), 'dipper-console-demo-'));

let demo: Demo;
let browser: Browser;
let opened: OpenPage;

beforeAll(async () => {
  browser = await launchBrowser();
  demo = await startDemo({ cwd: root, command: 'exec npm start', dataDir, startWithinMs: 200_000 });
  opened = await openPage(browser, demo.url, WIDE);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await demo?.clear();
  rmSync(dataDir, { recursive: true, force: true });
});

it('shows the alarm, the live picture, the captured face and the case of the demo, and a hub that was killed', async () => {
  const { page, complaints } = opened;
  await page.goto(demo.url);
  await page.getByLabel('用户名').fill('admin');
  await page.getByLabel('密码').fill(demo.password);
  await page.keyboard.press('Enter');

  await page.locator('[data-queue-line]').filter({ hasText: '关闭时段有人出现' }).first().click({ timeout: 60_000 });
  await page.waitForSelector('figure[data-state="live"]', { timeout: 30_000 });

  await page.getByRole('button', { name: /查看抓拍/ }).click();
  await page.getByRole('dialog').locator('button[type="submit"]').click();
  const face = page.getByRole('dialog').locator('img');
  await face.waitFor({ timeout: 20_000 });
  await expect
    .poll(() => face.evaluate('document.querySelector("[role=dialog] img").naturalWidth'))
    .toBeGreaterThan(50);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  const hub = processesWith('DIPPER_DATA', dataDir).find(({ command }) => command.includes('services/hub/main.ts'));
  if (hub === undefined) throw new Error('the demo has no hub process');
  process.kill(hub.pid, 'SIGKILL');
  await page.waitForSelector('[data-phase="connecting"], [data-phase="lost"]', { timeout: 5_000 });
  await page.waitForSelector('[data-phase="live"]', { timeout: 60_000 });
  await page.waitForSelector('figure[data-state="live"]', { timeout: 60_000 });

  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '办理过程' }).waitFor();
  await page.getByText('系统自动').waitFor();
  expect(complaints).toEqual([]);
}, 240_000);
