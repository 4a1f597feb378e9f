import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { EnrolmentCode } from '@dipper/contract/api/enrolment';
import type { AgentView } from '@dipper/contract/api/inventory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../support/api-client.ts';
import { type ChildPart, startChildPart } from '../support/child-part.ts';
import { type ComposeGround, composeFile, startComposeGround } from '../support/compose-ground.ts';
import { eventually } from '../support/eventually.ts';
import { rowsOf } from '../support/with-client.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const HUB = join(root, 'services/hub/main.ts');
const EDGE = join(root, 'edge/agent/main.ts');
const DOCTOR = join(root, 'services/hub/doctor/main.ts');
const PASSWORD = 'admin-of-a-test';

let ground: ComposeGround;
const parts: ChildPart[] = [];

beforeAll(async () => {
  ground = await startComposeGround();
});
afterAll(async () => {
  for (const part of parts) await part.stop();
  await ground?.stop();
});

interface Diagnosis {
  readonly code: number;
  readonly report: string;
}

/** The doctor as a person runs it. */
function diagnose(env: Readonly<Record<string, string>> = {}): Promise<Diagnosis> {
  return new Promise((resolve) => {
    const whole = { PATH: process.env['PATH'] ?? '', LANG: 'en_GB.UTF-8', ...ground.hubEnv, ...env };
    execFile(process.execPath, [DOCTOR], { env: whole }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, report: stdout + stderr }),
    );
  });
}

describe('what docker-compose.yml starts, run natively', () => {
  it('is a hub and an edge that find each other over TLS, vouched for by an authority of one’s own', {
    timeout: 120_000,
  }, async () => {
    const { hub: hubService, edge: edgeService } = composeFile().services;
    // What runs below is what the containers run.
    expect(hubService?.command).toContain('npm run hub');
    expect(edgeService?.command).toContain('npm run edge -- --config config/deploy/edge.yaml');
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect([scripts['hub'], scripts['edge']]).toEqual([
      'exec node services/hub/main.ts',
      'exec node edge/agent/main.ts',
    ]);

    const hub = await startChildPart(HUB, [], { ...ground.hubEnv, HUB_ADMIN_PASSWORD: PASSWORD });
    parts.push(hub);
    const url = hub.addresses['http'] ?? '';
    const admin = await signIn(url, 'admin', PASSWORD);
    const asked = { estate: 'lanting', agent: 'lanting-edge-1' };
    const { code } = (await (await admin.send('POST', '/api/v1/enrolment-codes', asked)).json()) as EnrolmentCode;
    const configured = readFileSync(ground.edgeConfig, 'utf8');
    const args = [EDGE, 'enrol', '--hub', url, '--code', code, '--config', ground.edgeConfig];
    // A broker that runs takes in whom nobody has entered by hand.
    expect((await promisify(execFile)(process.execPath, args)).stdout).toContain('lets it in');
    expect(readFileSync(ground.edgeConfig, 'utf8')).toBe(configured);
    parts.push(await startChildPart(EDGE, ['--config', ground.edgeConfig]));
    await eventually(
      'the agent to be online',
      async () => {
        const agents = await admin.list<AgentView>('/api/v1/agents');
        return agents.some(({ id, state }) => id === 'lanting-edge-1' && state === 'online');
      },
      { withinMs: 60_000 },
    );
    const rows = await rowsOf<{ ssl: boolean }>(
      ground.secret('database-url'),
      `select ssl from pg_stat_ssl s join pg_stat_activity a using (pid) where a.application_name = 'dipper-hub'`,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every(({ ssl }) => ssl === true)).toBe(true);
  });

  it('is in order for the doctor, in English and in Chinese, and none of its secrets is shown', async () => {
    const { code, report } = await diagnose();
    // Debian's server has a shim in place of TimescaleDB, which the doctor notices, and nothing else is wrong.
    expect([code, report.match(/^✗.*$/gm)]).toEqual([1, ['✗ database server has no TimescaleDB']]);
    expect(report).toMatch(/✓ database localhost:\d+ answers: PostgreSQL/);
    expect(report).toMatch(/✓ certificate of database localhost:\d+ is good for 39\d days/);
    expect(report).toMatch(/✓ broker localhost:\d+ answers and lets the hub publish and subscribe/);
    expect(report).toMatch(/✓ \d+ migrations applied/);
    const chinese = await diagnose({ LANG: 'zh_CN.UTF-8' });
    expect(chinese.report).toMatch(/消息代理 localhost:\d+ 正常/);
    for (const name of ['database-password', 'hub-mqtt-password']) {
      expect(report + chinese.report).not.toContain(ground.secret(name));
    }
  });
});

describe('the doctor', () => {
  const other = (name: string): string => join(ground.dir, name);

  it.each([
    [
      'HUB_DATABASE_URL',
      () => urlWith((url) => url.searchParams.delete('sslrootcert')),
      'certificate of database .* is not trusted',
      'sslrootcert=FILE',
    ],
    [
      'HUB_DATABASE_URL',
      () => urlWith((url) => url.searchParams.set('sslrootcert', other('secrets/tls/broker.crt'))),
      'certificate of database .* is not trusted',
      'sslrootcert=FILE',
    ],
    [
      'HUB_DATABASE_URL',
      () => urlWith((url) => (url.pathname = '/nowhere')),
      'database .* refuses user, password or database name: 3D000',
      'Correct HUB_DATABASE_URL',
    ],
    [
      'HUB_DATABASE_URL',
      () => urlWith((url) => (url.port = '1')),
      'database localhost:1 cannot be reached: ECONNREFUSED',
      'Start PostgreSQL',
    ],
  ])('says what is wrong with %s', async (_name, url, what, mend) => {
    const { code, report } = await diagnose({ HUB_DATABASE_URL_FILE: '', HUB_DATABASE_URL: url() });
    expect(code).toBe(1);
    expect(report).toMatch(new RegExp(`✗ ${what}.*\\n {4}→ .*${mend}`));
    expect(report).not.toContain(ground.secret('database-password'));
  });

  it.each([
    [{ HUB_MQTT_CA_FILE: '' }, 'certificate of broker .* is not trusted', 'Set HUB_MQTT_CA_FILE'],
    [
      { HUB_MQTT_PASSWORD_FILE: '', HUB_MQTT_PASSWORD: 'wrong-of-a-test' },
      'broker .* refuses HUB_MQTT_USERNAME or its password',
      'mosquitto_passwd',
    ],
    [{ HUB_MQTT_URL: 'mqtts://localhost:1' }, 'broker localhost:1 cannot be reached: ECONNREFUSED', 'Start the broker'],
    [
      { HUB_MQTT_USERNAME: 'lanting/lanting-edge-1', edge: 'true' },
      'broker .* does not let the hub .* dipper/v1/',
      'topic readwrite',
    ],
    [{ HUB_PORTT: '80' }, "setting: HUB_PORTT is not a setting: did you mean 'HUB_PORT'", 'Correct this variable'],
    [{ HUB_RULES_FILE: '/nowhere.yaml' }, 'rules cannot be used', 'Correct /nowhere.yaml'],
    [
      { HUB_PUBLIC_URL: 'http://dipper.example.cn' },
      'people reach the hub at http://dipper.example.cn, without TLS',
      'reverse proxy with TLS',
    ],
  ])('says what %o breaks', async ({ edge, ...env }: Record<string, string>, what, mend) => {
    const login = edge === undefined ? {} : { HUB_MQTT_PASSWORD_FILE: join(ground.dir, 'keys/mqtt-password') };
    const { code, report } = await diagnose({ ...env, ...login });
    expect([code, report]).toEqual([1, expect.stringMatching(new RegExp(`✗ ${what}.*\\n {4}→ .*${mend}`))]);
    expect(report).not.toContain('wrong-of-a-test');
  });

  it('sees a key that others can read, one that is none, and a migration that was changed or is to come', async () => {
    const key = ground.hubEnv['HUB_SIGNING_KEY_FILE'] ?? '';
    chmodSync(key, 0o644);
    expect((await diagnose()).report).toMatch(/✗ key .*hub.jwk can be read by others \(mode 644\)\n {4}→ chmod 600 /);
    chmodSync(key, 0o600);
    const content = readFileSync(key, 'utf8');
    writeFileSync(key, content.slice(0, 60));
    const broken = (await diagnose()).report;
    writeFileSync(key, content);
    expect(broken).toMatch(/✗ key .*hub.jwk holds something else: not JSON/);
    expect(broken).not.toContain((JSON.parse(content) as { d: string }).d.slice(0, 10));
    await sql(`update dipper.migration set sha256 = 'x' where name = '0001_data.sql'`);
    await sql(`insert into dipper.migration (name, sha256) values ('9999_future.sql', 'x')`);
    const { report } = await diagnose();
    expect(report).toMatch(/✗ migration 0001_data.sql was changed after it had been applied/);
    expect(report).toMatch(/✗ database knows migration 9999_future.sql, this version does not/);
    await sql(`delete from dipper.migration where name in ('9999_future.sql', '0001_data.sql')`);
    expect((await diagnose()).report).toMatch(/! 1 migrations are to come: 0001_data.sql/);
  });

  it('sees a broker that lets anybody in', async () => {
    await ground.restartBroker((conf) => conf.replace('allow_anonymous false', 'allow_anonymous true'));
    expect((await diagnose()).report).toMatch(
      /✗ broker .* lets in clients without a password\n {4}→ Set allow_anonymous false/,
    );
  });
});

function urlWith(change: (url: URL) => unknown): string {
  const url = new URL(ground.secret('database-url'));
  change(url);
  return url.href;
}

const sql = (text: string): Promise<unknown> => rowsOf(ground.secret('database-url'), text);
