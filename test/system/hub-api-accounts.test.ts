import { randomUUID } from 'node:crypto';
import type { AccountChange, AccountView } from '@dipper/contract/api/account';
import type { Role } from '@dipper/contract/api/session';
import type { RunningHub } from '@dipper/hub/hub';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { closeOf, openFeedSocket } from '../support/feed-socket.ts';
import { ADMIN_PASSWORD, type HubGround, signInAs, startHubGround, startHubHere } from '../support/running-hub.ts';

let ground: HubGround;
let hub: RunningHub;
let admin: ApiClient;

beforeAll(async () => {
  ground = await startHubGround();
  hub = await startHubHere(ground);
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
});

afterAll(async () => {
  await hub?.stop();
  await ground?.stop();
});

describe('an account', () => {
  const password = 'password of a leaver';
  const make = async (name: string, roles: readonly Role[] = ['guard']): Promise<AccountView> => {
    const answer = await admin.send('POST', '/api/v1/accounts', { name, displayName: name, password, roles });
    return (await answer.json()) as AccountView;
  };
  const change = async (id: string, body: AccountChange | object, by = admin) => {
    const answer = await by.send('PATCH', `/api/v1/accounts/${id}`, body);
    return { status: answer.status, ...((await answer.json()) as Partial<AccountView> & { code?: string }) };
  };

  it('that is disabled is out at once, sockets and all, and comes back with the same password', async () => {
    const { id } = await make('leaver');
    const client = await signIn(hub.url, 'leaver', password);
    const closed = closeOf(await openFeedSocket(hub.url, client.token));
    expect(await change(id, { active: false })).toMatchObject({ status: 200, disabledAt: expect.any(String) });
    expect(await closed).toEqual([4401, 'NOT_SIGNED_IN']);
    expect((await client.send('GET', '/api/v1/alarms')).status).toBe(401);
    await expect(signIn(hub.url, 'leaver', password)).rejects.toThrow('401');
    expect(await change(id, { active: true })).toMatchObject({ status: 200, disabledAt: null });
    expect((await client.send('GET', '/api/v1/alarms')).status).toBe(401);
    await signIn(hub.url, 'leaver', password);
  });

  it('takes a new password and other roles, and is signed out for each', async () => {
    const { id } = await make('mover');
    const before = await signIn(hub.url, 'mover', password);
    expect((await change(id, { password: 'another password' })).status).toBe(200);
    expect((await before.send('GET', '/api/v1/alarms')).status).toBe(401);
    await expect(signIn(hub.url, 'mover', password)).rejects.toThrow('401');
    const guard = await signIn(hub.url, 'mover', 'another password');
    expect(await change(id, { roles: ['auditor'], displayName: 'Mo' })).toMatchObject({ roles: ['auditor'] });
    expect((await guard.send('GET', '/api/v1/alarms')).status).toBe(401);
    const auditor = await signIn(hub.url, 'mover', 'another password');
    const trail = await auditor.list<{ target: string; reason: string; outcome: string; account: string }>(
      '/api/v1/audit?action=account.update&target=mover',
    );
    expect(trail.map(({ reason, outcome, account }) => [reason, outcome, account])).toEqual([
      ['display name; roles: auditor', 'granted', 'admin'],
      ['password', 'granted', 'admin'],
    ]);
    expect((await change(id, { displayName: 'Momo' })).displayName).toBe('Momo');
    expect((await auditor.send('GET', '/api/v1/alarms')).status).toBe(200);
  });

  it('cannot be changed into nonsense', async () => {
    const { id } = await make('sense');
    for (const body of [
      {},
      { active: 'no' },
      { password: 'short' },
      { roles: [] },
      { roles: ['root'] },
      { name: 'x' },
    ]) {
      expect(await change(id, body), JSON.stringify(body)).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    }
    expect(await change(randomUUID(), { active: false })).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  it('is never the last administrator to go, however many go at once', async () => {
    const other = await signInAs(hub.url, admin, 'admin');
    const accounts = await admin.list<AccountView>('/api/v1/accounts?limit=200');
    const admins = accounts.filter(({ roles, disabledAt }) => roles.includes('admin') && disabledAt === null);
    expect(admins.map(({ name }) => name).sort()).toEqual(['admin', 'second-admin']);
    const [first, second] = admins.map(({ id }) => id);

    const both = await Promise.all([
      change(first ?? '', { active: false }, other),
      change(second ?? '', { roles: ['guard'] }, admin),
    ]);
    const codes = both.map(({ status, code }) => code ?? status).sort();
    expect(codes.includes(200)).toBe(true);
    expect(codes).not.toEqual([200, 200]);
  });
});

describe('the address of a client', () => {
  it('is told by a trusted proxy, and by nobody else', async () => {
    const other = await startHubHere(ground, { HUB_TRUSTED_PROXIES: '192.0.2.1' });
    const addressOf = async (url: string): Promise<unknown> => {
      await fetch(`${url}/api/v1/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.7' },
        body: JSON.stringify({ name: 'admin', password: ADMIN_PASSWORD }),
      });
      const [row] = await ground.rows(
        `select address from dipper.audit where action = 'session.create' order by id desc limit 1`,
      );
      return (row as { address: string }).address;
    };
    expect([await addressOf(hub.url), await addressOf(other.url)]).toEqual(['198.51.100.7', '127.0.0.1']);
    await other.stop();
  });
});
