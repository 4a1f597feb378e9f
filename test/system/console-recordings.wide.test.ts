import { readFile } from 'node:fs/promises';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FakeHub } from '../support/fake-hub/fake-hub.ts';
import { brightnessOf } from '../support/fake-hub/recordings.ts';
import { PHONE } from '../support/page/browser.ts';
import { useFakeConsole } from '../support/page/fake-console.ts';

const CAMERA = 'east-gate-camera';
const MINUTE_MS = 60_000;

const desk = useFakeConsole(Buffer.alloc(0));
/** The day before: whatever the hour, a whole day of it is over. */
let dayMs: number;
let firstMs: number;
let secondMs: number;

beforeEach(() => {
  const dayLengthMs = 1_440 * MINUTE_MS;
  const zoneMs = 480 * MINUTE_MS;
  dayMs = (Math.floor((Date.now() + zoneMs) / dayLengthMs) - 1) * dayLengthMs - zoneMs;
  firstMs = dayMs + 8 * 60 * MINUTE_MS;
  secondMs = dayMs + 13 * 60 * MINUTE_MS;
  desk.hub.recordings.spans.set(CAMERA, [
    { fromMs: firstMs, untilMs: firstMs + 4 * 60 * MINUTE_MS },
    { fromMs: secondMs, untilMs: secondMs + 6 * 60 * MINUTE_MS },
  ]);
  desk.hub.recordings.events.push(
    eventAt(1, 'face.captured', firstMs + 30 * MINUTE_MS),
    eventAt(2, 'vehicle.seen', secondMs + 20 * MINUTE_MS),
    eventAt(3, 'camera.offline', firstMs + 240 * MINUTE_MS),
  );
});
function eventAt(number: number, type: string, atMs: number): FakeHub['recordings']['events'][number] {
  const at = new Date(atMs).toISOString();
  return {
    id: `f0000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    type,
    known: true,
    retention: 'scene',
    estate: 'sunshine',
    agent: 'sunshine-edge',
    device: CAMERA,
    place: 'east-gate',
    occurredAt: at,
    receivedAt: at,
    epoch: 'f0000000-0000-4000-8000-000000000099',
    sequence: number,
    correlation: null,
    data: {},
  };
}

const open = (path: string, account = 'admin', options?: BrowserContextOptions): Promise<Page> =>
  desk.open(path, account, options);

const playing = (page: Page) => page.locator('figure[data-playback="playing"]').waitFor({ timeout: 15_000 });
const shot = (page: Page, name: string): Promise<void> => desk.shot(page, name, true);
/** The brightness on screen says which second of the recording it is. */
const brightness = (page: Page): Promise<number> =>
  page.evaluate(`(() => {
    const video = document.querySelector('video');
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 1;
    canvas.getContext('2d').drawImage(video, 40, 20, 40, 40, 0, 0, 1, 1);
    return canvas.getContext('2d').getImageData(0, 0, 1, 1).data[0];
  })()`);

describe('recordings of a camera', () => {
  it('shows a day with its gaps and events, plays from an instant to the picture, and goes back to live', async () => {
    const page = await open('/devices', 'li-ming');
    await page.locator('article').filter({ hasText: '东门人脸相机' }).getByText('录像与时间轴').click();
    await page.locator('figure[data-state="live"]').waitFor({ timeout: 15_000 });
    expect(await page.getByRole('button', { name: '导出录像' }).count(), 'a guard exports nothing').toBe(0);
    await page.getByRole('button', { name: '前一天' }).click();
    await page.getByText('已录 10 小时 0 分').waitFor();
    await page.getByText('摄像机离线').first().waitFor();
    await shot(page, 'wide-live');

    await page.getByRole('button', { name: /播放 .* 人脸抓拍/ }).click();
    await playing(page);
    expect(desk.hub.recordings.played.at(-1)).toBe(firstMs + 30 * MINUTE_MS);
    await page.getByRole('button', { name: '暂停' }).click();
    await page.locator('figure[data-playback="paused"]').waitFor();
    const strip = page.getByRole('slider', { name: '录像时间轴' });
    // The browser draws the picture it has stopped at when it comes to it.
    const offBy = async (): Promise<number> => {
      const second = Math.floor(((await instantOf(page)) - firstMs) / 1_000);
      return Math.abs((await brightness(page)) - brightnessOf(second));
    };
    await expect.poll(offBy).toBeLessThan(8);
    await shot(page, 'wide-paused');

    await page.getByRole('button', { name: '播放', exact: true }).click();
    await strip.focus();
    await page.keyboard.press('Home');
    await expect.poll(() => instantOf(page)).toBeGreaterThanOrEqual(firstMs);
    await expect.poll(() => instantOf(page)).toBeLessThan(firstMs + 60_000);
    await page.getByRole('button', { name: '回到实时' }).click();
    await page.locator('figure[data-state="live"]').waitFor({ timeout: 15_000 });
  });

  it('says that nothing was recorded at an instant, leads to the next that was, and comes back after a cut', async () => {
    const at = new Date(firstMs + 250 * MINUTE_MS).toISOString();
    const page = await open(`/devices/${CAMERA}?at=${at}`);
    await page.getByRole('alert').getByText('没有录像').waitFor();
    await shot(page, 'wide-none');
    desk.hub.recordings.aheadMs = 3_000;
    await page.getByRole('button', { name: '从 13:00:00 播放' }).click();
    await playing(page);
    expect(desk.hub.recordings.played.at(-1)).toBe(secondMs);
    desk.hub.recordings.cutPlayers();
    // What has come is played to its end; then the page asks again by itself, from there.
    await expect.poll(() => desk.hub.recordings.played.length, { timeout: 25_000 }).toBeGreaterThan(2);
    await playing(page);
    const resumedMs = (desk.hub.recordings.played.at(-1) ?? 0) - secondMs;
    expect(resumedMs).toBeGreaterThan(1_500);
    desk.hub.recordings.refusal = 'RECORDING_DAMAGED';
    await page.getByRole('slider', { name: '录像时间轴' }).press('PageUp');
    await page.getByRole('alert').getByText('录像损坏').waitFor();
  });

  it('zooms where the wheel points, and goes where the pointer lets go', async () => {
    const page = await open(`/devices/${CAMERA}`);
    await page.getByRole('button', { name: '前一天' }).click();
    await page.getByText('已录 10 小时 0 分').waitFor();
    const strip = page.getByRole('slider', { name: '录像时间轴' });
    const box = await strip.boundingBox();
    if (box === null) throw new Error('no time line');
    const x = box.x + (box.width * 9) / 24;
    await page.mouse.move(x, box.y + 35);
    for (let notch = 0; notch < 6; notch += 1) await page.mouse.wheel(0, -300);
    await expect.poll(() => page.getByRole('button', { name: '全天' }).isEnabled()).toBe(true);
    await page.mouse.down();
    await page.mouse.move(x + 20, box.y + 35);
    await page.mouse.up();
    await playing(page);
    // Nine o'clock was under the wheel: twenty pixels of a view that is some fifty times as close lie minutes from it.
    const offMs = Math.abs((desk.hub.recordings.played.at(-1) ?? 0) - (dayMs + 9 * 60 * MINUTE_MS));
    expect(offMs).toBeLessThan(10 * MINUTE_MS);
  });

  it('exports a range with its reason, tells the bytes, can be cancelled, and gives the manifest along', async () => {
    const at = new Date(firstMs + 30 * MINUTE_MS).toISOString();
    const page = await open(`/devices/${CAMERA}?at=${at}`);
    await playing(page);
    await page.getByRole('button', { name: '导出录像' }).click();
    const form = page.getByRole('region', { name: '导出录像' });
    await form.getByRole('button', { name: '开始导出' }).click();
    await form.getByText('请写明用途').waitFor();
    await form.getByLabel('用途').fill('交警方取证');
    await page.getByRole('slider', { name: '所选时段的结束' }).press('Shift+ArrowRight');
    await form.getByText('时长 2 分 0 秒').waitFor();
    desk.hub.recordings.exportPauseMs = 400;
    await form.getByRole('button', { name: '开始导出' }).click();
    await form.getByText(/已接收 [1-9]/).waitFor();
    await shot(page, 'wide-export');
    await form.getByRole('button', { name: '取消导出' }).click();
    await form.getByText('导出已取消').waitFor();
    await expect.poll(() => desk.hub.recordings.hungUp).toBe(1);
    desk.hub.recordings.exportPauseMs = 0;
    await form.getByRole('button', { name: '开始导出' }).click();
    await form.getByText('导出完成').waitFor();
    expect(await form.getByRole('link', { name: '保存校验清单' }).getAttribute('href')).toMatch(/\/manifest$/);
    const saving = page.waitForEvent('download');
    await form.getByRole('button', { name: '保存视频' }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toMatch(/^东门人脸相机 \d{4}-\d{2}-\d{2} \d{2}\.\d{2}\.\d{2}\.mp4$/);
    expect((await readFile(await saved.path())).toString('latin1', 4, 8)).toBe('ftyp');
    expect(desk.hub.recordings.audit.map(({ detail }) => detail)).toEqual(['交警方取证', '交警方取证']);
  });

  it('locks evidence and releases it, and saves the picture on screen, on a phone', async () => {
    const at = new Date(firstMs + 30 * MINUTE_MS).toISOString();
    const page = await open(`/devices/${CAMERA}?at=${at}`, 'admin', PHONE);
    await playing(page);
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: '抓图' }).tap();
    expect((await saving).suggestedFilename()).toMatch(/^东门人脸相机 .*08\.30\.\d{2}\.jpg$/);
    expect(desk.hub.recordings.audit.map(({ action }) => action)).toEqual(['snapshot']);
    await page.getByRole('button', { name: '证据锁定' }).tap();
    const form = page.getByRole('region', { name: '锁定为证据' });
    await form.getByLabel('原因').fill('东门冲突');
    await shot(page, 'phone-lock');
    await form.getByRole('button', { name: '锁定', exact: true }).tap();
    await page.getByText('东门冲突').waitFor();
    const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
    expect(isWide, 'nothing is pushed sideways').toBe(false);
    await shot(page, 'phone-locked');
    await page.getByRole('button', { name: '解除' }).tap();
    await page.getByRole('dialog').getByLabel('原因').fill('已移交');
    await page.getByRole('dialog').getByRole('button', { name: '解除' }).tap();
    await expect.poll(() => desk.hub.recordings.locks.length).toBe(0);
  });

  it('says that a camera is not recorded', async () => {
    const page = await open('/devices/east-gate-overview');
    await page.getByText('这台摄像机没有录像').waitFor();
    await shot(page, 'wide-off');
  });

  it('leads from an alarm to its moment', async () => {
    const page = await open('/', 'li-ming');
    await page.getByRole('link', { name: '查看告警时刻录像' }).click();
    await page.getByRole('slider', { name: '录像时间轴' }).or(page.getByText('这台摄像机没有录像')).first().waitFor();
    expect(new URL(page.url()).searchParams.get('at')).not.toBeNull();
  });
});

async function instantOf(page: Page): Promise<number> {
  const strip = page.getByRole('slider', { name: '录像时间轴' });
  return Number(await strip.getAttribute('aria-valuenow'));
}
