import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { AccountView } from '@dipper/contract/api/account';
import type { Alarm } from '@dipper/contract/api/alarm';
import type { CaseDetail } from '@dipper/contract/api/case';
import type { ImportFile, ImportReport, ImportRequest } from '@dipper/contract/api/import';
import type { PlaceView } from '@dipper/contract/api/inventory';
import type { GridAt, PlaceTree } from '@dipper/contract/api/place-tree';
import type { DutyView } from '@dipper/contract/api/roster';
import type { RunningHub } from '@dipper/hub/hub';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { eventually } from '../support/eventually.ts';
import { type FakeEdge, startFakeEdge } from '../support/fake-edge.ts';
import {
  ADMIN_PASSWORD,
  type HubGround,
  STAFF_PASSWORD,
  startHubGround,
  startHubHere,
} from '../support/running-hub.ts';
import { faceCaptured } from '../support/sample-events.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SAMPLE_DIR = join(root, 'config/samples/town');
const SAMPLE: readonly ImportFile[] = readdirSync(SAMPLE_DIR).map((name) => ({
  name,
  contentBase64: readFileSync(join(SAMPLE_DIR, name)).toString('base64'),
}));
const csv = (name: string, ...lines: string[]): ImportFile => ({
  name,
  contentBase64: Buffer.from(lines.join('\n')).toString('base64'),
});

let ground: HubGround;
let hub: RunningHub;
let admin: ApiClient;
let first: ImportReport;

async function run(request: ImportRequest): Promise<ImportReport> {
  const answer = await admin.send('POST', '/api/v1/imports', request);
  const report = (await answer.json()) as ImportReport;
  expect(answer.status, JSON.stringify(report)).toBe(report.outcome === 'imported' ? 201 : 200);
  return report;
}

/** Every row of every table but the record of who asked, which is written whatever came of it, and what the clock does. */
async function everything(): Promise<string> {
  const tables = (await ground.rows(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'dipper'
        and tablename not like 'audit%' and tablename not like 'agent%' and tablename not like 'history%'
        -- Notes of the hub about itself and about who was there last.
        and tablename not in ('session', 'rule_copy', 'retention_clock') order by 1`,
  )) as { name: string }[];
  const texts: string[] = [];
  for (const { name } of tables) {
    const text = JSON.stringify(await ground.rows(`select t::text as row from ${name} t order by 1`));
    texts.push(`${name} ${createHash('sha256').update(text).digest('hex')}`);
  }
  return texts.join('\n');
}

const problemsOf = ({ problems }: ImportReport): string[] =>
  problems.map(({ severity, file, line, column, text }) => `${severity} ${file}:${line}:${column}: ${text.en}`);

beforeAll(async () => {
  ground = await startHubGround();
  hub = await startHubHere(ground);
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
  // The evaluator's first step writes down which rules it knows; after it only what is asked for changes anything.
  await eventually('rules known', async () => (await ground.rows('select 1 from dipper.rule_known')).length > 0);
}, 60_000);
afterAll(async () => {
  await hub?.stop();
  await ground?.stop();
});

describe('the sample town', () => {
  it('is looked through first, which changes nothing at all', async () => {
    const before = await everything();
    const report = await run({ files: [...SAMPLE], dryRun: true });
    expect(problemsOf(report)).toEqual([]);
    expect(report).toMatchObject({ outcome: 'dry-run', codes: [] });
    expect(await everything()).toBe(before);
  });

  it('is imported: 6 communities and 49 grids, 46 residential, 2 industrial, 1 market', async () => {
    first = await run({ files: [...SAMPLE] });
    expect(first.outcome).toBe('imported');
    const made = Object.fromEntries(first.counts.map(({ kind, created }) => [kind, created]));
    expect(made).toEqual({
      ...{ subdistrict: 1, community: 6, grid: 49, estate: 26, agent: 3, place: 52, device: 6 },
      ...{ staff: 56, roster: 101 },
    });
    const tree = await admin.get<PlaceTree>('/api/v1/place-tree');
    const town = tree.grids.filter(({ id }) => id.startsWith('hd-'));
    const count = (kind: string): number => town.filter((grid) => grid.kind === kind).length;
    expect([count('residential'), count('industrial'), count('market')]).toEqual([46, 2, 1]);
    expect(town.every(({ hasBoundary, places }) => hasBoundary && places > 0)).toBe(true);
    // Nobody has written it down: it follows from the coordinates.
    const gate = await admin.get<PlaceView>('/api/v1/places/hd-guixiang-main-gate');
    expect(gate.grid).toBe('hd-nandu-1');
  });

  it('imported again changes nothing, also where a place has its grid from its coordinates', async () => {
    const before = await everything();
    const again = await run({ files: [...SAMPLE] });
    expect(again).toMatchObject({ outcome: 'nothing', changes: [], codes: [] });
    expect(await everything()).toBe(before);
  });

  it('lets its staff set a password with a code, once, and they see their own grid alone', async () => {
    expect(first.codes).toHaveLength(56);
    const own = first.codes.find(({ name }) => name === 'wg-nandu-1');
    const setPassword = (): Promise<Response> =>
      fetch(`${hub.url}/api/v1/password/by-code`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...own, password: STAFF_PASSWORD }),
      });
    expect((await setPassword()).status).toBe(204);
    expect((await setPassword()).status).toBe(401);
    const worker = await signIn(hub.url, 'wg-nandu-1', STAFF_PASSWORD);
    const tree = await worker.get<PlaceTree>('/api/v1/place-tree');
    expect(tree.grids.map(({ id }) => id)).toEqual(['hd-nandu-1']);
    expect([tree.communities.length, tree.subdistricts.length, tree.estates.length]).toEqual([1, 1, 0]);
    const seen = await worker.list<PlaceView>('/api/v1/places');
    expect(seen.map(({ grid }) => grid)).toEqual(seen.map(() => 'hd-nandu-1'));
    const roster = await worker.get<{ items: DutyView[] }>('/api/v1/roster?at=2026-11-24T01:00:00.000Z');
    expect(roster.items.map(({ grid }) => grid)).toEqual(['hd-nandu-1']);
    expect((await worker.send('POST', '/api/v1/imports', { files: SAMPLE })).status).toBe(403);
  });

  it('says who is on duty where, by the week and by the date', async () => {
    const namesAt = async (at: string): Promise<string[]> => {
      const { items } = await admin.get<{ items: DutyView[] }>(`/api/v1/roster?grid=hd-nandu-1&at=${at}`);
      return items.map(({ name }) => name);
    };
    expect(await namesAt('2026-11-24T01:00:00.000Z')).toEqual(['wg-nandu-1']);
    expect(await namesAt('2026-11-24T11:00:00.000Z')).toEqual([]);
    expect(await namesAt('2026-11-28T02:00:00.000Z')).toEqual(['wg-nandu-2']);
    // An exception of the sample: the one is off and the other stands in.
    expect(await namesAt('2026-12-01T01:00:00.000Z')).toEqual(['wg-nandu-2']);
  });

  it('has a case suggested to who is on duty in its grid, whoever else works there', async () => {
    const always = csv('roster.csv', 'grid,staff,days,hours', 'hd-beian-2,wg-beian-5,daily,00:00-24:00');
    expect((await run({ files: [always], missing: 'keep' })).outcome).toBe('imported');
    const report = { source: 'patrol', category: 'equipment-fault', title: '路灯不亮', grid: 'hd-beian-2' };
    const opened = (await (await admin.send('POST', '/api/v1/cases', report)).json()) as CaseDetail;
    const beside = await admin.get<{ items: DutyView[] }>('/api/v1/roster?grid=hd-beian-2');
    expect(beside.items.map(({ name }) => name)).toContain('wg-beian-5');
    expect(beside.items.map(({ name }) => name)).toContain(opened.suggestedAssignee?.name);
  });

  it('knows the grid of a point, also of a case that has nothing else to say where it is', async () => {
    const at = async (point: string) => (await admin.get<GridAt>(`/api/v1/grid-at?${point}`)).grid?.id;
    expect(await at('latitude=30.0016&longitude=120.0020')).toBe('hd-nandu-1');
    expect(await at('latitude=31&longitude=121')).toBeUndefined();
    const report = { source: 'patrol', category: 'equipment-fault', title: '井盖松动' };
    const open = async (client: ApiClient, latitude: number): Promise<Response> =>
      client.send('POST', '/api/v1/cases', { ...report, point: { latitude, longitude: 120.002 } });
    const inside = (await (await open(admin, 30.0016)).json()) as CaseDetail;
    expect(inside.case).toMatchObject({ grid: 'hd-nandu-1', estate: null, place: null });
    expect(await open(admin, 31)).toMatchObject({ status: 400 });
    const worker = await signIn(hub.url, 'wg-nandu-1', STAFF_PASSWORD);
    expect((await open(worker, 30.0016)).status).toBe(201);
    // The next grid but one to the north is somebody else's.
    expect((await open(worker, 30.0089)).status).toBe(404);
  });
});

describe('a file with mistakes', () => {
  it('is refused whole, and each mistake is told with its line, column and the nearest right name', async () => {
    const before = await everything();
    const files = [
      csv(
        'places.csv',
        'id,name_zh,estate,grid,kind,latitude,longitude',
        'new-gate,新门,hd-guixiang,,entrance,,',
        'bad-estate,门,hd-guixiagn,,entrance,,',
        'bad-kind,门,hd-guixiang,,entrence,,',
        'bad-grid,门,hd-guixiang,hd-beian-1,entrance,,',
        'half-point,门,hd-guixiang,,entrance,30.0,',
        'Bad_Id,门,hd-guixiang,,entrance,,',
        'new-gate,又一个,hd-guixiang,,entrance,,',
        'no-name,,hd-guixiang,,entrance,,',
      ),
      csv('值班.csv', '网格,人员,星期,时段', 'hd-nandu-1,wg-nandu-9x,周一,08:00-18:00', 'hd-nandu-1,wg-nandu-1,周一,'),
    ];
    const report = await run({ files, missing: 'keep' });
    expect(report.outcome).toBe('refused');
    const [estate, kind, grid, point, id, twice, name, staff, hours] = [
      "error places.csv:3:estate: there is no estate 'hd-guixiagn'; did you mean 'hd-guixiang'?",
      "error places.csv:4:kind: there is no 'entrence'; did you mean 'entrance'?",
      "error places.csv:5:grid: grid 'hd-beian-1' is in community 'hd-beian', its estate in 'hd-nandu'",
      'error places.csv:6:null: needs both a latitude and a longitude',
      "error places.csv:7:id: 'Bad_Id' is no id",
      'error places.csv:8:null: says the same as places.csv, line 2',
      'error places.csv:9:name_zh: is needed and empty',
      "error 值班.csv:2:人员: there is no staff 'wg-nandu-9x'; did you mean 'wg-nandu-9'?",
      'error 值班.csv:3:null: being on duty needs hours, being off has none',
    ];
    const told = problemsOf(report);
    for (const expected of [estate, kind, grid, point, id, twice, name, staff, hours]) {
      expect(
        told.filter((problem) => problem.startsWith(expected ?? '?')),
        expected,
      ).toHaveLength(1);
    }
    expect(told).toHaveLength(9);
    expect(await everything()).toBe(before);
  });

  it('cannot take the last administrator away', async () => {
    const before = await everything();
    const answer = await admin.send('POST', '/api/v1/imports', {
      files: [csv('staff.csv', 'name,display_name,roles', 'admin,Admin,guard')],
      missing: 'keep',
    });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([409, 'ACCOUNT_LAST_ADMIN']);
    expect(await everything()).toBe(before);
  });
});

/** A file of the sample without some of its lines. */
const without = (name: string, gone: RegExp): ImportFile[] =>
  SAMPLE.filter((file) => file.name === name).map((file) => {
    const lines = Buffer.from(file.contentBase64, 'base64').toString().split('\n');
    return csv(name, ...lines.filter((line) => !gone.test(line)));
  });

describe('what the files no longer name', () => {
  it('is asked about, kept, or removed, as whoever imports says', async () => {
    const files = without('roster.csv', /^hd-nandu-1,/);
    const before = await everything();
    const asked = await run({ files });
    expect(asked.outcome).toBe('undecided');
    // Four lines of the sample, and the one that was imported beside it.
    expect(asked.changes).toHaveLength(5);
    expect(asked.changes.every(({ change }) => change === 'removed')).toBe(true);
    expect((await run({ files, missing: 'keep' })).outcome).toBe('nothing');
    expect(await everything()).toBe(before);
    expect((await run({ files, missing: 'remove' })).outcome).toBe('imported');
    const roster = await admin.get<{ items: DutyView[] }>('/api/v1/roster?grid=hd-nandu-1&at=2026-11-24T01:00:00.000Z');
    expect(roster.items).toEqual([]);
  });

  it('stays where something else needs it', async () => {
    const needed = await run({ files: without('estates.csv', /^hd-guixiang,/), missing: 'remove' });
    expect(needed.outcome).toBe('refused');
    expect(problemsOf(needed)[0]).toContain("estate 'hd-guixiang' cannot be removed");
  });

  it('disables staff, ends their sessions, and leaves accounts that people made alone', async () => {
    const worker = await signIn(hub.url, 'wg-nandu-1', STAFF_PASSWORD);
    expect((await run({ files: without('staff.csv', /^wg-nandu-1,/), missing: 'remove' })).outcome).toBe('imported');
    expect((await worker.send('GET', '/api/v1/places')).status).toBe(401);
    const accounts = await admin.list<AccountView>('/api/v1/accounts?limit=200');
    const disabled = accounts.filter(({ disabledAt }) => disabledAt !== null).map(({ name }) => name);
    expect(disabled).toEqual(['wg-nandu-1']);
  });
});

describe('the places file beside imports', () => {
  it('counts for what nobody has imported, and no longer for what somebody has', async () => {
    const file = join(ground.dir, 'places.yaml');
    const places = readFileSync(join(root, 'config/places.yaml'), 'utf8');
    const taken = csv('places.csv', 'id,name_zh,name_en', 'lanting-main-gate,改名的门,Renamed gate');
    expect((await run({ files: [taken], missing: 'keep' })).outcome).toBe('imported');
    writeFileSync(file, places.replace('南大门', '文件里的南门').replace('北侧后勤门（停用）', '文件里的后勤门'));
    const second = await startHubHere(ground, { HUB_PLACES_FILE: file });
    try {
      const nameOf = async (id: string) => (await admin.get<PlaceView>(`/api/v1/places/${id}`)).name.zh;
      expect(await nameOf('lanting-main-gate')).toBe('改名的门');
      expect(await nameOf('lanting-service-gate')).toBe('文件里的后勤门');
    } finally {
      await second.stop();
    }
  });
});

describe('npm run import', () => {
  it('imports on the command line, and its exit code says what came of it', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'dipper-import-'));
    const command = async (...args: string[]): Promise<{ code: number; text: string }> => {
      const entry = join(root, 'services/standalone/import.ts');
      const env = { ...process.env, HUB_DATABASE_URL: ground.database.url };
      try {
        const { stdout } = await promisify(execFile)(process.execPath, [entry, ...args], { env });
        return { code: 0, text: stdout };
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { code, text: stdout + stderr };
      }
    };
    try {
      const file = join(dir, 'communities.csv');
      const wrong = join(dir, '社区.csv');
      writeFileSync(file, 'id,name_zh,subdistrict\nhd-new,新社区,hedu-subdistrict\n');
      writeFileSync(wrong, 'id,name_zh,subdistrict\nhd-newer,新,nowhere\n');
      const [dry, undecided, refused, misused] = await Promise.all([
        command(file, '--dry-run'),
        command(file),
        command(wrong, '--keep'),
        command('--sometimes'),
      ]);
      expect(dry).toMatchObject({ code: 0, text: expect.stringContaining('dry run') });
      expect(undecided).toMatchObject({ code: 3, text: expect.stringContaining('--remove or --keep') });
      expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('社区.csv:2:subdistrict') });
      expect(misused.code).toBe(2);
      expect(await command(file, '--keep')).toMatchObject({ code: 0, text: expect.stringContaining('1 new') });
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

/** Last: edges that come and go leave rows that no import has written. */
describe('what happens at places that were imported', () => {
  it('is judged by what the import says of them, at once', async () => {
    const edge: FakeEdge = await startFakeEdge({
      mqttUrl: ground.broker.url,
      login: ground.broker.agent('lanting-edge-1'),
      ...{ estate: 'lanting', agent: 'lanting-edge-1', hubKey: ground.hubKey },
    });
    try {
      const yaml = [
        'places:',
        '  - { id: roof, estate: lanting, kind: indoor, name: { zh: 屋顶, en: Roof }, hours: { closed: always } }',
        'devices:',
        '  - { id: roof-camera, agent: lanting-edge-1, place: roof, kind: camera, name: { zh: 屋顶相机, en: Roof camera } }',
      ];
      expect(await run({ files: [csv('roof.yaml', ...yaml)], missing: 'keep' })).toMatchObject({ outcome: 'imported' });
      await edge.tell([faceCaptured({ ...edge.next(), subject: 'roof-camera', place: 'roof' })]);
      const alarm = await eventually(
        'an alarm at a closed place',
        async () => (await admin.list<Alarm>('/api/v1/alarms?place=roof'))[0],
      );
      expect(alarm).toMatchObject({ place: 'roof', title: { zh: expect.stringContaining('屋顶') } });
    } finally {
      await edge.stop();
    }
  });

  it('keeps them from being removed', async () => {
    const places = without('places.csv', /^roof-never-was/);
    const happened = await run({ files: places, missing: 'remove' });
    expect(happened.outcome).toBe('refused');
    expect(problemsOf(happened)).toContainEqual(expect.stringContaining("place 'roof' cannot be removed"));
    const devices = without('devices.csv', /^roof-never-was/);
    const history = await run({ files: [...places, ...devices], missing: 'remove' });
    expect(problemsOf(history)).toEqual([expect.stringContaining('alarms or cases happened there')]);
    // Nothing has been decided: it is said, and is no mistake.
    expect((await run({ files: [...places, ...devices] })).outcome).toBe('undecided');
  });
});
