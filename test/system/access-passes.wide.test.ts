import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessRecordView } from '@dipper/contract/api/access-record';
import type { HolderDetail } from '@dipper/contract/api/holder';
import type { InvitePage, IssuedPass, PassView, VisitorPass } from '@dipper/contract/api/pass';
import { CREDENTIAL_KEY_BYTES } from '@dipper/contract/credential-hmac';
import { PASS_TYPE, type PassClaims } from '@dipper/contract/pass';
import type { PolicyBody, PolicyPermit } from '@dipper/contract/policy-body';
import type { RunningHub } from '@dipper/hub/hub';
import { compactVerify, importJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { eventually } from '../support/eventually.ts';
import { ADMIN_PASSWORD, type HubGround, signInAs, startHubGround, startHubHere } from '../support/running-hub.ts';
import { connectScriptedEdge, type ScriptedEdge } from '../support/scripted-edge.ts';

const POINT = 'east-way-in';
const HOUR_MS = 3_600_000;
const PATIENTLY = { withinMs: 30_000, everyMs: 20 };

let ground: HubGround;
let hub: RunningHub;
let admin: ApiClient;
let guard: ApiClient;
let edge: ScriptedEdge;
let resident: string;
const epoch = randomUUID();
let sequence = 0;

beforeAll(async () => {
  ground = await startHubGround();
  const keysFile = join(ground.dir, 'credential-keys');
  const key = randomBytes(CREDENTIAL_KEY_BYTES).toString('base64');
  writeFileSync(keysFile, `lanting/lanting-edge-1:${key}\nlanting/lanting-edge-2:${key}\n`, { mode: 0o600 });
  hub = await startHubHere(ground, { HUB_CREDENTIAL_KEYS_FILE: keysFile });
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
  guard = await signInAs(hub.url, admin, 'guard');
  const rules = { factorRules: [{ anyOf: [['qr'], ['plate']] }] };
  const name = { zh: '东门进', en: 'East gate in' };
  await post('/api/v1/access-points', {
    ...{ id: POINT, place: 'lanting-service-gate', device: 'lanting-service-barrier', name, rules },
  });
  resident = (await post<HolderDetail>('/api/v1/holders', { estate: 'lanting', name: '王芳', unit: '3-2-501' })).holder
    .id;
}, 60_000);
afterAll(async () => {
  await edge?.close();
  await hub?.stop();
  await ground?.stop();
});

async function post<T>(path: string, body?: unknown, status = 201, client: ApiClient = admin): Promise<T> {
  const answer = await client.send('POST', path, body);
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`POST ${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as T;
}

/** As somebody without an account does. */
async function open<T>(path: string, init?: { readonly body?: unknown; readonly status?: number }): Promise<T> {
  const answer = await fetch(`${hub.url}/api/v1/public${path}`, {
    ...(init !== undefined && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(init.body ?? {}),
    }),
  });
  const text = await answer.text();
  expect([answer.status, text]).toEqual([init?.status ?? 200, text]);
  return JSON.parse(text) as T;
}

async function policyOf(agent: string): Promise<PolicyBody | undefined> {
  const [row] = (await ground.rows(`select body from dipper.agent_policy where agent = '${agent}'`)) as {
    body: string;
  }[];
  return row === undefined ? undefined : (JSON.parse(row.body) as PolicyBody);
}

async function permitOf(agent: string, permit: string): Promise<PolicyPermit | undefined> {
  return (await policyOf(agent))?.permits.find(({ id }) => id === permit);
}

async function claimsOf(token: string): Promise<PassClaims> {
  const jwk = ground.hubKey();
  const { payload, protectedHeader } = await compactVerify(token, await importJWK(jwk, 'EdDSA'));
  expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: PASS_TYPE });
  return JSON.parse(new TextDecoder().decode(payload)) as PassClaims;
}

const visit = (more: object = {}) => ({
  ...{ estate: 'lanting', name: '李强', accessPoints: [POINT], host: resident },
  until: new Date(Date.now() + HOUR_MS).toISOString(),
  ...more,
});

describe('a pass', () => {
  it('is signed for gates that have not heard of it, shown on a page without an account, and in the policy at once', async () => {
    const { pass, code } = await post<IssuedPass>('/api/v1/passes', visit({ plate: '浙A·12345' }), 201, guard);
    expect(pass).toMatchObject({
      name: '李强',
      plate: '浙A12345',
      uses: 2,
      used: 0,
      state: 'valid',
      createdBy: 'guard',
    });
    const shown = await open<VisitorPass>(`/passes/${code?.toLowerCase().replaceAll('-', ' ')}`);
    expect(shown).toMatchObject({
      name: '李强',
      usesLeft: 2,
      state: 'valid',
      accessPoints: [{ name: { zh: '东门进' } }],
    });
    const claims = await claimsOf(shown.token ?? '');
    expect(claims).toMatchObject({ estate: 'lanting', pass: pass.id, accessPoints: [POINT], uses: 2 });
    const policy = await eventually(
      'the policy knows it',
      async () => {
        const body = await policyOf('lanting-edge-1');
        return body?.credentials.some(({ id }) => id === pass.id) === true && body;
      },
      PATIENTLY,
    );
    expect(claims.policyVersions).toEqual({ 'lanting-edge-1': policy.version });
    expect(policy.credentials.find(({ id }) => id === pass.id)).toEqual({
      id: pass.id,
      holder: claims.holder,
      factor: 'qr',
    });
    expect(JSON.stringify(policy)).not.toContain('12345');
  });

  it('that is taken back opens nothing: the policy forgets it, and the page says so', async () => {
    const { pass, code } = await post<IssuedPass>('/api/v1/passes', visit());
    const taken = await post<IssuedPass>(`/api/v1/passes/${pass.id}/revoke`, { reason: '访客不来了' }, 200, guard);
    expect([taken.pass.state, taken.pass.revokedBy, taken.code]).toEqual(['revoked', 'guard', null]);
    expect(await open<VisitorPass>(`/passes/${code}`)).toMatchObject({ state: 'revoked', token: null });
    await eventually(
      'the policy forgets it',
      async () => {
        const body = await policyOf('lanting-edge-1');
        return body !== undefined && !body.credentials.some(({ id }) => id === pass.id);
      },
      PATIENTLY,
    );
    const again = await guard.send('POST', `/api/v1/passes/${pass.id}/revoke`, { reason: 'twice' });
    expect([again.status, ((await again.json()) as { code: string }).code]).toEqual([409, 'PASS_ENDED']);
  });

  it('is refused where it is over, lasts too long, goes to a strange entrance or host, or is a plate in use', async () => {
    const refused = async (more: object): Promise<unknown> => {
      const answer = await admin.send('POST', '/api/v1/passes', visit(more));
      return [answer.status, ((await answer.json()) as { code: string }).code];
    };
    expect(await refused({ until: '2020-01-01T00:00:00Z' })).toEqual([400, 'REQUEST_INVALID']);
    const late = new Date(Date.now() + 32 * 24 * HOUR_MS).toISOString();
    expect(await refused({ until: late })).toEqual([400, 'REQUEST_INVALID']);
    expect(await refused({ accessPoints: ['nowhere'] })).toEqual([400, 'REQUEST_INVALID']);
    expect(await refused({ host: randomUUID() })).toEqual([400, 'REQUEST_INVALID']);
    expect(await refused({ plate: '浙A·12345' })).toEqual([409, 'CREDENTIAL_IN_USE']);
    expect(await refused({ plate: '·····' })).toEqual([422, 'CREDENTIAL_INVALID']);
  });
});

describe('uses of a pass', () => {
  it('are counted from what edges tell, each once, and the other edges learn of them', async () => {
    await ground.rows(`insert into dipper.agent (id, estate, configured) values ('lanting-edge-2', 'lanting', true)`);
    await ground.rows(`insert into dipper.device (id, agent, place, kind, name_zh, name_en, configured)
                       values ('west-barrier', 'lanting-edge-2', 'lanting-service-gate', 'gate', '西', 'West', true)`);
    const west = {
      id: 'west-way-in',
      place: 'lanting-service-gate',
      device: 'west-barrier',
      name: { zh: '西门', en: 'West' },
    };
    await post('/api/v1/access-points', { ...west, rules: { factorRules: [{ anyOf: [['qr']] }] } });
    const { pass, code } = await post<IssuedPass>(
      '/api/v1/passes',
      visit({ accessPoints: [POINT, 'west-way-in'], uses: 3 }),
    );
    const { permit } = await claimsOf((await open<VisitorPass>(`/passes/${code}`)).token ?? '');
    await eventually(
      'both edges know it',
      async () => (await permitOf('lanting-edge-2', permit)) !== undefined,
      PATIENTLY,
    );
    edge = await connectScriptedEdge(ground.broker, ground.hubKey());
    const grant = () => {
      sequence += 1;
      const at = new Date().toISOString();
      return {
        ...{
          specversion: '1.0',
          id: randomUUID(),
          source: '/lanting/lanting-edge-1',
          type: 'access.granted',
          time: at,
        },
        ...{ subject: 'lanting-service-barrier', datacontenttype: 'application/json', epoch, sequence },
        data: { accessPoint: POINT, factors: ['qr'], reason: 'GRANTED', permit },
      };
    };
    const told = [grant(), grant()];
    await edge.sendBatch(told);
    await edge.sendBatch(told);
    const other = await eventually(
      'the other edge learns of two',
      async () => {
        const known = await permitOf('lanting-edge-2', permit);
        return known?.usesElsewhere === 2 && known;
      },
      PATIENTLY,
    );
    expect(other.uses).toBe(3);
    expect((await permitOf('lanting-edge-1', permit))?.usesElsewhere).toBeUndefined();
    expect((await admin.get<IssuedPass>(`/api/v1/passes/${pass.id}`)).pass.used).toBe(2);
    await edge.sendBatch([grant()]);
    const counted = async (): Promise<boolean> => {
      const { pass: known } = await admin.get<IssuedPass>(`/api/v1/passes/${pass.id}`);
      return known.used === 3;
    };
    await eventually('the third is counted', counted, PATIENTLY);
    // Asked once: strangers may look sixty times a minute.
    expect(await open<VisitorPass>(`/passes/${code}`)).toMatchObject({ state: 'used', token: null, usesLeft: 0 });
  });
});

describe('the record of a gate', () => {
  it('is one per request: what was asked, decided, done, and whether somebody went through', async () => {
    edge ??= await connectScriptedEdge(ground.broker, ground.hubKey());
    const correlation = randomUUID();
    const startMs = Date.now() - HOUR_MS;
    const until = new Date(startMs + 60_000).toISOString();
    const seen = (type: string, afterMs: number, data: object, of: string | undefined = correlation) => {
      sequence += 1;
      return {
        ...{ specversion: '1.0', id: randomUUID(), source: '/lanting/lanting-edge-1', type },
        ...{ time: new Date(startMs + afterMs).toISOString(), datacontenttype: 'application/json', epoch, sequence },
        ...{ subject: 'lanting-service-barrier', place: 'lanting-service-gate', data },
        ...(of !== undefined && { correlationid: of }),
      };
    };
    const at = { accessPoint: POINT, factors: ['card'] };
    const gate = { relay: 'active', contact: 'open' };
    const refusal = randomUUID();
    await edge.sendBatch([
      seen('access.requested', 0, { ...at, reader: 'east-reader' }),
      seen('access.granted', 10, { ...at, reason: 'PERMITTED', holder: resident, policyVersion: 3 }),
      seen('access.duress', 11, { accessPoint: POINT, holder: resident, credential: randomUUID(), granted: true }),
      seen('gate.state', 400, { position: 'open', ...gate }),
      seen('access.taken', 3_000, { accessPoint: POINT, holder: resident, afterMs: 2_990, by: 'loop' }),
      seen('gate.state', 6_000, { position: 'closed', relay: 'inactive', contact: 'closed' }),
      seen('access.requested', 8_000, at, refusal),
      seen('access.denied', 8_010, { ...at, reason: 'CREDENTIAL_UNKNOWN' }, refusal),
    ] as never);
    const list = (query: string) =>
      guard.list<AccessRecordView>(`/api/v1/access-records?device=lanting-service-barrier&until=${until}${query}`);
    const [latest, first] = await eventually('both', async () => {
      const records = await list(`&from=${new Date(startMs).toISOString()}`);
      return records.some((record) => record.correlation === refusal) && records;
    });
    expect(latest).toMatchObject({ outcome: 'denied', reason: 'CREDENTIAL_UNKNOWN', holder: null, passage: null });
    expect(first).toMatchObject({
      ...{ correlation, outcome: 'granted', reason: 'PERMITTED', passage: 'taken', policyVersion: 3 },
      ...{ accessPoint: POINT, accessPointName: { zh: '东门进', en: 'East gate in' } },
      holder: { id: resident, kind: 'resident', name: '王芳', unit: '3-2-501', blocked: false },
    });
    const told = first?.steps.map(({ what, position, by, reader }) => [what, position ?? by ?? reader]);
    expect(told).toEqual([
      ['asked', 'east-reader'],
      ['granted', null],
      ['gate', 'open'],
      ['taken', 'loop'],
      ['gate', 'closed'],
    ]);
    // Somebody may look over the guard's shoulder.
    expect(JSON.stringify(first)).not.toContain('duress');
    const pages = await guard.get<{ items: AccessRecordView[]; nextCursor: string }>(
      `/api/v1/access-records?until=${until}&limit=1`,
    );
    const next = await guard.get<{ items: AccessRecordView[] }>(
      `/api/v1/access-records?until=${until}&limit=1&cursor=${encodeURIComponent(pages.nextCursor)}`,
    );
    expect([pages.items[0]?.correlation, next.items[0]?.correlation]).toEqual([refusal, correlation]);
    expect((await list('&outcome=denied')).map(({ outcome }) => outcome)).toEqual(['denied']);
    expect((await list(`&holder=${resident}`)).map((record) => record.correlation)).toEqual([correlation]);
    expect((await guard.send('GET', '/api/v1/access-records?from=2026-02-40T00:00:00.000Z')).status).toBe(400);
  });
});

describe('a resident with a link', () => {
  it('gives out passes where they may go themselves, at most five, and takes them back', async () => {
    const { code } = await post<{ code: string }>(`/api/v1/holders/${resident}/invite`, undefined, 201, guard);
    expect(await open<InvitePage>(`/invites/${code}`)).toMatchObject({ host: '王＊', accessPoints: [], passes: [] });
    const nowhere = await open<{ code: string }>(`/invites/${code}/passes`, {
      body: { name: '甲', hours: 2 },
      status: 409,
    });
    expect(nowhere.code).toBe('INVITE_WITHOUT_ENTRANCE');
    await post(`/api/v1/holders/${resident}/permits`, { accessPoints: [POINT] });
    for (const name of ['甲', '乙', '丙', '丁', '戊']) {
      await open(`/invites/${code}/passes`, {
        body: { name, hours: 2, ...(name === '甲' && { plate: '苏E·8H3K6' }) },
        status: 201,
      });
    }
    // Those that the guard gives are newer, and neither hide nor count among the resident's own.
    for (let count = 0; count < 20; count += 1) await post('/api/v1/passes', visit(), 201, guard);
    const sixth = await open<{ code: string }>(`/invites/${code}/passes`, {
      body: { name: '己', hours: 2 },
      status: 409,
    });
    expect(sixth.code).toBe('TOO_MANY_PASSES');
    const { passes } = await open<InvitePage>(`/invites/${code}`);
    const car = passes.find(({ name }) => name === '甲');
    expect(await open<VisitorPass>(`/passes/${car?.code}`)).toMatchObject({ plate: '苏E8H3K6', state: 'valid' });
    const left = await open<InvitePage>(`/invites/${code}/passes/${car?.id}/revoke`, { status: 200 });
    expect(left.passes.map(({ name }) => name)).toEqual(['戊', '丁', '丙', '乙']);
    const seen = await guard.list<PassView>(`/api/v1/passes?host=${resident}&open=true`);
    expect(new Set(seen.map(({ createdBy }) => createdBy))).toContain('host');
    const [row] = (await ground.rows(
      `select string_agg(target, ',') as targets from dipper.audit where action like 'invite.%'`,
    )) as { targets: string | null }[];
    expect(row?.targets ?? '').not.toContain(code);
  });

  it('loses it with the next one, and when they are blocked', async () => {
    const first = await post<{ code: string }>(`/api/v1/holders/${resident}/invite`);
    const second = await post<{ code: string }>(`/api/v1/holders/${resident}/invite`);
    const status = async (code: string): Promise<number> =>
      (await fetch(`${hub.url}/api/v1/public/invites/${code}`)).status;
    expect([await status(first.code), await status(second.code)]).toEqual([404, 200]);
    await post(`/api/v1/holders/${resident}/block`, { blocked: true, reason: '欠费' }, 200);
    expect(await status(second.code)).toBe(404);
  });
});
