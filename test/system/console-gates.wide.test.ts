import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { PHONE } from '../support/page/browser.ts';
import { useFakeConsole } from '../support/page/fake-console.ts';
import { STILL_PICTURE } from '../support/turning-camera.ts';

const BARRIER = 'east-gate-barrier';
const CAMERA = 'east-gate-camera';

const desk = useFakeConsole(STILL_PICTURE);
const { open, shot } = desk;
const tileOf = (page: Page) => page.locator('article').filter({ hasText: '东门道闸' });
const asked = (device: string) => desk.hub.commands.asked.filter((each) => each.device === device);

describe('a gate on the duty desk', () => {
  it('is opened for one of the usual reasons, and what came of it is said from how it was seen', async () => {
    const page = await open('/', 'li-ming');
    await tileOf(page).getByRole('button', { name: '放行' }).click();
    await shot(page, 'gate-ask-open');
    await page.getByRole('dialog').getByRole('button', { name: '访客登记放行' }).click();
    await tileOf(page).getByText('现场已确认').waitFor();
    await tileOf(page).getByText('门位：开启').waitFor();
    expect(asked(BARRIER)).toEqual([{ device: BARRIER, command: { action: 'open', reason: '访客登记放行' } }]);
    await shot(page, 'gate-opened');

    desk.hub.commands.failures.set('open', 'GATE_COMMAND_UNCONFIRMED');
    await tileOf(page).getByRole('button', { name: '放行' }).click();
    await page.getByLabel('原因（写入审计日志）').fill('快递员在等');
    await page.keyboard.press('Enter');
    await tileOf(page).getByRole('alert').getByText('未观察到门状态变化').waitFor();
    expect(asked(BARRIER).at(-1)?.command).toEqual({ action: 'open', reason: '快递员在等' });
    await shot(page, 'gate-unconfirmed');
  });

  it('is held open only when that was confirmed; a guard is not offered to block it', async () => {
    const page = await open('/', 'li-ming', PHONE);
    await tileOf(page).getByRole('button', { name: '常开' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: '急救消防' }).click();
    expect(asked(BARRIER)).toEqual([]);
    await shot(page, 'gate-ask-hold-phone');
    await dialog.getByRole('button', { name: '确认常开' }).click();
    await tileOf(page).getByText('现场已确认').waitFor();
    expect(asked(BARRIER)).toEqual([{ device: BARRIER, command: { action: 'hold-open', reason: '急救消防' } }]);
    await tileOf(page).getByRole('button', { name: '更多操作' }).click();
    await page.getByRole('menuitem', { name: '关闭' }).waitFor();
    expect(await page.getByRole('menuitem', { name: '禁止通行' }).count()).toBe(0);
    await shot(page, 'gate-phone');
  });

  it('cannot be told anything where nobody would see it, and says why', async () => {
    const page = await open('/', 'li-ming');
    const button = tileOf(page).getByRole('button', { name: '放行' });
    await button.waitFor();
    const agent = desk.hub.estate.agents.find(({ id }) => id === 'sunshine-edge');
    if (agent === undefined) throw new Error('an estate without its agent');
    desk.hub.tell('agent', 'updated', { ...agent, state: 'offline' });
    await tileOf(page).getByText('边缘节点离线，命令送不到').waitFor();
    expect(await button.isDisabled()).toBe(true);
    await shot(page, 'gate-agent-offline');
    desk.hub.tell('agent', 'updated', agent);
    await eventually('a gate that can be told again', () => button.isEnabled());
    desk.hub.vanish();
    await tileOf(page).getByText('看不到现场，不能下达命令').waitFor({ timeout: 30_000 });
    expect(await button.isDisabled()).toBe(true);
    await shot(page, 'gate-blind');
  });

  it('has a page of its own with everything it was told', async () => {
    desk.hub.commands.failures.set('lock', 'GATE_COMMAND_UNSUPPORTED');
    const page = await open(`/gates/${BARRIER}`, 'admin');
    await page.getByText('还没有人工操作').waitFor();
    await page.getByRole('button', { name: '锁闭' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '现场安全' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '确认锁闭' }).click();
    const line = page.getByRole('listitem').filter({ hasText: 'admin' });
    await line.getByText('现场安全').waitFor();
    await line.getByText('不支持此操作').waitFor();
    await shot(page, 'gate-page');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByText('Commands so far').waitFor();
    await shot(page, 'gate-page-english');
    await page.goto(desk.hub.url);
    await page.getByRole('article', { name: 'East gate barrier' }).getByRole('button', { name: 'Hold open' }).waitFor();
    await shot(page, 'gate-desk-english');
  });
});

describe('a camera that turns', () => {
  beforeEach(() => desk.hub.commands.presets.set(CAMERA, [{ token: 'p1', name: '东门口' }]));

  it('turns while a button or a key is held, and stands when it is let go', async () => {
    const page = await open(`/devices/${CAMERA}`, 'li-ming');
    const left = page.getByRole('button', { name: '向左' });
    await left.hover();
    await page.mouse.down();
    await eventually('a movement that goes on', () => asked(CAMERA).length >= 3);
    await page.mouse.up();
    await eventually('its end', () => asked(CAMERA).at(-1)?.command.action === 'ptz.stop');
    const [first, second] = asked(CAMERA).map(({ command }) => command);
    expect(first).toEqual({ action: 'ptz.move', velocity: { pan: -0.2, tilt: 0, zoom: 0 } });
    expect(second).toMatchObject({ action: 'ptz.move', continues: desk.hub.commands.commands.at(-1)?.id });
    await shot(page, 'ptz-wide');

    const before = asked(CAMERA).length;
    await left.focus();
    await page.keyboard.down('ArrowUp');
    // A movement that was still on its way when the button was let go is followed by another stop.
    const up = await eventually('a movement up', () =>
      asked(CAMERA)
        .slice(before)
        .find(({ command }) => command.action === 'ptz.move'),
    );
    expect(up.command).toMatchObject({ velocity: { tilt: 0.2 } });
    await page.keyboard.up('ArrowUp');
    await eventually('its end', () => asked(CAMERA).at(-1)?.command.action === 'ptz.stop');
    expect(await page.getByRole('button', { name: '保存当前位置' }).count(), 'a guard keeps no presets').toBe(0);
  });

  it('is let go when the page is left, goes to its presets, and gives a still', async () => {
    const page = await open(`/devices/${CAMERA}`, 'admin', PHONE);
    await page.getByRole('button', { name: '转到 东门口' }).click();
    await eventually('the preset', () => asked(CAMERA).at(-1)?.command.action === 'ptz.preset-go');
    await page.getByRole('textbox', { name: '预置位名称' }).fill('车道');
    await page.getByRole('button', { name: '保存当前位置' }).click();
    await page.getByRole('button', { name: '转到 车道' }).waitFor();
    await shot(page, 'ptz-phone');

    await page.getByRole('button', { name: '拉近' }).focus();
    await page.keyboard.down('Enter');
    await eventually('a movement', () => asked(CAMERA).at(-1)?.command.action === 'ptz.move');
    await page.evaluate("window.dispatchEvent(new Event('blur'))");
    await eventually('its end', () => asked(CAMERA).at(-1)?.command.action === 'ptz.stop');
    await page.keyboard.up('Enter');

    await page.getByRole('button', { name: '从摄像机抓图' }).click();
    const saving = page.waitForEvent('download');
    await page.getByRole('dialog').getByRole('button', { name: '保存图片' }).click();
    expect((await saving).suggestedFilename()).toMatch(/^东门人脸相机 .*\.jpg$/);
  });
});

it('a camera that does not turn has no pad', async () => {
  const page = await open(`/devices/${CAMERA}`, 'li-ming');
  await page.getByRole('button', { name: '从摄像机抓图' }).waitFor();
  expect(await page.getByRole('button', { name: '向左' }).count()).toBe(0);
});
