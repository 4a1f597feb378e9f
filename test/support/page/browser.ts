import { access } from 'node:fs/promises';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Debian's package `chromium`; the wider suite needs it and says so rather than being skipped. */
const CHROMIUM = '/usr/bin/chromium';
/** Nothing of the browser itself may reach for the network. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const WIDE = { viewport: { width: 1440, height: 900 } } as const;
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const;

export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors that scripts threw, violations of the policy, and addresses outside of the hub that were asked for. */
  readonly complaints: readonly string[];
}

/** @throws Error where Chromium is not installed */
export async function launchBrowser(): Promise<Browser> {
  await access(CHROMIUM).catch(() => {
    throw new Error(`${CHROMIUM} is missing: apt-get install chromium`);
  });
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** Opens a page of a hub in a browser without a past, in a zone that is not the estate's. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions): Promise<OpenPage> {
  const context = await browser.newContext({ ...options, timezoneId: 'America/New_York' });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) complaints.push(`policy: ${message.text()}`);
  });
  page.on('request', (request) => {
    const address = request.url();
    if (!address.startsWith(url) && !/^(blob|data):/.test(address)) complaints.push(`foreign: ${address}`);
  });
  return { page, context, complaints };
}
