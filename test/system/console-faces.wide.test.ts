import type { FaceConsentView, FaceEnrolmentView } from '@dipper/contract/api/face-consent';
import type { HolderDetail } from '@dipper/contract/api/holder';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { type ConsoleGround, enterAs, startConsoleGround } from '../support/page/console-ground.ts';
import { ADMIN_PASSWORD } from '../support/running-hub.ts';

const SHOTS = process.env['SCREENSHOTS'];
let ground: ConsoleGround;
let admin: ApiClient;

beforeAll(async () => {
  ground = await startConsoleGround();
  admin = await signIn(ground.hub.url, 'admin', ADMIN_PASSWORD);
  const name = { zh: '东门进', en: 'East gate in' };
  const rules = { factorRules: [{ anyOf: [['card'], ['face']] }] };
  const point = { id: 'east-way-in', place: 'lanting-service-gate', device: 'lanting-service-barrier', name, rules };
  expect((await admin.send('POST', '/api/v1/access-points', point)).status).toBe(201);
  const made = await admin.send('POST', '/api/v1/holders', { estate: 'lanting', name: '王芳', unit: '3-2-501' });
  expect(((await made.json()) as HolderDetail).holder.name).toBe('王芳');
}, 120_000);
afterAll(() => ground?.stop());

/** Kept for a look where SCREENSHOTS names a folder. */
async function picture(page: Page, name: string): Promise<void> {
  if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

it('a consent is given under its notice, and taken back', async () => {
  const context = await ground.browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'zh-CN' });
  const page = await context.newPage();
  await page.goto(`${ground.hub.url}/faces`);
  await enterAs(page);
  await page.getByText('没有有效的影响评估，人脸识别已停用').waitFor();
  await page.getByRole('combobox').fill('王芳');
  await page.getByTitle('王芳 · 3-2-501').click();
  await page.getByText('王芳 没有同意人脸识别').waitFor();
  await picture(page, 'faces-none');
  await page.getByRole('button', { name: '登记同意' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('不同意不影响通行').waitFor();
  await dialog.getByLabel('同意使用的出入口').click();
  await page.getByTitle('东门进').click();
  await dialog.getByText('登记 王芳 的同意').click();
  await dialog.getByText('住户自愿单独同意').click();
  await picture(page, 'faces-give');
  await dialog.getByRole('button', { name: '登记', exact: true }).click();
  await page.getByText('小区出入口通行').waitFor();
  await picture(page, 'faces-consent');
  await page.setViewportSize({ width: 390, height: 844 });
  await picture(page, 'faces-phone');
  await enrolling(page);
  await page.getByRole('button', { name: '撤回同意' }).click();
  await page.getByRole('tooltip').getByRole('button', { name: '撤回同意' }).click();
  await page.getByText('已撤回', { exact: true }).waitFor();
});

/** What the hub would answer while an edge tells how an enrolment goes: the dialog counts frames and says what to do next. */
async function enrolling(page: Page): Promise<void> {
  let told: Partial<FaceEnrolmentView> = { state: 'watching' };
  await page.route('**/face-consents', async (route) => {
    const answer = (await (await route.fetch()).json()) as { items: FaceConsentView[] };
    const enrolment: FaceEnrolmentView = {
      ...{
        id: crypto.randomUUID(),
        device: 'lanting-service-face',
        agent: 'lanting-edge-1',
        accessPoint: 'east-way-in',
      },
      ...{
        state: 'asked',
        goodFrames: 0,
        code: null,
        advice: null,
        askedBy: 'admin',
        askedAt: new Date().toISOString(),
      },
      ...told,
    };
    await route.fulfill({ json: { items: answer.items.map((item) => ({ ...item, enrolments: [enrolment] })) } });
  });
  await page.getByRole('button', { name: '在门口录入' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('等待住户走到摄像机前').waitFor();
  told = { state: 'seen', goodFrames: 2, code: 'QUALITY_LOW', advice: 'come-nearer' };
  await dialog.getByText('请再靠近一些').waitFor();
  await dialog.getByText('合格画面 2 / 6').waitFor();
  await picture(page, 'faces-enrolling-phone');
  await page.setViewportSize({ width: 1280, height: 900 });
  told = { state: 'seen', goodFrames: 9, code: 'LIVENESS_FAILED', advice: 'turn-head' };
  await dialog.getByText('请左右轻轻转头', { exact: true }).waitFor();
  await picture(page, 'faces-enrolling');
  told = { state: 'failed', goodFrames: 9, code: 'LIVENESS_FAILED' };
  await dialog.getByText('录入未成功').waitFor();
  await dialog.getByText('未检测到活体特征或疑似照片').waitFor();
  await picture(page, 'faces-failed');
  await page.unroute('**/face-consents');
  await dialog.getByRole('button', { name: '取消' }).click();
  await dialog.waitFor({ state: 'hidden' });
}
