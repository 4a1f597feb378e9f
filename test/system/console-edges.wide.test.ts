import { join } from 'node:path';
import type { HubKeyView } from '@dipper/contract/api/hub-key';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { enrolHere } from '../support/enrol-here.ts';
import { eventually } from '../support/eventually.ts';
import { type OpenPage, openPage, PHONE, WIDE } from '../support/page/browser.ts';
import { type ConsoleGround, enterAs, startConsoleGround } from '../support/page/console-ground.ts';
import { ADMIN_PASSWORD } from '../support/running-hub.ts';

let admin: ApiClient;
const opened: OpenPage[] = [];

let shown: ConsoleGround;

beforeAll(async () => {
  shown = await startConsoleGround();
  admin = await signIn(shown.hub.url, 'admin', ADMIN_PASSWORD);
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

/** As an agent that believes these keys, and was heard of just now or never again. */
const tell = (agent: string, state: 'online' | 'offline', keys: readonly string[]): Promise<unknown> =>
  shown.ground.rows(
    `with known as (insert into dipper.agent (id, estate, configured) values ('${agent}', 'lanting', false)
                    on conflict do nothing)
     insert into dipper.agent_status (agent, state, message, changed_at, seen_at, hub_keys)
     values ('${agent}', '${state}', '{"state": "offline"}', now(), now(), '{${keys.join(',')}}')
     on conflict (agent) do update set hub_keys = excluded.hub_keys`,
  );

describe('边缘节点', () => {
  it('brings in an edge with a code that is shown once, and takes its login away again', async () => {
    const page = await signedIn(WIDE);
    await page.goto(`${shown.hub.url}/edges`);
    await page.getByRole('button', { name: '接入边缘节点' }).click();
    await page.getByLabel('所属小区').click();
    await page.getByTitle('澜亭花园').click();
    await page.getByLabel('节点名称').fill('lanting-edge-9');
    await page.getByRole('dialog').getByRole('button', { name: '生成接入码' }).click();
    const command = await page.getByLabel('在边缘设备上运行的命令').inputValue();
    const code = command.match(/--code (\S+)/)?.[1] ?? '';
    expect(command).toBe(`npm run edge -- enrol --hub ${shown.hub.url} --code ${code} --config edge.yaml`);
    expect(await enrolHere(shown.hub.url, code, join(shown.ground.dir, 'edge.yaml'))).toMatchObject({ exit: 0 });
    await page.getByRole('button', { name: '完成' }).click();
    const row = page.getByRole('listitem').filter({ hasText: 'lanting-edge-9' });
    await row.getByText('接入于').waitFor();
    await row.getByText('尚未上线过').waitFor();
    expect(await isTooWide(page)).toBe(false);

    await row.getByRole('button', { name: '收回账号' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '收回账号' }).click();
    await row.getByText('已收回').or(row.getByText('接入码已过期')).waitFor();
  });

  it('shows which keys an agent believes, and replaces the key without those that do not come', async () => {
    const [current] = await admin.list<HubKeyView>('/api/v1/hub-keys');
    await tell('lanting-edge-8', 'offline', [current?.id ?? '']);
    const phone = await signedIn(PHONE);
    await phone.goto(`${shown.hub.url}/edges`);
    const row = phone.getByRole('listitem').filter({ hasText: 'lanting-edge-8' });
    await row.getByText('已是最新').waitFor();
    await phone.getByRole('button', { name: '更换密钥' }).tap();
    await phone.getByRole('dialog').getByRole('button', { name: '更换密钥' }).tap();
    await phone.getByText('1 个节点中已有 0 个信任新密钥').waitFor();
    expect(await isTooWide(phone)).toBe(false);
    await phone.getByRole('button', { name: '不再等待' }).tap();
    const dialog = phone.getByRole('dialog').filter({ hasText: 'lanting-edge-8' });
    await dialog.getByRole('button', { name: '不再等待' }).tap();
    await row.getByRole('alert').getByText('请生成接入码并重新接入').waitFor();
    await eventually('the hub to sign with another', async () =>
      (await admin.list<HubKeyView>('/api/v1/hub-keys')).some(
        ({ id, state }) => state === 'retired' && id === current?.id,
      ),
    );
    expect(await isTooWide(phone)).toBe(false);
  });

  it('says so when the hub does not answer, and tries again when asked', async () => {
    const page = await signedIn(WIDE);
    await page.route('**/api/v1/enrolments*', (route) => route.abort());
    await page.goto(`${shown.hub.url}/edges`);
    const alert = page.getByRole('alert').filter({ hasText: '没有成功' });
    await alert.waitFor();
    await page.unroute('**/api/v1/enrolments*');
    await alert.getByRole('button', { name: '重试' }).click();
    await page.getByText('lanting-edge-8').first().waitFor();
  });
});
