import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { type FakeHub, startFakeHub } from '../fake-hub/fake-hub.ts';
import { launchBrowser, type OpenPage, openPage, WIDE } from './browser.ts';
import { buildConsole } from './build-console.ts';

/** Folder for pictures of what tests look at; none are taken without it. */
const SHOTS = process.env['SCREENSHOTS'];

/** The real console in a browser, on a fake hub that is a new one for each test. */
export interface FakeConsole {
  /** Of the test that runs. */
  readonly hub: FakeHub;
  /** Where the console was built. */
  readonly dist: string;
  /**
   * @param account signed in already; undefined: nobody is
   * @param before a script that runs before the page's own
   */
  open(path: string, account: string | undefined, options?: BrowserContextOptions, before?: string): Promise<Page>;
  /** Takes a picture, where somebody wants to see it. */
  shot(page: Page, name: string, fullPage?: boolean): Promise<void>;
}

/**
 * For the tests of the file that calls it; to be called before their own hooks, which may then set the hub up. A page that throws,
 * or asks anybody but the hub, fails its test.
 *
 * @param picture what cameras show as their still
 */
export function useFakeConsole(picture: Buffer | (() => Promise<Buffer>)): FakeConsole {
  let dist: string | undefined;
  let still: Buffer;
  let browser: Browser | undefined;
  let hub: FakeHub | undefined;
  let ended: AbortController;
  let opened: OpenPage[] = [];
  const there = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('the console is there once the tests run');
    return part;
  };

  beforeAll(async () => {
    dist = await mkdtemp(join(tmpdir(), 'dipper-console-'));
    await buildConsole(dist);
    still = typeof picture === 'function' ? await picture() : picture;
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    if (dist !== undefined) await rm(dist, { recursive: true, force: true });
  });
  beforeEach(async () => {
    ended = new AbortController();
    const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
    hub = await startFakeHub({ dist: there(dist), ffmpeg, picture: still, signal: ended.signal });
  });
  afterEach(async () => {
    const complaints = opened.flatMap((each) => each.complaints);
    for (const { context } of opened) await context.close();
    opened = [];
    ended.abort();
    expect(complaints).toEqual([]);
  });

  return {
    get hub() {
      return there(hub);
    },
    get dist() {
      return there(dist);
    },
    async open(path, account, options = WIDE, before) {
      const { url } = there(hub);
      const each = await openPage(there(browser), url, { ...options, acceptDownloads: true });
      opened.push(each);
      if (before !== undefined) await each.page.addInitScript(before);
      if (account !== undefined) await each.context.addCookies([{ name: 'fake_session', value: account, url }]);
      await each.page.goto(url + path);
      return each.page;
    },
    async shot(page, name, fullPage = false) {
      if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage });
    },
  };
}
