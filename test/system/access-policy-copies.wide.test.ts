import { randomBytes } from 'node:crypto';
import { migrate, readMigrations } from '@dipper/hub/database/migrate';
import { type DatabasePool, openDatabasePool } from '@dipper/hub/database/pool';
import { createHolderService, type HolderService } from '@dipper/hub/domains/holder/holder.service';
import type { AccessTables } from '@dipper/hub/domains/policy/access-db';
import { createCredentialKeys } from '@dipper/hub/domains/policy/credential-keys';
import { createPolicyKeeping, type PolicyKeeping } from '@dipper/hub/domains/policy/policy-keeping';
import { createSealer } from '@dipper/hub/sealer';
import { exportJWK, generateKeyPair } from 'jose';
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DebianPostgres, startDebianPostgres } from '../support/debian-postgres.ts';

const AGENT = 'edge-a';
const CHANGES = 12;
const INVENTORY = `
  insert into dipper.subdistrict values ('street', '街', 'Street');
  insert into dipper.community values ('community', 'street', '社区', 'Community');
  insert into dipper.estate values ('lanting', 'community', '澜亭', 'Lanting');
  insert into dipper.place (id, estate, kind, name_zh, name_en) values ('gate', 'lanting', 'entrance', '门', 'Gate');
  insert into dipper.agent (id, estate, configured) values ('${AGENT}', 'lanting', true);
  insert into dipper.device (id, agent, place, kind, name_zh, name_en, configured)
    values ('barrier', '${AGENT}', 'gate', 'gate', '闸', 'Barrier', true);
  insert into dipper.access_point (id, place, device, name_zh, name_en, rules, changed_at, changed_by)
    values ('way-in', 'gate', 'barrier', '进', 'In', '{"factorRules": [{"anyOf": [["card"]]}]}', now(), 'admin');`;

let postgres: DebianPostgres;
const pools: DatabasePool[] = [];
const copies: PolicyKeeping[] = [];
let holders: HolderService;
let nowMs = Date.now();

beforeAll(async () => {
  postgres = await startDebianPostgres();
  const sealer = createSealer(randomBytes(32));
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { x = '' } = await exportJWK(publicKey);
  const keyring = { signer: () => privateKey, publicKeys: () => [{ kty: 'OKP', crv: 'Ed25519', x }] as const };
  const keys = createCredentialKeys(sealer, undefined);
  for (let copy = 0; copy < 2; copy += 1) {
    const pool = openDatabasePool(postgres.url, pino({ level: 'silent' }));
    pools.push(pool);
    copies.push(
      createPolicyKeeping({
        ...{ db: pool.db.$extendTables<AccessTables>(), sealer, keys, keyring, now: () => nowMs },
        ...{ calendar: { timeZone: 'Asia/Shanghai', years: [] }, facesOf: async () => undefined },
        bodyUrl: (agent) => `https://hub.invalid/${agent}`,
      }),
    );
  }
  const [pool] = pools;
  if (pool === undefined) throw new Error('no pool');
  await migrate(pool.pool, readMigrations(), () => undefined);
  await pool.pool.query(INVENTORY);
  await keys.issue(pool.db, { estate: 'lanting', agent: AGENT }, new Date(nowMs));
  holders = createHolderService({
    ...{ db: pool.db.$extendTables<AccessTables>(), sealer, onChange: () => undefined, now: () => nowMs },
  });
}, 60_000);
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  await postgres?.stop();
});

const both = (): Promise<string[]> => Promise.all(copies.map((copy) => copy.keep(AGENT, false)));
const made = (outcomes: readonly string[], what: string): number => outcomes.filter((each) => each === what).length;

it('two copies of a hub compile each change once, and sign anew only what is due', async () => {
  expect(await copies[0]?.listDue(false)).toEqual([AGENT]);
  expect(made(await both(), 'compiled')).toBe(1);
  expect(await copies[1]?.listDue(false)).toEqual([]);
  const { holder } = await holders.create({ estate: 'lanting', name: '王芳' }, { name: 'admin' });
  const { credential } = await holders.addCredential(
    holder.id,
    { factor: 'card', value: '04A23B91' },
    { name: 'admin' },
  );
  await holders.addPermit(holder.id, { accessPoints: ['way-in'] }, { name: 'admin' });
  expect(made(await both(), 'compiled')).toBe(1);
  for (let change = 0; change < CHANGES; change += 1) {
    const asked = { blocked: change % 2 === 0, reason: 'of a test' };
    // A change of the one is under way while both are at it: whoever sees it, it is seen whole and once.
    const changing = holders.blockCredential(holder.id, credential.id, asked, { name: 'admin' });
    const outcomes = [...(await both()), await changing.then(() => 'changed'), ...(await both()), ...(await both())];
    expect(made(outcomes, 'compiled'), String(change)).toBe(1);
  }
  const { rows } = (await pools[0]?.pool.query(`select version from dipper.agent_policy`)) ?? { rows: [] };
  expect(rows).toEqual([{ version: 2 + CHANGES }]);

  // What changes nothing for a gate makes no version, and a day later the same is signed once more.
  await holders.change(holder.id, { version: 1, name: '王芳芳' }, { name: 'admin' });
  expect([await both(), await copies[0]?.listDue(false)]).toEqual([expect.not.arrayContaining(['compiled']), []]);
  nowMs += 24 * 3_600_000 + 1;
  expect(await copies[1]?.listDue(false)).toEqual([AGENT]);
  expect(made([...(await both()), ...(await both())], 'signed')).toBe(1);

  // An edge that has a higher version than we know: we were restored from a backup, and go on above it.
  await pools[0]?.pool.query(`update dipper.agent_policy set acked_version = 40`);
  expect(await copies[1]?.listDue(false)).toEqual([AGENT]);
  expect(made([...(await both()), ...(await both())], 'compiled')).toBe(1);
  expect((await pools[0]?.pool.query(`select version from dipper.agent_policy`))?.rows).toEqual([{ version: 41 }]);
}, 60_000);
