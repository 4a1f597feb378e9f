import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabasePool } from '@dipper/hub/database/pool';
import type { AuditEntry } from '@dipper/hub/domains/audit/audit.schema';
import { createAuditRetention } from '@dipper/hub/domains/audit/audit-retention';
import type { RunningHub } from '@dipper/hub/hub';
import { loadSigningKey } from '@dipper/hub/signing-key';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { EXPECTED_AUDIT } from '../support/expected-audit.ts';
import { ADMIN_PASSWORD, type HubGround, signInAs, startHubGround, startHubHere } from '../support/running-hub.ts';

let ground: HubGround;
let hub: RunningHub;
let second: RunningHub;
let admin: ApiClient;

const root = fileURLToPath(new URL('../..', import.meta.url));

beforeAll(async () => {
  ground = await startHubGround();
  hub = await startHubHere(ground);
  second = await startHubHere(ground);
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
});

afterAll(async () => {
  await second?.stop();
  await hub?.stop();
  await ground?.stop();
});

const trail = (filter: string): Promise<readonly AuditEntry[]> => admin.list<AuditEntry>(`/api/v1/audit?${filter}`);

describe('the audit trail', () => {
  it('is declared for every change and every read of personal data, as expected here', () => {
    const found = hub.app.auditTable
      .filter(({ method, audit }) => method !== 'HEAD' && audit !== undefined)
      .map(({ method, url, audit }) => [
        `${method} ${url}`,
        audit !== undefined && 'action' in audit ? audit.action : 'none',
      ]);
    expect(Object.fromEntries(found)).toEqual(EXPECTED_AUDIT);
  });

  it('has a row for what was granted, refused and impossible, with who asked', async () => {
    const guard = await signInAs(hub.url, admin, 'guard');
    await guard.send('GET', '/api/v1/events');
    await guard.send('GET', '/api/v1/accounts');
    await guard.send('POST', '/api/v1/alarms/019b3c34-0000-7000-8000-000000000001/acknowledgements', {});
    expect((await trail('account=guard')).map(({ action, target, outcome }) => [action, target, outcome])).toEqual([
      ['alarm.acknowledge', '019b3c34-0000-7000-8000-000000000001', 'NOT_FOUND'],
      ['account.list', null, 'FORBIDDEN'],
      ['event.list', null, 'granted'],
      ['session.create', 'guard', 'granted'],
    ]);
  });

  it('holds back what it cannot put down', async () => {
    await ground.rows(`create function dipper.refuse_reads() returns trigger language plpgsql as
      $$ begin if new.action = 'event.list' then raise exception 'no room'; end if; return new; end $$`);
    await ground.rows(`create trigger a_refuse before insert on dipper.audit
      for each row execute function dipper.refuse_reads()`);
    try {
      const answer = await admin.send('GET', '/api/v1/events');
      expect([answer.status, ((await answer.json()) as { items?: unknown }).items]).toEqual([500, undefined]);
    } finally {
      await ground.rows('drop trigger a_refuse on dipper.audit');
    }
    expect((await admin.send('GET', '/api/v1/events')).status).toBe(200);
  });
});

describe('the chain of the audit trail', () => {
  const verify = async (): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> => {
    const child = spawn(process.execPath, [join(root, 'services/hub/domains/audit/main.ts')], {
      env: { ...process.env, ...ground.env },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        text += String(data);
      });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, lines: text.split('\n').filter((line) => line !== '') };
  };
  /** As somebody does who owns the database. */
  const tamper = async (sql: string): Promise<void> => {
    await ground.rows(`do $$ begin
      alter table dipper.audit disable trigger user; ${sql}; alter table dipper.audit enable trigger user; end $$`);
  };
  const lastId = async (): Promise<number> =>
    Number(((await ground.rows('select max(id) as id from dipper.audit')) as { id: string }[])[0]?.id);

  it('is one, whichever copy of the hub writes, and names what somebody with the database did to it', async () => {
    const other = await signIn(second.url, 'admin', ADMIN_PASSWORD);
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => (index % 2 ? admin : other).send('GET', '/api/v1/sessions')),
    );
    await second.stop();
    const head = await lastId();
    expect(await verify()).toEqual({
      code: 0,
      lines: [`${head} rows, deleted by retention up to row 0, signed up to row ${head}`, 'the audit trail is whole'],
    });

    await tamper(`create table public.kept as select * from dipper.audit`);
    await tamper(`update dipper.audit set reason = 'nothing' where id = 3`);
    await tamper(`delete from dipper.audit where id between 6 and 7`);
    await tamper(`delete from dipper.audit where id > ${head - 2}`);
    const broken = await verify();
    expect(broken.code).toBe(1);
    expect(broken.lines.slice(0, 3)).toEqual([
      'edited: row 3',
      'deleted: rows 6 to 7',
      `deleted: rows ${head - 1} to ${head}`,
    ]);

    // The whole rest made to fit anew: the signatures outside do not.
    await tamper(`delete from dipper.audit; insert into dipper.audit overriding system value select * from public.kept;
      update dipper.audit set reason = 'another' where id = 4`);
    await ground.rows(`do $$ declare e dipper.audit; h bytea; begin
      alter table dipper.audit disable trigger user;
      select previous into h from dipper.audit where id = 4;
      for e in select * from dipper.audit where id >= 4 order by id loop
        update dipper.audit set previous = h, hash = dipper.audit_hash(h, e) where id = e.id returning hash into h;
      end loop;
      alter table dipper.audit enable trigger user; end $$`);
    expect((await verify()).lines[0]).toMatch(/^edited: rows \d+ to \d+$/);

    await tamper(
      `delete from dipper.audit; insert into dipper.audit overriding system value select * from public.kept`,
    );
    expect((await verify()).code).toBe(0);
    second = await startHubHere(ground);
  });

  it('goes on behind a signed checkpoint when old rows are deleted, and keeps what does not hold together', async () => {
    const { privateKey } = await loadSigningKey(join(ground.dir, 'signing-key.jwk'));
    const database = openDatabasePool(ground.database.url, pino({ level: 'silent' }));
    const retention = createAuditRetention(() => privateKey, Date.now);
    const removeBefore = (at: Date) => database.db.transaction().execute((tx) => retention.removeNext(tx, at));
    try {
      const [tenth] = (await ground.rows('select at from dipper.audit where id = 10')) as { at: Date }[];
      await tamper(
        'create table public.tenth as select * from dipper.audit where id = 2; delete from dipper.audit where id = 2',
      );
      await expect(removeBefore(tenth?.at ?? new Date(0))).rejects.toMatchObject({ code: 'AUDIT_CHAIN_BROKEN' });
      await tamper('insert into dipper.audit overriding system value select * from public.tenth');
      expect(await removeBefore(tenth?.at ?? new Date(0))).toMatchObject([{ subject: 'dipper.audit', rows: 9 }]);
      expect(await removeBefore(tenth?.at ?? new Date(0))).toBeUndefined();
      await admin.send('GET', '/api/v1/sessions');
      const whole = await verify();
      expect(whole.lines.at(-1)).toBe('the audit trail is whole');
      expect(whole.lines[0]).toContain('deleted by retention up to row 9');
      await tamper('delete from dipper.audit where id = 10');
      expect((await verify()).lines[0]).toBe('deleted: row 10');
      await expect(ground.rows('delete from dipper.audit where id = 11')).rejects.toThrow('append-only');
    } finally {
      await database.close();
    }
  });
});
