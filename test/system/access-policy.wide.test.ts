import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessScheduleView } from '@dipper/contract/api/access-schedule';
import type { AgentPolicyView } from '@dipper/contract/api/agent-policy';
import type { CreatedCredential, HolderDetail } from '@dipper/contract/api/holder';
import type { HolderImportReport } from '@dipper/contract/api/holder-import';
import type { HubKeyView } from '@dipper/contract/api/hub-key';
import { CREDENTIAL_KEY_BYTES, credentialHmac } from '@dipper/contract/credential-hmac';
import type { HubKey } from '@dipper/contract/hub-key';
import { hubKeyId } from '@dipper/contract/hub-key-id';
import type { PolicyFile } from '@dipper/contract/policy';
import type { PolicyBody } from '@dipper/contract/policy-body';
import type { TakenPolicy } from '@dipper/edge/link/policy-client';
import { openDatabasePool } from '@dipper/hub/database/pool';
import { HOLDER_RETENTION } from '@dipper/hub/domains/holder/holder-retention';
import type { RunningHub } from '@dipper/hub/hub';
import { connectAsync, type MqttClient } from 'mqtt';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { eventually } from '../support/eventually.ts';
import { credentialKeyEnv, type LinkedEdge, ORIGIN, openLinkedEdge } from '../support/linked-edge.ts';
import { ADMIN_PASSWORD, type HubGround, startHubGround, startHubHere } from '../support/running-hub.ts';

const POINT = 'east-way-in';
const CARD = '04:A2:3B:91:7C';
const PLATE = '浙A·D1234F';
const key = randomBytes(CREDENTIAL_KEY_BYTES);
const PATIENTLY = { withinMs: 30_000, everyMs: 20 };

let ground: HubGround;
let hub: RunningHub;
let admin: ApiClient;
let edge: Edge;
let holder: string;
const announced: { readonly payload: Buffer; readonly atMs: number }[] = [];
let listener: MqttClient;

/** An edge without devices, and the policies that it took up. */
type Edge = LinkedEdge & { readonly taken: readonly TakenPolicy[] };

const folderOf = (name: string): string => {
  const folder = join(ground.dir, name);
  mkdirSync(folder);
  return folder;
};

async function startEdge(folder: string): Promise<Edge> {
  const linked = await openLinkedEdge(ground, folder, key);
  const taken: TakenPolicy[] = [];
  linked.policy.follow((each) => taken.push(each));
  linked.connect({});
  return { ...linked, taken };
}

beforeAll(async () => {
  ground = await startHubGround();
  hub = await startHubHere(ground, credentialKeyEnv(ground, key));
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
  listener = await connectAsync(ground.broker.url, { ...ground.broker.hub, clientId: 'listener' });
  listener.on('message', (_topic, payload) => announced.push({ payload, atMs: performance.now() }));
  await listener.subscribeAsync('dipper/v1/lanting/lanting-edge-1/policy', { qos: 1 });
  edge = await startEdge(folderOf('first'));
}, 60_000);
afterAll(async () => {
  await listener?.endAsync(true);
  await edge?.stop();
  await hub?.stop();
  await ground?.stop();
});

async function post<T>(path: string, body?: unknown, status = 201): Promise<T> {
  const answer = await admin.send('POST', path, body);
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`POST ${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as T;
}

const latest = (): PolicyBody | undefined => edge.taken.at(-1)?.body;
const policyOf = async (): Promise<AgentPolicyView | undefined> =>
  (await admin.list<AgentPolicyView>('/api/v1/agent-policies')).find(({ id }) => id === ORIGIN.agent);

describe('who may pass', () => {
  it('is compiled, announced, fetched, verified and told of, and holds no value of a credential', async () => {
    expect(await policyOf()).toMatchObject({ hasKey: true, version: null });
    const schedule = await post<AccessScheduleView>('/api/v1/access-schedules', {
      ...{ estate: 'lanting', name: '工作日', holidays: 'closed' },
      weekly: [[[480, 1080]], [[480, 1080]], [[480, 1080]], [[480, 1080]], [[480, 1080]], [], []],
    });
    await post('/api/v1/access-points', {
      ...{ id: POINT, place: 'lanting-service-gate', device: 'lanting-service-barrier' },
      ...{ name: { zh: '东门进', en: 'East gate in' }, rules: { factorRules: [{ anyOf: [['card'], ['plate']] }] } },
    });
    const made = await post<HolderDetail>('/api/v1/holders', { estate: 'lanting', name: '王芳', unit: '3-2-501' });
    holder = made.holder.id;
    await post<CreatedCredential>(`/api/v1/holders/${holder}/credentials`, { factor: 'card', value: CARD });
    const { pin } = await post<CreatedCredential>(`/api/v1/holders/${holder}/credentials`, { factor: 'pin' });
    expect(pin).toMatch(/^[0-9]{6}$/);
    const permit = { accessPoints: [POINT], schedule: schedule.id };
    await post(`/api/v1/holders/${holder}/permits`, permit);
    const vehicle = await post<HolderDetail>(`/api/v1/holders/${holder}/vehicles`, { name: '白色轿车', plate: PLATE });
    expect(vehicle.holder).toMatchObject({ kind: 'vehicle', owner: { name: '王芳' }, plates: ['浙AD1234F'] });
    await post(`/api/v1/holders/${vehicle.holder.id}/permits`, { accessPoints: [POINT] });

    const body = await eventually(
      'the edge to have all of it',
      () => latest()?.permits.length === 2 && latest(),
      PATIENTLY,
    );
    expect(body).toMatchObject({
      ...{ ...ORIGIN, timeZone: 'Asia/Shanghai' },
      accessPoints: [{ id: POINT, device: 'lanting-service-barrier' }],
      schedules: [{ id: schedule.id }],
    });
    expect(body.schedules[0]?.specialDays).toContainEqual({ date: '2026-10-01', spans: [] });
    const hmacs = body.credentials.map(({ hmac }) => hmac);
    expect(hmacs.toSorted()).toEqual(
      [
        credentialHmac(key, 'card', CARD),
        credentialHmac(key, 'pin', pin ?? ''),
        credentialHmac(key, 'plate', PLATE),
      ].toSorted(),
    );
    await eventually('the hub to know', async () => (await policyOf())?.behindSince === null, PATIENTLY);
    expect(await policyOf()).toMatchObject({ ackedVersion: body.version, version: body.version, problem: null });

    const file = edge.taken.at(-1)?.file ?? '';
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const wire = announced.map(({ payload }) => payload.toString()).join('');
    const seen = { dump: await ground.dump(), disk: readFileSync(file, 'utf8'), log: edge.logged.join(''), wire };
    for (const [where, text] of Object.entries(seen)) {
      for (const value of [CARD, CARD.replaceAll(':', ''), key.toString('base64'), key.toString('hex')]) {
        expect(text.includes(value), where).toBe(false);
      }
    }
    // Six digits occur by chance wherever there are many: here they would be a value of their own.
    const rows = await ground.rows('select c::text, p::text from dipper.access_credential c, dipper.agent_policy p');
    expect(JSON.stringify(rows)).not.toMatch(new RegExp(`(?<![0-9a-f.])${pin}(?![0-9a-f])`));
    expect(seen.disk + seen.log + seen.wire).not.toContain('浙A');
  });

  it('reaches the edge within two seconds of somebody being blocked, and only then is another version', async () => {
    const before = latest()?.version ?? 0;
    const startMs = performance.now();
    await post(`/api/v1/holders/${holder}/block`, { blocked: true, reason: '卡片遗失' }, 200);
    const body = await eventually('the block', () => (latest()?.version ?? 0) > before && latest(), PATIENTLY);
    if (process.env['TEST_LOG_LEVEL'] !== undefined) console.log(`${performance.now() - startMs} ms`);
    // With the resident the vehicle.
    expect(body.holders.map(({ blocked }) => blocked)).toEqual([true, true]);
    expect(body.version).toBe(before + 1);
    // What changes nothing for the gates makes no version.
    const { holder: seen } = await admin.get<HolderDetail>(`/api/v1/holders/${holder}`);
    const renamed = await admin.send('PATCH', `/api/v1/holders/${holder}`, { version: seen.version, name: '王芳芳' });
    expect(renamed.status).toBe(200);
    await post(`/api/v1/holders/${holder}/block`, { blocked: false, reason: '已找回' }, 200);
    await eventually('the release', () => latest()?.holders.every(({ blocked }) => blocked === undefined), PATIENTLY);
    expect(latest()?.version).toBe(before + 2);
    expect((await admin.send('PATCH', `/api/v1/holders/${holder}`, { version: seen.version, name: 'x' })).status).toBe(
      409,
    );
  });
});

describe('somebody who has moved out', () => {
  it('opens nothing any more at once, leaves no value of a credential, and is forgotten in the end, with a proof', async () => {
    const made = await post<HolderDetail>('/api/v1/holders', { estate: 'lanting', name: '李强' });
    const { id } = made.holder;
    await post(`/api/v1/holders/${id}/credentials`, { factor: 'card', value: '04:FF:EE:DD' });
    const taken = await admin.send('POST', `/api/v1/holders/${holder}/credentials`, {
      factor: 'card',
      value: '04FFEEDD',
    });
    expect(((await taken.json()) as { code: string }).code).toBe('CREDENTIAL_IN_USE');
    const vehicle = await post<HolderDetail>(`/api/v1/holders/${id}/vehicles`, { name: '摩托', plate: '浙A55555' });
    await post(`/api/v1/holders/${vehicle.holder.id}/permits`, { accessPoints: [POINT] });
    await eventually('the edge to know', () => latest()?.permits.length === 3, PATIENTLY);
    await post(`/api/v1/holders/${id}/end`, undefined, 200);
    await eventually('the edge to know', () => latest()?.permits.length === 2, PATIENTLY);
    expect((await admin.send('POST', `/api/v1/holders/${id}/permits`, { accessPoints: [POINT] })).status).toBe(409);
    // Somebody else may have the card now.
    await post(`/api/v1/holders/${holder}/credentials`, { factor: 'card', value: '04FFEEDD' });
    await eventually('the edge to know', () => latest()?.credentials.length === 4, PATIENTLY);
    const values = 'plate is not null or sealed is not null or fingerprint is not null';
    expect(
      await ground.rows(`select from dipper.access_credential where ended_at is not null and (${values})`),
    ).toEqual([]);

    const pool = openDatabasePool(ground.database.url, pino({ level: 'silent' }));
    const remove = (before: Date) => pool.db.transaction().execute((tx) => HOLDER_RETENTION.removeNext(tx, before));
    expect(await remove(new Date(Date.now() - 60_000))).toBeUndefined();
    const removed = [];
    for (
      let next = await remove(new Date(Date.now() + 1_000));
      next;
      next = await remove(new Date(Date.now() + 1_000))
    ) {
      removed.push(...next.map(({ subject, rows, sha256 }) => [subject, rows, sha256.length]));
    }
    await pool.close();
    expect(removed).toEqual([
      ['dipper.access_permit', 1, 32],
      ['dipper.access_credential', 2, 32],
      // The vehicle before its owner.
      ['dipper.access_holder', 1, 32],
      ['dipper.access_holder', 1, 32],
    ]);
    expect((await admin.send('GET', `/api/v1/holders/${id}`)).status).toBe(404);
  });
});

describe('a table of residents', () => {
  const table = (...lines: string[]) => ({
    ...{ name: '住户.csv', contentBase64: Buffer.from(lines.join('\r\n')).toString('base64') },
  });
  const HEAD = '姓名,房号,卡号,车牌,出入口,有效期至';
  const bring = (file: ReturnType<typeof table>, dryRun: boolean, status = 200) =>
    post<HolderImportReport>('/api/v1/holder-imports', { estate: 'lanting', file, dryRun }, status);

  it('is looked through, brought whole or not at all, and changes nothing a second time', async () => {
    const way = { place: 'lanting-service-gate', device: 'lanting-service-barrier' };
    const rules = { factorRules: [{ anyOf: [['card'], ['plate']] }] };
    await post('/api/v1/access-points', { ...way, id: 'north-in', name: { zh: '北门进', en: 'North gate in' }, rules });
    const other = await post<HolderDetail>('/api/v1/holders', { estate: 'lanting', name: '孙二' });
    await post(`/api/v1/holders/${other.holder.id}/credentials`, { factor: 'card', value: 'ABBA0001' });
    const people = Array.from({ length: 600 }, (_, n) => `赵${n},9-1-${n},CAFE${n},浙B${10_000 + n},北门进,2099-12-31`);
    const bad = await bring(table(HEAD, ...people, '钱一,9-2-1,ABBA0001,,北门近,'), false);
    expect(bad).toMatchObject({ outcome: 'refused', rows: 601 });
    expect(bad.problems.map(({ line, column }) => [line, column])).toEqual([
      [602, '卡号'],
      [602, '出入口'],
    ]);
    const file = table(HEAD, ...people);
    const counts = { residents: 600, unchanged: 0, cards: 600, vehicles: 600, permits: 1200 };
    expect(await bring(file, true)).toMatchObject({ outcome: 'dry-run', problems: [], counts });
    expect(await admin.list('/api/v1/holders?q=9-1-599')).toEqual([]);
    const before = latest()?.version ?? 0;
    expect(await bring(file, false, 201)).toMatchObject({ outcome: 'imported', counts });
    const body = await eventually(
      'the edge to have them',
      () => (latest()?.version ?? 0) > before && latest(),
      PATIENTLY,
    );
    expect(body.permits.filter(({ validUntil }) => validUntil === '2099-12-31T16:00:00.000Z')).toHaveLength(1200);
    expect(body.credentials.some(({ hmac }) => hmac === credentialHmac(key, 'card', 'CAFE599'))).toBe(true);
    expect(await bring(file, false)).toMatchObject({ outcome: 'nothing', changes: [], counts: { unchanged: 600 } });
    const trail = await ground.rows(
      `select target, reason from dipper.audit where action = 'holder.import' and outcome = 'granted' order by id`,
    );
    expect(trail).toMatchObject([
      { target: 'refused' },
      { target: 'dry-run' },
      { target: 'imported', reason: '住户.csv: 600 residents, 600 cards, 600 vehicles, 1200 permits' },
      { target: 'nothing' },
    ]);
  });

  it('leaves access points, hours and areas that are in use; what nothing refers to is deleted, as it was looked at', async () => {
    const remove = async (path: string): Promise<unknown> => {
      const answer = await admin.send('DELETE', path);
      return answer.status === 204 ? 204 : ((await answer.json()) as { code: string }).code;
    };
    const [hours] = await admin.list<AccessScheduleView>('/api/v1/access-schedules');
    expect(await remove(`/api/v1/access-schedules/${hours?.id}?version=1`)).toBe('ACCESS_STILL_USED');
    expect(await remove(`/api/v1/access-points/${POINT}?version=1`)).toBe('ACCESS_STILL_USED');
    const weekly = [[], [], [], [], [], [], []];
    const fresh = await post<AccessScheduleView>('/api/v1/access-schedules', { estate: 'lanting', name: '夜', weekly });
    const name = { zh: '院子', en: 'Yard' };
    await post('/api/v1/access-areas', { id: 'yard', estate: 'lanting', name });
    const way = { place: 'lanting-service-gate', device: 'lanting-service-barrier', name };
    const rules = { factorRules: [{ schedule: fresh.id, anyOf: [['card']] }] };
    await post('/api/v1/access-points', { ...way, id: 'yard-in', toArea: 'yard', rules });
    expect(await remove(`/api/v1/access-schedules/${fresh.id}?version=1`)).toBe('ACCESS_STILL_USED');
    expect(await remove('/api/v1/access-areas/yard?version=1')).toBe('ACCESS_STILL_USED');
    expect(await remove('/api/v1/access-points/yard-in?version=2')).toBe('VERSION_CONFLICT');
    expect(await remove('/api/v1/access-points/yard-in?version=1')).toBe(204);
    expect(await remove('/api/v1/access-areas/yard?version=1')).toBe(204);
    expect(await remove(`/api/v1/access-schedules/${fresh.id}?version=1`)).toBe(204);
    expect(await remove('/api/v1/access-areas/yard?version=1')).toBe('NOT_FOUND');
  });
});

describe('an edge', () => {
  it('refuses a lower version, and what was not signed', async () => {
    const version = await eventually(
      'all to be said',
      async () => {
        const told = await policyOf();
        return told?.behindSince === null && told.version === latest()?.version && told.version;
      },
      PATIENTLY,
    );
    const [first] = announced;
    await edge.policy.receive(first?.payload ?? Buffer.alloc(0));
    expect(edge.policy.state()).toMatchObject({ version, problem: 'POLICY_VERSION_LOWER' });
    const { policy } = JSON.parse(first?.payload.toString() ?? '') as { policy: string };
    const [head, claims = '', signature] = policy.split('.');
    const higher = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { version: number };
    const forged = [head, Buffer.from(JSON.stringify({ ...higher, version: 99 })).toString('base64url'), signature];
    await edge.policy.receive(Buffer.from(JSON.stringify({ policy: forged.join('.') })));
    expect(edge.policy.state()).toMatchObject({ version, problem: 'SIGNATURE_INVALID' });
    await eventually('the hub to know', async () => (await policyOf())?.problem === 'SIGNATURE_INVALID', PATIENTLY);
    expect(latest()?.version).toBe(version);
  });

  it('goes by what it has after a restart without a hub, and not by a file that was changed', async () => {
    const taken = edge.taken.at(-1);
    await edge.stop();
    await hub.stop();
    const folder = folderOf('second');
    const file = JSON.parse(readFileSync(taken?.file ?? '', 'utf8')) as PolicyFile;
    writeFileSync(join(folder, 'policy.json'), JSON.stringify(file));
    edge = await startEdge(folder);
    expect(latest()).toEqual(taken?.body);
    await edge.stop();
    const changed = file.body.replace('"factor":"card"', '"factor":"qr"');
    expect(changed).not.toBe(file.body);
    writeFileSync(join(folder, 'policy.json'), JSON.stringify({ ...file, body: changed }));
    edge = await startEdge(folder);
    expect([latest(), edge.policy.state()]).toEqual([undefined, { version: 0, problem: 'POLICY_INVALID' }]);

    // The hub comes back: what the broker keeps leads it to the whole of it again.
    hub = await startHubHere(ground, {
      HUB_PORT: new URL(hub.url).port,
      HUB_CREDENTIAL_KEYS_FILE: join(ground.dir, 'credential-keys'),
    });
    admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
    await eventually('the policy', () => latest()?.version === taken?.body.version, PATIENTLY);
  });

  it('takes up what is signed anew by another key, and goes by it once it knows that key alone', async () => {
    const [version, told] = [latest()?.version, announced.length];
    const { id } = await post<HubKeyView>('/api/v1/hub-keys');
    const current = async () =>
      (await admin.list<HubKeyView>('/api/v1/hub-keys')).find((key) => key.state === 'current');
    await eventually('the hub to sign with it', async () => (await current())?.id === id, PATIENTLY);
    await eventually('the policy to be announced anew', () => announced.length > told, PATIENTLY);
    const anew = JSON.parse(announced.at(-1)?.payload.toString() ?? '') as Pick<PolicyFile, 'policy'>;
    const folder = join(ground.dir, 'second');
    const kept = () => (JSON.parse(readFileSync(join(folder, 'policy.json'), 'utf8')) as PolicyFile).policy;
    await eventually('the edge to keep it', () => kept() === anew.policy, PATIENTLY);
    const believed = () => {
      const learnt = readFileSync(join(folder, 'hub-keys.json'), 'utf8');
      return (JSON.parse(learnt) as { readonly keys: readonly HubKey[] }).keys.map(hubKeyId);
    };
    await eventually('the edge to forget the other', () => believed().join() === id, PATIENTLY);
    await edge.stop();
    edge = await startEdge(folder);
    expect([latest()?.version, edge.policy.state()]).toEqual([version, { version, expiresAt: expect.any(String) }]);
  });

  it('gets the body only with its key', async () => {
    const ask = (authorization: string): Promise<Response> =>
      fetch(`${hub.url}/edge/v1/policies/lanting-edge-1`, { headers: { authorization } });
    for (const wrong of ['', 'Bearer x', `Dipper-Policy 1:${'0'.repeat(64)}:${'0'.repeat(64)}`]) {
      const answer = await ask(wrong);
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([401, 'POLICY_KEY_WRONG']);
    }
  });
});
