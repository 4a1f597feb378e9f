import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningHub } from '@dipper/hub/hub';
import type { Browser, Page } from 'playwright-core';
import { ADMIN_PASSWORD, type HubGround, startHubGround, startHubHere } from '../running-hub.ts';
import { launchBrowser } from './browser.ts';
import { buildConsole } from './build-console.ts';

/** The real console, served by a real hub, and a browser to look at it with. */
export interface ConsoleGround {
  readonly ground: HubGround;
  readonly hub: RunningHub;
  readonly browser: Browser;
  stop(): Promise<void>;
}

/** @param env settings of the hub besides those of every test */
export async function startConsoleGround(env: Readonly<Record<string, string>> = {}): Promise<ConsoleGround> {
  const dist = await mkdtemp(join(tmpdir(), 'dipper-console-'));
  const [ground, browser] = await Promise.all([startHubGround(), launchBrowser(), buildConsole(dist)]);
  const hub = await startHubHere(ground, { ...env, HUB_CONSOLE_DIR: dist });
  return {
    ground,
    hub,
    browser,
    async stop() {
      await browser.close();
      await hub.stop();
      await ground.stop();
      await rm(dist, { recursive: true, force: true });
    },
  };
}

/** Fills in the page for signing in and sends it. */
export async function enterAs(page: Page, name = 'admin', password = ADMIN_PASSWORD): Promise<void> {
  await page.getByLabel('用户名').fill(name);
  await page.getByLabel('密码').fill(password);
  await page.keyboard.press('Enter');
}
