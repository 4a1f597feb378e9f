import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { idOf } from '../support/fake-hub/estate.ts';
import { PASSWORD } from '../support/fake-hub/routes.ts';
import { PHONE, WIDE } from '../support/page/browser.ts';
import { useFakeConsole } from '../support/page/fake-console.ts';

/** What a phone on a bad line has to fetch before it can sign in, compressed. */
const FIRST_LOAD_MAX_BYTES = 330_000;

const desk = useFakeConsole(() =>
  sharp({ create: { width: 200, height: 200, channels: 3, background: '#c08060' } })
    .jpeg()
    .toBuffer(),
);
const { open } = desk;

function frame(page: Page, state: string): Promise<unknown> {
  return page.waitForSelector(`figure[data-state="${state}"]`, { timeout: 15_000 });
}

describe('signing in', () => {
  it('says in words what was wrong, then leads to the desk', async () => {
    const page = await open('/', undefined);
    await page.getByLabel('用户名').fill('li-ming');
    await page.getByLabel('密码').fill('wrong');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('用户名或密码错误');
    await page.getByLabel('密码').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '待处置告警' }).waitFor();
  });

  it('leads somebody who works outside to their own cases, and back to signing in at the end', async () => {
    const page = await open('/', 'wang-fang', PHONE);
    await page.getByText('核查东门非开放时间人员进入').waitFor();
    expect(new URL(page.url()).search).toBe('?scope=mine');
    await page.getByRole('button', { name: /当前用户/ }).tap();
    await page.getByText('退出登录').tap();
    await page.getByLabel('用户名').waitFor();
  });

  it('remembers the language', async () => {
    const page = await open('/', undefined);
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('en-GB');
  });
});

describe('duty desk', () => {
  it('acknowledges in two keystrokes, and opens the case with a third', async () => {
    const page = await open('/', 'li-ming');
    await page.locator('[data-queue-line]').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('a');
    await expect
      .poll(() => desk.hub.estate.alarms.find(({ id }) => id === idOf('alarm', 3))?.acknowledgedBy)
      .toBe('li-ming');
    expect(desk.hub.estate.alarms.filter(({ acknowledgedBy }) => acknowledgedBy === 'li-ming')).toHaveLength(2);
    await page.locator('[data-queue-line]').first().click();
    await page.getByRole('button', { name: /打开案件/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '核查东门非开放时间人员进入' }).waitFor();
  });

  it('shelves with a key and a reason, shows that on every desk, and takes it back', async () => {
    const page = await open('/', 'li-ming');
    const other = await open('/', 'zhao-lei');
    await other.locator('[data-queue-line]').first().waitFor();
    const frozen = (desk: Page) => desk.locator('[data-queue-line]').filter({ hasText: '摄像机画面冻结' });
    await frozen(page).click();
    await page.keyboard.press('s');
    await page.getByLabel('原因').fill('镜头检修');
    await page.getByRole('button', { name: '确定' }).click();
    await page.getByText(/已搁置至/).waitFor();
    for (const desk of [page, other]) {
      await expect.poll(() => frozen(desk).count()).toBe(0);
      await desk.getByText('搁置 1').waitFor();
    }
    await other.getByTitle('查看未提示的告警').click();
    await other.getByText('镜头检修').waitFor();
    await page.getByRole('button', { name: '撤销' }).click();
    for (const desk of [page, other]) await expect.poll(() => frozen(desk).count()).toBe(1);
    expect(desk.hub.desk.shelves[0]).toMatchObject({ shelvedBy: 'li-ming', reason: '镜头检修', endedBy: 'li-ming' });
  });

  it('joins two happenings and splits one, each undone by the other', async () => {
    const page = await open('/', 'zhao-lei');
    await page.locator('[data-queue-line]').first().click();
    const together = () => desk.hub.estate.alarms.filter(({ incident }) => incident === idOf('incident', 1)).length;
    await page.keyboard.press('j');
    await page.getByLabel('原因').fill('同一起事件');
    await page.getByRole('button', { name: '确定' }).click();
    await expect.poll(together).toBe(3);
    await page.getByRole('button', { name: '撤销' }).click();
    await expect.poll(together).toBe(2);
    await page.keyboard.press('x');
    await page.getByLabel('原因').fill('不相干');
    await page.getByRole('button', { name: '确定' }).click();
    await expect.poll(together).toBe(1);
  });

  it('folds alarms of a kind together in a flood, but never what is critical to safety', async () => {
    const [forced, , frozen] = desk.hub.estate.alarms;
    if (forced === undefined || frozen === undefined) throw new Error('no alarms');
    for (let more = 0; more < 4; more += 1) {
      desk.hub.estate.alarms.push({ ...frozen, id: idOf('alarm', 60 + more), incident: null });
      desk.hub.estate.alarms.push({ ...forced, id: idOf('alarm', 70 + more), incident: null });
    }
    desk.hub.desk.flood = { from: new Date().toISOString(), until: null, alarms: 14, peak: 14 };
    const page = await open('/', 'li-ming');
    await page.getByText(/告警洪泛/).waitFor();
    await page.locator('[data-queue-group]').filter({ hasText: '摄像机画面冻结 等 5 起' }).waitFor();
    const lines = page.locator('[data-queue-line]');
    expect(await lines.filter({ hasText: '道闸被强行打开' }).count()).toBe(5);
    expect(await lines.filter({ hasText: '摄像机画面冻结' }).count()).toBe(0);
    await page.locator('[data-queue-group]').click();
    expect(await lines.filter({ hasText: '摄像机画面冻结' }).count()).toBe(5);
  });

  it('reads each list once, behind the beginning of the feed', async () => {
    const page = await open('/', 'li-ming');
    await page.locator('[data-queue-line]').first().waitFor();
    await page.waitForTimeout(500);
    const names = (await page.evaluate(`performance.getEntriesByType('resource').map(({ name }) => name)`)) as string[];
    const read = names.filter((name) => name.includes('/api/v1/'));
    expect(read.some((name) => name.includes('/alarms?active=true'))).toBe(true);
    expect(read).toEqual([...new Set(read)]);
  });

  it('keeps the chosen line when a more urgent alarm comes in, and says the new one aloud', async () => {
    const page = await open('/', 'li-ming');
    await page.locator('[data-queue-line]').nth(1).click();
    const chosen = page.locator('[data-queue-line][aria-current="true"]');
    expect(await chosen.textContent()).toContain('摄像机画面冻结');
    const [first] = desk.hub.estate.alarms;
    if (first === undefined) throw new Error('no alarm');
    const title = { zh: '西门有人翻越', en: 'Somebody climbs over' };
    desk.hub.tell('alarm', 'created', {
      ...first,
      id: idOf('alarm', 40),
      incident: null,
      title,
      raisedAt: new Date().toISOString(),
    });
    await page.locator('[data-queue-line]').filter({ hasText: '西门有人翻越' }).waitFor();
    expect(await chosen.textContent()).toContain('摄像机画面冻结');
    await expect.poll(() => page.locator('[aria-live="assertive"]').textContent()).toContain('西门有人翻越');
  });

  it('shows the street while nothing needs a response, and the alarm as soon as something does', async () => {
    const alarms = desk.hub.estate.alarms.splice(0);
    const page = await open('/', 'li-ming');
    await page.getByText('现在没有需要处置的告警').waitFor();
    await expect.poll(() => page.locator('figure[data-state="live"]').count(), { timeout: 15_000 }).toBe(2);
    const [first] = alarms;
    if (first === undefined) throw new Error('no alarm');
    desk.hub.tell('alarm', 'created', first);
    await page.locator('[data-queue-line]').waitFor();
    await expect.poll(() => page.locator('figure').count()).toBe(1);
  });

  it('plays the live picture at the live edge, also where the browser does not let the page decode', async () => {
    // As on a page that did not come over TLS.
    const page = await open('/', 'li-ming', WIDE, 'delete globalThis.VideoDecoder');
    await frame(page, 'live');
    const lagSec = () =>
      page.evaluate(`(() => {
        const { buffered, currentTime } = document.querySelector('video');
        return buffered.end(buffered.length - 1) - currentTime;
      })()`);
    await expect.poll(lagSec, { timeout: 10_000 }).toBeLessThan(0.4);
    expect(await page.locator('figure').getAttribute('data-state')).toBe('live');
  });

  it('goes on where one picture of each group comes, forward only, and says so instead of crying wolf', async () => {
    const pages = await Promise.all(
      ['', 'delete globalThis.VideoDecoder'].map(async (before) => {
        const page = await open('/', 'li-ming', WIDE, before);
        await frame(page, 'live');
        return page;
      }),
    );
    desk.hub.camera.thin();
    for (const page of pages) {
      await page.getByText(/^每 4 秒一帧/).waitFor({ timeout: 20_000 });
      // What is shown from here on, by a few of its pixels, and whether it was called live from its beginning to its end.
      await page.evaluate(`(() => {
        const seen = (globalThis.seen = []);
        const pen = new OffscreenCanvas(16, 9).getContext('2d', { willReadFrequently: true });
        setInterval(() => {
          const figure = document.querySelector('figure');
          pen.drawImage(figure.querySelector('video:not([hidden]), canvas:not([hidden])'), 0, 0, 16, 9);
          const picture = String(pen.getImageData(0, 0, 16, 9).data);
          if (seen.at(-1)?.picture !== picture) seen.push({ picture, isLive: true });
          if (figure.dataset.state !== 'live') seen.at(-1).isLive = false;
        }, 50);
      })()`);
    }
    for (const page of pages) {
      const seen = () => page.evaluate<{ picture: string; isLive: boolean }[]>('seen');
      // A machine that stands still for two seconds rightly says so, in one of its gaps of four.
      await expect
        .poll(async () => (await seen()).slice(1, -1).filter(({ isLive }) => isLive).length, { timeout: 60_000 })
        .toBeGreaterThanOrEqual(1);
      const pictures = (await seen()).map(({ picture }) => picture);
      expect(new Set(pictures).size).toBe(pictures.length);
    }
  });

  it('is not fooled by a picture that stands still, and recovers by itself', async () => {
    const page = await open('/', 'li-ming');
    await frame(page, 'live');
    desk.hub.camera.freeze();
    const frozenAtMs = Date.now();
    await frame(page, 'stale');
    const afterMs = Date.now() - frozenAtMs;
    expect(afterMs).toBeGreaterThan(1_500);
    expect(afterMs).toBeLessThan(3_500);
    await expect.poll(() => page.locator('figure [role="alert"]').textContent()).toMatch(/画面已停滞 \d+ 秒/);
    desk.hub.camera.thaw();
    await frame(page, 'live');
  });

  it('does not call the picture of a frozen camera live, however fresh it comes', async () => {
    const page = await open('/', 'li-ming');
    await page.locator('[data-queue-line]').filter({ hasText: '摄像机画面冻结' }).click();
    await frame(page, 'live');
    await page.getByText('设备在线，但画面内容不再变化').waitFor();
    expect(await page.locator('figure').textContent()).not.toContain('实时');
  });

  it('says loudly that it is blind, and has missed nothing when it sees again', async () => {
    const page = await open('/', 'li-ming');
    await page.locator('[data-queue-line]').first().waitFor();
    const [first] = desk.hub.estate.alarms;
    if (first === undefined) throw new Error('no alarm');
    desk.hub.tell('alarm', 'updated', first);
    desk.hub.vanish();
    await page.getByText('与中心失去连接，新告警不会显示').waitFor({ timeout: 6_000 });
    expect(await page.title()).toContain('连接中断');
    const title = { zh: '中断期间的告警', en: 'Raised meanwhile' };
    desk.hub.tell('alarm', 'created', { ...first, id: idOf('alarm', 41), incident: null, title });
    desk.hub.comeBack();
    await page.locator('[data-queue-line]').filter({ hasText: '中断期间的告警' }).waitFor({ timeout: 15_000 });
    expect(desk.hub.resumes.at(-1)).toBe('1');
    await page.getByText('连接已恢复').waitFor();
  });

  it('says that it is blind when the connection stands and the hub says nothing any more', async () => {
    const page = await open('/', 'li-ming');
    await page.locator('[data-queue-line]').first().waitFor();
    desk.hub.fallSilent();
    const silentSinceMs = Date.now();
    await page.getByText('与中心失去连接，新告警不会显示').waitFor({ timeout: 20_000 });
    expect(Date.now() - silentSinceMs).toBeLessThan(12_500);
  });
});

describe('looking at a captured face', () => {
  it('asks why, shows the picture in memory only, and lets go of it', async () => {
    const page = await open('/', 'li-ming');
    await page.getByRole('button', { name: /查看抓拍/ }).click();
    await page.getByLabel('其他理由').check();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: '查看' }).click();
    await dialog.getByText('请写明理由，至少 4 个字').waitFor();
    expect(desk.hub.looks).toEqual([]);
    await dialog.locator('textarea').fill('核实门口人员');
    await dialog.getByRole('button', { name: '查看' }).click();
    const shown = dialog.locator('img');
    await shown.waitFor();
    expect(desk.hub.looks).toEqual([{ ref: idOf('media', 1), reason: '核实门口人员' }]);
    const address = await shown.getAttribute('src');
    expect(address).toMatch(/^blob:/);
    await dialog.getByRole('button', { name: '关闭' }).last().click();
    await dialog.waitFor({ state: 'detached' });
    const isGone = await page.evaluate(`new Promise((tell) => {
      const image = new Image();
      image.onload = () => tell(false);
      image.onerror = () => tell(true);
      image.src = ${JSON.stringify(address)};
    })`);
    expect(isGone).toBe(true);
  });

  it('tells a picture that is gone from one that is out of reach', async () => {
    const page = await open('/', 'li-ming');
    for (const [code, words] of [
      ['MEDIA_EXPIRED', '图片已到保存期限并被删除'],
      ['AGENT_OFFLINE', '照片没有丢失'],
    ] as const) {
      desk.hub.refuse('media', code);
      await page.getByRole('button', { name: /查看抓拍/ }).click();
      await page.getByRole('dialog').locator('button[type="submit"]').click();
      await page.getByRole('dialog').getByText(words).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
  });
});

describe('accounts', () => {
  it('are made, changed and disabled by an admin, and not shown to anybody else', async () => {
    const page = await open('/accounts', 'admin');
    const row = page.locator('li').filter({ hasText: 'chen-jie' });
    await page.getByRole('button', { name: '添加账号' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('用户名').fill('Wang-Fang');
    await dialog.getByLabel('姓名').fill('陈洁');
    await dialog.getByLabel('角色').click();
    await page.getByTitle('网格员').click();
    await page.keyboard.press('Escape');
    await dialog.getByLabel('初始密码').fill('short');
    await dialog.getByRole('button', { name: '保存' }).click();
    await dialog.getByText('已有这个用户名').waitFor();
    await dialog.getByText('密码至少 8 个字符').waitFor();
    await dialog.getByLabel('用户名').fill('chen-jie');
    await dialog.getByLabel('初始密码').fill('long enough');
    await dialog.getByRole('button', { name: '保存' }).click();
    await row.getByText('网格员').waitFor();
    await row.getByRole('button', { name: '修改' }).click();
    await dialog.getByLabel('姓名').fill('陈洁洁');
    await dialog.getByRole('button', { name: '保存' }).click();
    await row.getByText('陈洁洁').waitFor();
    await row.getByRole('button', { name: '停用' }).click();
    await page.getByRole('tooltip').getByRole('button', { name: '停用' }).click();
    await row.getByText('已停用').waitFor();

    const other = await open('/accounts', 'li-ming');
    await other.getByText('没有这个页面').waitFor();
    expect(await other.getByRole('link', { name: '账号' }).count()).toBe(0);
  });
});

describe('cases', () => {
  it('are given to somebody found by a part of the name', async () => {
    const page = await open(`/cases/${idOf('case', 4)}`, 'zhao-lei');
    await page.getByRole('button', { name: '交办' }).click();
    await page.getByRole('dialog').getByLabel('交给谁').fill('wang');
    await page.getByTitle('王芳 (wang-fang)').click();
    const sent = page.waitForRequest((request) => request.url().endsWith('/steps'));
    await page.getByRole('dialog').locator('button[type="submit"]').click();
    expect((await sent).postDataJSON()).toMatchObject({ action: 'dispatch', assignee: 'wang-fang' });
  });

  it('takes a step with its note', async () => {
    const page = await open(`/cases/${idOf('case', 1)}`, 'wang-fang', PHONE);
    await page.getByRole('button', { name: '处置反馈' }).tap();
    await page.getByRole('dialog').locator('button[type="submit"]').tap();
    await page.getByText('请填写说明').waitFor();
    await page.locator('textarea#note').fill('已登记放行');
    await page.getByRole('dialog').locator('button[type="submit"]').tap();
    await page.getByText('已登记放行').waitFor();
    expect(desk.hub.estate.cases[0]?.state).toBe('handled');
  });

  it('lets somebody decide again when another was faster, and keeps what they wrote', async () => {
    const page = await open(`/cases/${idOf('case', 1)}`, 'wang-fang', PHONE);
    desk.hub.refuse('step', 'VERSION_CONFLICT');
    await page.getByRole('button', { name: '处置反馈' }).tap();
    await page.locator('textarea#note').fill('写了很久的说明');
    await page.getByRole('dialog').locator('button[type="submit"]').tap();
    await page.getByText('案件刚被他人更新').waitFor();
    desk.hub.refuse('step', undefined);
    await page.getByRole('button', { name: '处置反馈' }).tap();
    expect(await page.locator('textarea#note').inputValue()).toBe('写了很久的说明');
  });
});

describe('every page', () => {
  it('fits a phone in both languages', async () => {
    const paths = [
      '/',
      '/cases?state=any',
      `/cases/${idOf('case', 1)}`,
      '/devices',
      '/gates/east-gate-barrier',
      '/accounts',
      '/nowhere',
    ];
    for (const language of ['zh', 'en']) {
      const page = await open('/', 'admin', PHONE);
      await page.evaluate(`localStorage.setItem('dipper.language', '${language}')`);
      for (const path of paths) {
        await page.goto(desk.hub.url + path);
        await page.locator('main').waitFor();
        await page.waitForTimeout(700);
        const widthPx = await page.evaluate('Math.max(document.documentElement.scrollWidth, innerWidth)');
        expect({ path, language, widthPx }).toEqual({ path, language, widthPx: PHONE.viewport.width });
      }
    }
  });

  it('is within its first load', async () => {
    const page = await open('/', undefined);
    await page.getByLabel('用户名').waitFor();
    const names = (await page.evaluate(
      `performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)`,
    )) as string[];
    const files = names.filter((name) => name.startsWith('/assets/'));
    const sizes = await Promise.all(files.map(async (name) => gzipSync(await readFile(join(desk.dist, name))).length));
    expect(files.length).toBeGreaterThan(2);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(FIRST_LOAD_MAX_BYTES);
  });

  it('carries no script in its HTML, and nothing from elsewhere', async () => {
    const html = await readFile(join(desk.dist, 'index.html'), 'utf8');
    expect(html.match(/<script(?![^>]*\bsrc="\/)/g)).toBeNull();
    const built = await readdir(join(desk.dist, 'assets'));
    const styles = await Promise.all(
      built.filter((name) => name.endsWith('.css')).map((name) => readFile(join(desk.dist, 'assets', name), 'utf8')),
    );
    expect(styles.join('').match(/url\(\s*["']?https?:/g)).toBeNull();
  });
});

describe('alarm figures', () => {
  it('say how alarms load whoever is on duty, to those who may read them', async () => {
    const page = await open('/alarm-figures', 'li-ming', PHONE);
    await page.getByText('每人每小时告警').waitFor();
    await page.getByRole('img', { name: /每 10 分钟的告警数/ }).waitFor();
    const outside = await open('/alarm-figures', 'wang-fang');
    await outside.getByText('没有这个页面').waitFor();
  });
});
