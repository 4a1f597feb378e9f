import { readdirSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { crc32 } from 'node:zlib';
import type { CaseDetail, GridCase } from '@dipper/contract/api/case';
import type { CaseAttachment } from '@dipper/contract/api/case-attachment';
import type { CaseFigures } from '@dipper/contract/api/case-figures';
import type { NewCase, ReportForm, ReportProgress, ReportReceipt } from '@dipper/contract/api/case-report';
import type { RunningHub } from '@dipper/hub/hub';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, createApiClient, signIn } from '../support/api-client.ts';
import { answerOf, CASE_PLACE, type CaseDesk, createCaseDesk, sendPicture } from '../support/case-desk.ts';
import { eventually } from '../support/eventually.ts';
import { type HubGround, STAFF_PASSWORD, startHubGround, startHubHere } from '../support/running-hub.ts';

const ISO_YEAR_BEFORE = new Date(Date.now() - 300 * 86_400_000).toISOString();

let ground: HubGround;
let hub: RunningHub;
let desk: CaseDesk;
let admin: ApiClient;
let worker: ApiClient;
let dispatcher: ApiClient;
let supervisor: ApiClient;
let elsewhere: ApiClient;

beforeAll(async () => {
  ground = await startHubGround();
  hub = await startHubHere(ground);
  desk = await createCaseDesk(hub.url);
  ({ admin, worker, dispatcher, supervisor } = desk);
  const scope = [{ level: 'grid', id: 'hupan-grid-2' }];
  const account = { name: 'elsewhere', displayName: 'E', password: STAFF_PASSWORD, roles: ['dispatcher'], scope };
  await admin.send('POST', '/api/v1/accounts', account);
  elsewhere = await signIn(hub.url, 'elsewhere', STAFF_PASSWORD);
});
afterAll(async () => {
  await hub?.stop();
  await ground?.stop();
});

const openCase: CaseDesk['open'] = (more, client) => desk.open(more, client);
const step: CaseDesk['step'] = (client, id, more) => desk.step(client, id, more);
const bringToClose = (id: string): Promise<void> => desk.bringToClose(id);

describe('a case that somebody reports', () => {
  it('lies where its place lies, is due by its category, and is found as a duplicate before it is opened again', async () => {
    const opened = await openCase({ title: 'Lamp' });
    expect(opened.case).toMatchObject({
      ...{ estate: 'lanting', place: CASE_PLACE, grid: 'hupan-grid-1', platform: 'convenience', priority: 'low' },
      ...{ source: 'patrol', state: 'reported', overdue: false },
    });
    const allowedMs = Date.parse(opened.case.deadlineAt) - Date.parse(opened.case.openedAt);
    expect(allowedMs).toBeGreaterThan(6 * 86_400_000);
    const search = `/api/v1/cases/duplicates?category=public-lighting&place=${CASE_PLACE}`;
    const { items } = await worker.get<{ items: { id: string }[] }>(search);
    expect(items.map(({ id }) => id)).toContain(opened.case.id);
    expect((await openCase({ title: 'The same lamp' })).duplicates.map(({ id }) => id)).toContain(opened.case.id);
    expect(opened.steps[0]).toMatchObject({ action: 'report', by: 'grid-worker', byName: 'grid-worker' });
  });

  it('is opened once however often the request comes, with the time at which it was seen', async () => {
    const key = crypto.randomUUID();
    const takenAt = new Date(Date.now() - 3_600_000).toISOString();
    const all = await Promise.all([1, 2, 3].map(() => openCase({ key, takenAt, title: 'Offline' })));
    expect(new Set(all.map((each) => each.case.id)).size).toBe(1);
    expect(all[0]?.steps[0]).toMatchObject({ takenAt, clamped: false });
    const mine = await dispatcher.send('POST', '/api/v1/cases', {
      ...{ source: 'hotline', category: 'public-lighting', title: 'x', place: CASE_PLACE, key },
    });
    expect(await answerOf<{ code: string }>(mine, 422)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('is suggested to the worker of its grid who has the fewest open cases, and to nobody once it is given out', async () => {
    const scope = [{ level: 'grid', id: 'hupan-grid-2' }];
    for (const name of ['near-1', 'near-2']) {
      const account = { name, displayName: name, password: STAFF_PASSWORD, roles: ['grid-worker'], scope };
      expect((await admin.send('POST', '/api/v1/accounts', account)).status).toBe(201);
    }
    const suggestionFor = ({ suggestedAssignee }: CaseDetail): string | undefined => suggestedAssignee?.name;
    const first = await openCase({ place: 'lanting-east-gate' });
    expect(suggestionFor(first)).toBe('near-1');
    await step(dispatcher, first.case.id, { action: 'establish' });
    expect(
      suggestionFor(await step(dispatcher, first.case.id, { action: 'dispatch', assignee: 'near-1' })),
    ).toBeUndefined();
    expect(suggestionFor(await openCase({ place: 'lanting-east-gate' }))).toBe('near-2');
    const far = await openCase();
    expect(suggestionFor(far)).toBeUndefined();
    await step(dispatcher, far.case.id, { action: 'establish' });
    // Whoever stands in for a colleague sees what is given out, in another grid too, and nothing else of that grid.
    const standIn = await signIn(hub.url, 'near-1', STAFF_PASSWORD);
    const url = `/api/v1/cases/${far.case.id}`;
    const seen = async (): Promise<unknown[]> => [
      (await standIn.send('GET', url)).status,
      (await standIn.list<GridCase>('/api/v1/cases?assignee=me')).some(({ id }) => id === far.case.id),
      (await standIn.list<GridCase>('/api/v1/cases')).every(({ grid }) => grid === 'hupan-grid-2'),
    ];
    expect(await seen()).toEqual([404, false, true]);
    await step(dispatcher, far.case.id, { action: 'dispatch', assignee: 'near-1' });
    expect(await seen()).toEqual([200, true, false]);
    await step(standIn, far.case.id, { action: 'accept' });
    await step(standIn, far.case.id, { action: 'return', note: '不属于本网格' });
    await step(dispatcher, far.case.id, { action: 'approve' });
    expect(await seen()).toEqual([404, false, true]);
  });

  it('is refused where it lies nowhere, is about nothing known, or is not for the role', async () => {
    const send = (body: object, client = worker): Promise<Response> =>
      client.send('POST', '/api/v1/cases', { source: 'patrol', category: 'public-lighting', title: 'x', ...body });
    expect((await send({})).status).toBe(400);
    expect((await send({ place: 'no-place' })).status).toBe(400);
    expect((await send({ place: CASE_PLACE, grid: 'hupan-grid-2' })).status).toBe(400);
    expect((await send({ place: CASE_PLACE, category: 'nothing' })).status).toBe(400);
    expect((await send({ place: CASE_PLACE, source: 'hotline' })).status).toBe(403);
    const inGrid = await answerOf<CaseDetail>(await send({ grid: 'hupan-grid-2' }), 201);
    expect(inGrid.case).toMatchObject({ estate: null, grid: 'hupan-grid-2' });
  });
});

describe('a case that somebody handled', () => {
  it('is verified by nobody who did, in another role or with a token either', async () => {
    const account = { name: 'both', displayName: 'B', password: STAFF_PASSWORD, roles: ['grid-worker', 'dispatcher'] };
    expect((await admin.send('POST', '/api/v1/accounts', account)).status).toBe(201);
    const both = await signIn(hub.url, 'both', STAFF_PASSWORD);
    const asked = {
      name: 'verifier',
      roles: ['dispatcher'],
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    };
    const { token } = await answerOf<{ token: string }>(await both.send('POST', '/api/v1/tokens', asked), 201);
    const { id } = (await openCase()).case;
    await step(dispatcher, id, { action: 'establish' });
    await step(dispatcher, id, { action: 'dispatch', assignee: 'both' });
    await step(both, id, { action: 'accept' });
    const { version } = (await step(both, id, { action: 'handle', note: 'done' })).case;
    for (const client of [both, createApiClient(hub.url, token)]) {
      const answer = await client.send('POST', `/api/v1/cases/${id}/steps`, { action: 'verify', version });
      expect(await answerOf<{ code: string }>(answer, 409)).toMatchObject({ code: 'HANDLER_CANNOT_VERIFY' });
    }
    expect((await step(dispatcher, id, { action: 'verify' })).case.state).toBe('verified');
  });
});

describe('a case of an account with a scope', () => {
  const send = (more: Partial<NewCase>, client = elsewhere): Promise<Response> =>
    client.send('POST', '/api/v1/cases', { source: 'patrol', category: 'public-lighting', title: 'x', ...more });
  const grid = 'hupan-grid-2';

  it('lies in the scope in the end, whatever is named beside it', async () => {
    await ground.rows(
      `insert into dipper.estate (id, community, name_zh, name_en) values ('far', 'hupan', '远园', 'Far')`,
    );
    const named: [string, Partial<NewCase>, number][] = [
      ['a place of another grid', { place: CASE_PLACE }, 404],
      ['another grid', { grid: 'hupan-grid-1' }, 404],
      ['another estate', { estate: 'far' }, 404],
      ['an estate that nothing puts into the own grid', { estate: 'far', grid }, 404],
      ['an estate in both, in the other grid', { estate: 'lanting', grid: 'hupan-grid-1' }, 404],
      ['the own grid', { grid }, 201],
      ['a place in the own grid', { place: 'lanting-east-gate' }, 201],
      ['the estate around it', { estate: 'lanting', grid }, 201],
    ];
    for (const [what, more, status] of named) expect([what, (await send(more)).status]).toEqual([what, status]);
    await ground.rows(`insert into dipper.place (id, estate, name_zh, name_en, kind, grid)
                       values ('far-gate', 'far', '门', 'Gate', 'entrance', 'hupan-grid-1'), ('far-wall', 'far', '墙', 'Wall', 'perimeter', null)`);
    expect((await send({ estate: 'far', grid })).status).toBe(400);
    expect((await send({ place: 'far-wall', grid })).status).toBe(400);
  });

  it('is found as a duplicate however many there are elsewhere', async () => {
    const more = { estate: 'lanting', category: 'environment' } as const;
    const mine = await answerOf<CaseDetail>(await send({ ...more, grid }), 201);
    for (let count = 0; count < 10; count += 1) await send({ ...more, grid: 'hupan-grid-1' }, admin);
    const search = '/api/v1/cases/duplicates?category=environment&estate=lanting';
    const found = await elsewhere.get<{ items: { id: string }[] }>(search);
    expect(found.items.map(({ id }) => id)).toEqual([mine.case.id]);
  });
});

describe('a resident', () => {
  const url = (path: string): string => `${hub.url}/api/v1/public${path}`;
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(url(path), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const follow = async (code: string): Promise<Response> => fetch(url(`/reports/${encodeURIComponent(code)}`));

  it('reports without an account, follows it by a code in plain words without names, and says once how it was', async () => {
    const form = (await (await fetch(url('/report-form'))).json()) as ReportForm;
    expect(form.categories.map(({ id }) => id)).toContain('public-lighting');
    expect(form.categories.map(({ id }) => id)).not.toContain('closed-entrance');
    const report = { category: 'public-lighting', text: '3号楼下路灯不亮', place: CASE_PLACE };
    const { code, number } = await answerOf<ReportReceipt>(await post('/reports', report), 201);
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(await ground.dump()).not.toContain(code);
    const [mine] = (await admin.list<GridCase>('/api/v1/cases?source=resident')).filter(
      (each) => each.number === number,
    );
    const id = mine?.id ?? '';
    expect(mine).toMatchObject({ text: report.text, state: 'reported' });
    const early = await post(`/reports/${code}/rating`, { satisfaction: 'satisfied' });
    expect(await answerOf<{ code: string }>(early, 409)).toMatchObject({ code: 'REPORT_NOT_CLOSED' });
    await bringToClose(id);
    const typed = code.toLowerCase().replaceAll('-', ' ');
    const progress = await answerOf<ReportProgress>(await follow(typed), 200);
    expect(progress).toMatchObject({ number, state: 'closed', canRate: true, says: { zh: '已办结' } });
    expect(progress.steps.map(({ says }) => says.en)).toEqual([
      ...['Your report was received', 'Accepted', 'Given to somebody', 'Work has begun', 'Done', 'Checked', 'Closed'],
    ]);
    for (const secret of ['grid-worker', 'dispatcher', '王小明', '13800000000', id]) {
      expect(JSON.stringify(progress)).not.toContain(secret);
    }
    const rated = await answerOf<ReportProgress>(
      await post(`/reports/${code}/rating`, { satisfaction: 'neutral', text: '有点慢' }),
      201,
    );
    expect(rated).toMatchObject({ canRate: false, satisfaction: 'neutral' });
    const again = await post(`/reports/${code}/rating`, { satisfaction: 'satisfied' });
    expect(await answerOf<{ code: string }>(again, 409)).toMatchObject({ code: 'REPORT_ALREADY_RATED' });
    const { case: known, steps } = await admin.get<CaseDetail>(`/api/v1/cases/${id}`);
    expect([known.satisfaction, steps.at(-1)]).toMatchObject(['neutral', { action: 'rate', note: '有点慢' }]);
  });

  it('finds nothing with another code, and cannot flood the desk', async () => {
    expect((await follow('7KQ2-9MXT-B4RW-6HZC-PD8V')).status).toBe(404);
    expect((await follow('no code')).status).toBe(400);
    expect((await post('/reports', { category: 'closed-entrance', text: 'x', place: CASE_PLACE })).status).toBe(400);
    const statuses: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      statuses.push((await post('/reports', { category: 'environment', text: 'x', place: CASE_PLACE })).status);
    }
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('a picture', () => {
  const send = (client: ApiClient, id: string, body: Buffer, type = 'image/jpeg', query = ''): Promise<Response> =>
    sendPicture(hub.url, client, id, { body, type, query });
  /** As a phone makes it: on its side, with its place and its owner in it. */
  const photo = (): Promise<Buffer> =>
    sharp({ create: { width: 64, height: 48, channels: 3, background: '#386' } })
      .jpeg()
      .withExif({
        IFD0: { Artist: 'SECRET-OWNER' },
        IFD3: {
          GPSLatitudeRef: 'N',
          GPSLatitude: '31/1 13/1 2700/100',
          GPSLongitudeRef: 'E',
          GPSLongitude: '121/1 28/1 1200/100',
        },
      })
      .withMetadata({ orientation: 6 })
      .toBuffer();
  /** A hundred bytes that say they are 900 million pixels (ISO/IEC 15948, §11.2.2: IHDR and its checksum). */
  const bomb = async (): Promise<Buffer> => {
    const png = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } })
      .png()
      .toBuffer();
    png.writeUInt32BE(30_000, 16);
    png.writeUInt32BE(30_000, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    return png;
  };
  const files = (): string[] =>
    readdirSync(ground.dir, { recursive: true, encoding: 'utf8' }).filter((name) => /[0-9a-f-]{36}/.test(name));

  it('is kept upright without its place and owner, counted once, shown to who may see the case', async () => {
    const { case: gridCase } = await openCase();
    const original = await photo();
    expect(original.includes('SECRET-OWNER')).toBe(true);
    const key = crypto.randomUUID();
    const [first, second] = await Promise.all(
      [1, 2].map(async () =>
        answerOf<CaseAttachment>(await send(dispatcher, gridCase.id, original, 'image/jpeg', `?key=${key}`), 201),
      ),
    );
    expect(second?.id).toBe(first?.id);
    expect(first).toMatchObject({ mime: 'image/jpeg', widthPx: 48, heightPx: 64, location: null, by: 'dispatcher' });
    const path = `/api/v1/cases/${gridCase.id}/attachments/${first?.id}`;
    const shown = await worker.send('GET', path);
    const bytes = Buffer.from(await shown.arrayBuffer());
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect((await sharp(bytes).metadata()).exif).toBeUndefined();
    expect(bytes.includes('SECRET-OWNER')).toBe(false);
    const looks = await admin.list<{ target: string }>('/api/v1/audit?action=case.picture');
    expect(looks.some(({ target }) => target.startsWith(gridCase.id))).toBe(true);
    expect((await elsewhere.send('GET', path)).status).toBe(404);
    expect((await send(elsewhere, gridCase.id, original)).status).toBe(404);
    const detail = await worker.get<CaseDetail>(`/api/v1/cases/${gridCase.id}`);
    expect(detail.attachments).toEqual([first]);
    expect(detail.steps.at(-1)).toMatchObject({ action: 'attach', attachment: first?.id });
    const wanted = await answerOf<CaseAttachment>(
      await send(dispatcher, gridCase.id, original, 'image/jpeg', '?location=keep&takenAt=2020-01-01T00:00:00.000Z'),
      201,
    );
    // Added offline, as it says; no earlier than what it follows.
    const { steps } = await worker.get<CaseDetail>(`/api/v1/cases/${gridCase.id}`);
    expect(steps.at(-1)).toMatchObject({ attachment: wanted.id, takenAt: steps.at(-2)?.takenAt, clamped: true });
    expect(wanted.location?.latitudeDeg).toBeCloseTo(31.224167, 5);
    expect(wanted.location?.longitudeDeg).toBeCloseTo(121.47, 5);
  });

  it('is refused when it is something else, broken, too large, or not for the sender, and leaves nothing behind', async () => {
    const { case: gridCase } = await openCase();
    const before = files();
    const pdf = Buffer.from('%PDF-1.7 and so on');
    expect((await send(dispatcher, gridCase.id, pdf)).status).toBe(415);
    expect((await send(dispatcher, gridCase.id, pdf, 'application/pdf')).status).toBe(415);
    expect((await send(dispatcher, gridCase.id, pdf, 'application/json')).status).toBe(415);
    expect((await send(dispatcher, gridCase.id, (await photo()).subarray(0, 200))).status).toBe(422);
    expect((await send(dispatcher, gridCase.id, Buffer.alloc(13 * 1024 * 1024))).status).toBe(413);
    const huge = await answerOf<{ code: string }>(await send(dispatcher, gridCase.id, await bomb(), 'image/png'), 413);
    expect(huge.code).toBe('ATTACHMENT_TOO_MANY_PIXELS');
    expect((await send(worker, gridCase.id, await photo())).status).toBe(403);
    expect(files()).toEqual(before);
  });

  it('that is cut off half way leaves nothing behind, neither file nor row', async () => {
    const { case: gridCase } = await openCase();
    const before = files();
    const { port } = new URL(hub.url);
    const cut = httpRequest({
      ...{ host: '127.0.0.1', port, method: 'POST', path: `/api/v1/cases/${gridCase.id}/attachments` },
      headers: { authorization: `Bearer ${dispatcher.token}`, 'content-type': 'image/jpeg', 'content-length': 500_000 },
    });
    cut.on('error', () => undefined);
    cut.write(Buffer.concat([await photo(), Buffer.alloc(100_000)]));
    await eventually('it has begun', () => files().some((name) => name.endsWith('.part')), { everyMs: 10 });
    cut.destroy();
    await eventually('it is gone', () => JSON.stringify(files()) === JSON.stringify(before), { everyMs: 20 });
    expect((await admin.get<CaseDetail>(`/api/v1/cases/${gridCase.id}`)).attachments).toEqual([]);
  });
});

describe('what leaves the hub about many cases', () => {
  it('is a file in which nothing is a formula, of what the account may see', async () => {
    await openCase({ title: '=HYPERLINK("http://evil")', text: 'a "quoted", line\nand another', source: 'patrol' });
    const file = await supervisor.send('GET', '/api/v1/cases/export?format=csv&source=patrol');
    const csv = Buffer.from(await file.arrayBuffer()).toString('utf8');
    expect(csv.charCodeAt(0)).toBe(0xfeff);
    expect(csv).toContain(`"'=HYPERLINK(""http://evil"")"`);
    expect(csv).toContain('"a ""quoted"", line\nand another"');
    const json = (await (await supervisor.send('GET', '/api/v1/cases/export?format=json')).json()) as GridCase[];
    expect(json.length).toBe((await supervisor.list('/api/v1/cases?limit=200')).length);
    const theirs = (await (await elsewhere.send('GET', '/api/v1/cases/export?format=json')).json()) as GridCase[];
    expect(theirs.length).toBeGreaterThan(0);
    expect(theirs.every(({ grid }) => grid === 'hupan-grid-2')).toBe(true);
    const empty = await supervisor.send('GET', '/api/v1/cases/export?format=json&state=merged');
    expect(await empty.json()).toEqual([]);
    expect((await worker.send('GET', '/api/v1/cases/export?format=csv')).status).toBe(403);
    expect(await admin.list('/api/v1/audit?action=case.export')).toHaveLength(5);
  });

  it('are figures from steps, which no later change of a deadline moves', async () => {
    const { case: gridCase } = await openCase({ category: 'unlicensed-trade', grid: 'hupan-grid-1' });
    await bringToClose(gridCase.id);
    const span = `from=${ISO_YEAR_BEFORE}&until=${new Date(Date.now() + 60_000).toISOString()}`;
    const read = async (client: ApiClient) =>
      (await client.get<CaseFigures>(`/api/v1/cases/figures?${span}`)).items.find(
        ({ grid, platform }) => grid === 'hupan-grid-1' && platform === 'market-supervision',
      );
    const expected = { opened: 1, closed: 1, onTime: 1, late: 0, overdue: 0, returned: 0, reopened: 0 };
    expect(await read(supervisor)).toMatchObject(expected);
    await ground.rows(`update dipper.grid_case set deadline_at = '2020-01-01', closed_at = '2030-01-01'
                        where id = '${gridCase.id}'`);
    expect(await read(supervisor)).toMatchObject(expected);
    await expect(ground.rows(`update dipper.case_step set deadline_at = now()`)).rejects.toThrow('append-only');
    expect(await read(elsewhere)).toBeUndefined();
    await step(supervisor, gridCase.id, { action: 'reopen' });
    expect(await read(supervisor)).toMatchObject({ ...expected, opened: 2, reopened: 1 });
    expect(
      (await supervisor.send('GET', `/api/v1/cases/figures?from=${ISO_YEAR_BEFORE}&until=${ISO_YEAR_BEFORE}`)).status,
    ).toBe(400);
  });
});
