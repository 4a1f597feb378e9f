import type { PasswordCode } from '@dipper/contract/api/password';
import type { OwnSession, Session } from '@dipper/contract/api/session';
import type { ApiTokenView, CreatedApiToken, NewApiToken } from '@dipper/contract/api/token';
import type { RecoveryCodes, TotpSecret, TotpStatus } from '@dipper/contract/api/totp';
import { readHubConfig } from '@dipper/hub/config';
import { openDatabasePool } from '@dipper/hub/database/pool';
import { createReportThrottle, type ReportThrottle } from '@dipper/hub/domains/case/report-throttle';
import { createLoginThrottle, type LoginThrottle } from '@dipper/hub/domains/session/login-throttle';
import { createSignInAttempts } from '@dipper/hub/domains/session/sign-in-attempt.repository';
import { codeOf } from '@dipper/hub/domains/totp/one-time-code';
import { type RunningHub, startHub } from '@dipper/hub/hub';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, createApiClient, signIn } from '../support/api-client.ts';
import { closeOf, openFeedSocket } from '../support/feed-socket.ts';
import { ADMIN_PASSWORD, type HubGround, STAFF_PASSWORD, signInAs, startHubGround } from '../support/running-hub.ts';
import { secretBytes } from '../support/secret-bytes.ts';

let ground: HubGround;
let hub: RunningHub;
let admin: ApiClient;
let supervisor: ApiClient;
let logged = '';

beforeAll(async () => {
  ground = await startHubGround();
  const logger = pino(
    { level: 'trace' },
    {
      write(line: string) {
        logged += line;
      },
    },
  );
  hub = await startHub(readHubConfig({ ...ground.env }), logger, () => undefined, new AbortController().signal);
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
  supervisor = await signInAs(hub.url, admin, 'supervisor');
});

afterAll(async () => {
  await hub?.stop();
  await ground?.stop();
});

const tomorrow = (): string => new Date(Date.now() + 86_400_000).toISOString();

async function make(by: ApiClient, asked: Partial<NewApiToken> = {}): Promise<CreatedApiToken> {
  const answer = await by.send('POST', '/api/v1/tokens', {
    ...{ name: 'of a test', roles: ['supervisor'], expiresAt: tomorrow() },
    ...asked,
  });
  if (answer.status !== 201) throw new Error(((await answer.json()) as { code: string }).code);
  return (await answer.json()) as CreatedApiToken;
}

describe('an API token', () => {
  it('stands for its account with the roles that it was given, and is told once', async () => {
    const { token, view } = await make(supervisor);
    const program = createApiClient(hub.url, token);
    expect((await program.get<Session>('/api/v1/sessions/current')).account).toMatchObject({ name: 'supervisor' });
    expect(await supervisor.list<ApiTokenView>('/api/v1/tokens')).toMatchObject([
      { id: view.id, name: 'of a test', roles: ['supervisor'], lastUsedAt: expect.any(String) },
    ]);
    const [row] = await admin.list<{ account: string; session: string }>('/api/v1/audit?action=token.create');
    expect(row).toMatchObject({ account: 'supervisor', target: view.id, reason: 'of a test: supervisor' });
    await program.send('GET', '/api/v1/cases');
    expect(await admin.list('/api/v1/audit?action=case.list&account=supervisor')).toMatchObject([{ session: view.id }]);
  });

  it('may no more than its account, now or later, and makes no tokens', async () => {
    await expect(make(supervisor, { roles: ['supervisor', 'admin'] })).rejects.toThrow('FORBIDDEN');
    const { token } = await make(admin, { roles: ['admin'] });
    const program = createApiClient(hub.url, token);
    expect((await program.send('GET', '/api/v1/accounts')).status).toBe(200);
    await expect(make(program, { roles: ['admin'] })).rejects.toThrow('FORBIDDEN');
    const narrow = await make(admin, { roles: ['admin'], scope: [{ level: 'estate', id: 'nowhere' }] });
    const narrowed = createApiClient(hub.url, narrow.token);
    expect((await narrowed.send('GET', '/api/v1/accounts')).status).toBe(403);
    expect(await narrowed.list('/api/v1/devices')).toEqual([]);
  });

  it('ends when it is revoked, when its time is over, and with the password of its account', async () => {
    const { token, view } = await make(supervisor);
    const program = createApiClient(hub.url, token);
    const closed = closeOf(await openFeedSocket(hub.url, token));
    expect((await admin.send('DELETE', `/api/v1/tokens/${view.id}`)).status).toBe(404);
    expect((await supervisor.send('DELETE', `/api/v1/tokens/${view.id}`)).status).toBe(204);
    expect(await closed).toEqual([4401, 'NOT_SIGNED_IN']);
    expect((await program.send('GET', '/api/v1/alarms')).status).toBe(401);

    const short = await make(supervisor, { expiresAt: new Date(Date.now() + 60_000).toISOString() });
    await ground.rows(`update dipper.api_token set expires_at = now() where id = '${short.view.id}'`);
    expect((await createApiClient(hub.url, short.token).send('GET', '/api/v1/alarms')).status).toBe(401);
    for (const expiresAt of [new Date(Date.now() - 1).toISOString(), '2199-01-01T00:00:00.000Z']) {
      await expect(make(supervisor, { expiresAt })).rejects.toThrow('REQUEST_INVALID');
    }

    const last = await make(supervisor);
    const { id } = (await supervisor.get<Session>('/api/v1/sessions/current')).account;
    await admin.send('PATCH', `/api/v1/accounts/${id}`, { password: 'changed-in-a-test' });
    expect((await createApiClient(hub.url, last.token).send('GET', '/api/v1/alarms')).status).toBe(401);
  });

  it('tells its readers no more than it may at the time: they begin anew where its account gets other rights', async () => {
    const account = { name: 'integrator', displayName: 'I', password: STAFF_PASSWORD, roles: ['supervisor', 'guard'] };
    const { id } = (await (await admin.send('POST', '/api/v1/accounts', account)).json()) as { id: string };
    const by = await signIn(hub.url, 'integrator', STAFF_PASSWORD);
    const [{ token }, untouched] = [
      await make(by, { roles: ['supervisor', 'guard'] }),
      await make(admin, { roles: ['admin'] }),
    ];
    const other = await openFeedSocket(hub.url, untouched.token);
    const session = closeOf(await openFeedSocket(hub.url, by.token));
    const changes = [{ roles: ['guard'] }, { scope: [{ level: 'estate', id: 'lanting' }] }, { active: false }] as const;
    const told: unknown[] = [];
    for (const change of changes) {
      const closed = closeOf(await openFeedSocket(hub.url, token));
      expect((await admin.send('PATCH', `/api/v1/accounts/${id}`, change)).status).toBe(200);
      told.push(await closed);
    }
    expect(told).toEqual([
      [4400, 'CURSOR_INVALID'],
      [4400, 'CURSOR_INVALID'],
      [4401, 'NOT_SIGNED_IN'],
    ]);
    expect(await session).toEqual([4401, 'NOT_SIGNED_IN']);
    expect(other.readyState).toBe(other.OPEN);
    // As another copy of the hub, or an import, changes it.
    const found = closeOf(other);
    const narrower = `scope = '[{"level": "estate", "id": "lanting"}]'`;
    await ground.rows(`update dipper.api_token set ${narrower} where id = '${untouched.view.id}'`);
    expect(await found).toEqual([4400, 'CURSOR_INVALID']);
  });

  it('is, like every password, in no log, no row and no answer but the one that tells it', async () => {
    const { token } = await make(admin, { roles: ['admin'] });
    const program = createApiClient(hub.url, token);
    const answers = await Promise.all(
      ['tokens', 'sessions', 'accounts', 'audit?limit=200', 'sessions/current'].map(async (path) =>
        (await program.send('GET', `/api/v1/${path}`)).text(),
      ),
    );
    await expect(signIn(hub.url, 'nobody', 'a-password-in-clear')).rejects.toThrow('401');
    await expect(signIn(hub.url, 'typed-the-password-here', 'x'.repeat(12))).rejects.toThrow('401');
    const [dump, answered] = [await ground.dump(), answers.join('\n')];
    expect(logged).toContain('CREDENTIALS_WRONG');
    for (const secret of [
      token,
      admin.token,
      ADMIN_PASSWORD,
      STAFF_PASSWORD,
      'a-password-in-clear',
      'typed-the-password-here',
    ]) {
      expect([logged.includes(secret), dump.includes(secret), answered.includes(secret)], secret).toEqual([
        false,
        false,
        false,
      ]);
    }
  });
});

describe('a second factor', () => {
  const password = STAFF_PASSWORD;
  const enter = async (url: string, code?: string) => {
    const answer = await fetch(`${url}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'second-admin', password, ...(code === undefined ? {} : { code }) }),
    });
    return (await answer.json()) as { code?: string; token?: string };
  };
  const currentStep = (): number => Math.floor(Date.now() / 30_000);

  it('is asked for once it was confirmed, takes each code once, and is in no log and no row', async () => {
    const by = await signInAs(hub.url, admin, 'admin');
    const { secret, uri } = (await (await by.send('POST', '/api/v1/totp')).json()) as TotpSecret;
    expect(uri).toContain(`secret=${secret}`);
    expect(await enter(hub.url)).toMatchObject({ token: expect.any(String) });
    const bytes = secretBytes(secret);
    expect((await by.send('POST', '/api/v1/totp/confirmation', { code: '000000' })).status).toBe(401);
    const step = currentStep();
    const confirmed = await by.send('POST', '/api/v1/totp/confirmation', { code: codeOf(bytes, step) });
    const { recoveryCodes } = (await confirmed.json()) as RecoveryCodes;
    expect(new Set(recoveryCodes).size).toBe(10);
    expect((await by.send('POST', '/api/v1/totp')).status).toBe(409);

    expect(await enter(hub.url)).toMatchObject({ code: 'TOTP_REQUIRED' });
    expect(await enter(hub.url, codeOf(bytes, step))).toMatchObject({ code: 'TOTP_WRONG' });
    expect(await enter(hub.url, codeOf(bytes, step + 1))).toMatchObject({ token: expect.any(String) });
    expect(await enter(hub.url, codeOf(bytes, step + 1))).toMatchObject({ code: 'TOTP_WRONG' });
    const [first = '', second = ''] = recoveryCodes;
    expect(await enter(hub.url, first)).toMatchObject({ token: expect.any(String) });
    expect(await enter(hub.url, first)).toMatchObject({ code: 'TOTP_WRONG' });
    expect(await by.get<TotpStatus>('/api/v1/totp')).toMatchObject({ recoveryCodesLeft: 9, required: false });
    expect(await admin.list('/api/v1/audit?action=session.create&target=second-admin')).toContainEqual(
      expect.objectContaining({ account: 'second-admin', outcome: 'TOTP_WRONG' }),
    );

    const dump = await ground.dump();
    for (const told of [secret, secret.toLowerCase(), bytes.toString('hex'), ...recoveryCodes]) {
      expect([logged.includes(told), dump.includes(told)]).toEqual([false, false]);
    }
    expect((await by.send('POST', '/api/v1/totp/removal', { code: '000000' })).status).toBe(401);
    expect((await by.send('POST', '/api/v1/totp/removal', { code: second })).status).toBe(204);
    expect(await enter(hub.url)).toMatchObject({ token: expect.any(String) });
  });

  it('is all that an administrator gets to do where it is required, until it is there', async () => {
    const config = readHubConfig({ ...ground.env, HUB_REQUIRE_TOTP: 'true' });
    const strict = await startHub(config, pino({ level: 'silent' }), () => undefined, new AbortController().signal);
    try {
      const by = createApiClient(strict.url, (await enter(strict.url)).token ?? '');
      const refused = await by.send('GET', '/api/v1/accounts');
      expect([refused.status, (await refused.json()) as object]).toEqual([
        403,
        expect.objectContaining({ code: 'TOTP_ENROLMENT_REQUIRED' }),
      ]);
      expect(await by.get<TotpStatus>('/api/v1/totp')).toMatchObject({ confirmedAt: null, required: true });
      // A token of such an account, made before it was required, gets nowhere; not even with roles that need none.
      const program = createApiClient(strict.url, (await make(admin, { roles: ['admin'] })).token);
      const tried = ['/api/v1/accounts', '/api/v1/alarms', '/api/v1/sessions/current'];
      const stateOf = async (path: string): Promise<number> => (await program.send('GET', path)).status;
      expect(await Promise.all(tried.map(stateOf))).toEqual([403, 403, 403]);
      const { secret } = (await (await by.send('POST', '/api/v1/totp')).json()) as TotpSecret;
      await by.send('POST', '/api/v1/totp/confirmation', { code: codeOf(secretBytes(secret), currentStep()) });
      expect((await by.send('GET', '/api/v1/accounts')).status).toBe(200);
      const { id } = (await by.get<Session>('/api/v1/sessions/current')).account;
      expect((await by.send('DELETE', `/api/v1/accounts/${id}/totp`)).status).toBe(204);
    } finally {
      await strict.stop();
    }
  });
});

describe('one’s own sessions', () => {
  it('are told apart by where and when, end one by one, and are nobody else’s', async () => {
    const account = { name: 'roamer', displayName: 'R', password: STAFF_PASSWORD, roles: ['guard'] };
    await admin.send('POST', '/api/v1/accounts', account);
    const [phone, desk] = [
      await signIn(hub.url, 'roamer', STAFF_PASSWORD),
      await signIn(hub.url, 'roamer', STAFF_PASSWORD),
    ];
    await phone.send('GET', '/api/v1/alarms');
    const sessions = await desk.list<OwnSession>('/api/v1/sessions/own');
    expect(sessions).toMatchObject([
      { isCurrent: true, address: '127.0.0.1', lastSeenAt: expect.any(String), userAgent: expect.any(String) },
      { isCurrent: false, lastSeenAt: expect.any(String) },
    ]);
    const other = `/api/v1/sessions/own/${sessions[1]?.id}`;
    expect((await admin.send('DELETE', other)).status).toBe(404);
    const program = createApiClient(hub.url, (await make(desk, { roles: ['guard'] })).token);
    expect((await program.send('GET', '/api/v1/sessions/own')).status).toBe(403);
    expect((await program.send('DELETE', other)).status).toBe(403);
    const closed = closeOf(await openFeedSocket(hub.url, phone.token));
    expect((await desk.send('DELETE', other)).status).toBe(204);
    expect(await closed).toEqual([4401, 'NOT_SIGNED_IN']);
    expect((await phone.send('GET', '/api/v1/alarms')).status).toBe(401);
    expect(await desk.list('/api/v1/sessions/own')).toHaveLength(1);
  });
});

describe('the people who can be given a case', () => {
  it('are those of the same communities, for who has a scope', async () => {
    await ground.rows(
      `insert into dipper.community select 'faraway', subdistrict, 'x', 'X' from dipper.community limit 1`,
    );
    const make = async (name: string, role: string, scope: unknown): Promise<void> => {
      const account = { name, displayName: name, password: STAFF_PASSWORD, roles: [role], scope };
      expect((await admin.send('POST', '/api/v1/accounts', account)).status).toBe(201);
    };
    await make('of-the-grid', 'grid-worker', [{ level: 'grid', id: 'hupan-grid-2' }]);
    await make('of-the-estate', 'grid-worker', [{ level: 'estate', id: 'lanting' }]);
    await make('of-everywhere', 'grid-worker', null);
    await make('of-faraway', 'grid-worker', [{ level: 'community', id: 'faraway' }]);
    await make('of-nowhere', 'grid-worker', [{ level: 'estate', id: 'gone' }]);
    await make('scoped-dispatcher', 'dispatcher', [{ level: 'grid', id: 'hupan-grid-1' }]);
    const namesFor = async (client: ApiClient): Promise<string[]> =>
      (await client.list<{ name: string }>('/api/v1/assignees'))
        .map(({ name }) => name)
        .filter((name) => /^of-/.test(name));
    expect(await namesFor(await signIn(hub.url, 'scoped-dispatcher', STAFF_PASSWORD))).toEqual([
      'of-everywhere',
      'of-the-estate',
      'of-the-grid',
    ]);
    expect(await namesFor(admin)).toHaveLength(5);
  });
});

describe('a password', () => {
  const setByCode = async (name: string, code: string, password: string): Promise<number> =>
    (
      await fetch(`${hub.url}/api/v1/password/by-code`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, code, password }),
      })
    ).status;

  it('is set by whoever the account is for, with a code that counts once', async () => {
    const account = { name: 'newcomer', displayName: 'New', password: 'nobody-knows-this', roles: ['guard'] };
    const { id } = (await (await admin.send('POST', '/api/v1/accounts', account)).json()) as { id: string };
    const codeFor = async (): Promise<string> =>
      ((await (await admin.send('POST', `/api/v1/accounts/${id}/password-codes`)).json()) as PasswordCode).code;
    const [old, code] = [await codeFor(), await codeFor()];
    expect(await setByCode('newcomer', old, 'chosen-by-newcomer')).toBe(401);
    expect(await setByCode('nobody', code, 'chosen-by-newcomer')).toBe(401);
    expect(await setByCode('newcomer', code, 'chosen-by-newcomer')).toBe(204);
    expect(await setByCode('newcomer', code, 'another-password')).toBe(401);
    await signIn(hub.url, 'newcomer', 'chosen-by-newcomer');
    await expect(signIn(hub.url, 'newcomer', account.password)).rejects.toThrow('401');
    const late = await codeFor();
    await ground.rows(`update dipper.password_code set expires_at = now()`);
    expect(await setByCode('newcomer', late, 'another-password')).toBe(401);
    const dump = await ground.dump();
    for (const secret of [old, code, late, 'chosen-by-newcomer']) {
      expect([logged.includes(secret), dump.includes(secret)]).toEqual([false, false]);
    }
  });

  it('that its owner changes ends the other sessions and the tokens; signing out everywhere ends all', async () => {
    const [here, there] = [
      await signIn(hub.url, 'newcomer', 'chosen-by-newcomer'),
      await signIn(hub.url, 'newcomer', 'chosen-by-newcomer'),
    ];
    const program = createApiClient(hub.url, (await make(there, { roles: ['guard'] })).token);
    const changed = { current: 'chosen-by-newcomer', password: 'changed-by-newcomer' };
    expect((await here.send('POST', '/api/v1/password', { ...changed, current: 'a guess' })).status).toBe(401);
    expect((await here.send('POST', '/api/v1/password', changed)).status).toBe(204);
    const stateOf = async (client: ApiClient): Promise<number> => (await client.send('GET', '/api/v1/alarms')).status;
    expect(await Promise.all([here, there, program].map(stateOf))).toEqual([200, 401, 401]);
    const elsewhere = await signIn(hub.url, 'newcomer', 'changed-by-newcomer');
    expect((await here.send('DELETE', '/api/v1/sessions')).status).toBe(204);
    expect(await Promise.all([here, elsewhere].map(stateOf))).toEqual([401, 401]);
  });
});

describe('the throttle of sign-ins', () => {
  const MINUTE_MS = 60_000;
  let nowMs = Date.parse('2030-01-01T00:00:00Z');
  let pool: ReturnType<typeof openDatabasePool>;
  /** Of two copies of the hub. */
  let copies: readonly [LoginThrottle, LoginThrottle];

  beforeAll(() => {
    pool = openDatabasePool(ground.database.url, pino({ level: 'silent' }));
    const copy = (): LoginThrottle => createLoginThrottle(createSignInAttempts(pool.db), () => nowMs);
    copies = [copy(), copy()];
  });
  afterAll(() => pool?.close());

  const allowed = async (attempts: readonly (readonly [string, string])[]): Promise<number> => {
    const done = await Promise.allSettled(
      attempts.map(([name, address], index) => (copies[index % 2] ?? copies[0]).begin(name, address)),
    );
    return done.filter(({ status }) => status === 'fulfilled').length;
  };

  it('lets ten wrong passwords through for a name from an address, whatever its spelling and the copy of the hub', async () => {
    expect(await allowed(Array(30).fill(['Li', '10.0.0.1']))).toBe(10);
    expect(
      await allowed([
        ['li', '10.0.0.1'],
        ['ＬＩ', '10.0.0.1'],
      ]),
    ).toBe(0);
    expect(
      await allowed([
        ['li', '10.0.0.2'],
        ['wang', '10.0.0.1'],
      ]),
    ).toBe(2);
  });

  it('stops an address that tries many names, and a name that is tried from everywhere', async () => {
    expect(await allowed(Array.from({ length: 80 }, (_, i) => [`name-${i}`, '10.1.0.1'] as const))).toBe(50);
    expect(await allowed(Array.from({ length: 130 }, (_, i) => ['sun', `10.2.0.${i}`] as const))).toBe(100);
  });

  it('says how long to wait, lets go after five minutes, and takes successes back', async () => {
    await allowed(Array(10).fill(['zhao', 'a']));
    nowMs += 2 * MINUTE_MS;
    await expect(copies[1].begin('zhao', 'a')).rejects.toMatchObject({
      code: 'TOO_MANY_ATTEMPTS',
      detail: { retryAfterSec: 180 },
    });
    nowMs += 3 * MINUTE_MS;
    expect(await allowed([['zhao', 'a']])).toBe(1);
    for (let i = 0; i < 60; i += 1) {
      await copies[0].begin('qian', 'b');
      await copies[1].succeeded('qian', 'b');
    }
    expect(await allowed(Array(12).fill(['qian', 'b']))).toBe(10);
  });
});

describe('the throttle of what strangers send in', () => {
  let pool: ReturnType<typeof openDatabasePool>;
  beforeAll(() => {
    pool = openDatabasePool(ground.database.url, pino({ level: 'silent' }));
  });
  afterAll(() => pool?.close());

  it('counts for all copies of the hub, per address, and a network of IPv6 as one', async () => {
    let nowMs = Date.parse('2030-01-01T00:00:00Z');
    const copy = (now = () => nowMs): ReportThrottle =>
      createReportThrottle(createSignInAttempts(pool.db, 'dipper.report_attempt'), now);
    const copies = [copy(), copy()] as const;
    const allowed = async (addresses: readonly string[]): Promise<number> => {
      const counted = addresses.map((address, index) => (copies[index % 2] ?? copies[0]).count('report', address));
      return (await Promise.allSettled(counted)).filter(({ status }) => status === 'fulfilled').length;
    };
    expect(await allowed(Array(15).fill('192.0.2.1'))).toBe(10);
    expect(await allowed(['192.0.2.1', '::ffff:192.0.2.1', '192.0.2.2'])).toBe(1);
    expect(await allowed(Array.from({ length: 15 }, (_, n) => `2001:db8:0:1::${n + 1}`))).toBe(10);
    expect(await allowed(['2001:db8::1:9:0:0:1', '2001:db8:0:2::1'])).toBe(1);
    await expect(copies[1].count('report', '192.0.2.1')).rejects.toMatchObject({ detail: { retryAfterSec: 3600 } });
    nowMs += 3_600_000;
    expect(await allowed(['192.0.2.1'])).toBe(1);

    // Of the hub that answers: another copy has counted ten of this address.
    for (let n = 0; n < 10; n += 1) await copy(Date.now).count('report', '127.0.0.1');
    const report = { category: 'environment', text: 'x', place: 'lanting-main-gate' };
    const answer = await fetch(`${hub.url}/api/v1/public/reports`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(report) },
    });
    expect([answer.status, Number(answer.headers.get('retry-after')) > 3000]).toEqual([429, true]);
  });
});
