import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EnrolmentCode, EnrolmentView } from '@dipper/contract/api/enrolment';
import type { AgentView } from '@dipper/contract/api/inventory';
import { hashBrokerPassword } from '@dipper/contract/broker-password';
import type { RunningHub } from '@dipper/hub/hub';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { type ChildPart, startChildPart } from '../support/child-part.ts';
import { enrolHere } from '../support/enrol-here.ts';
import { eventually } from '../support/eventually.ts';
import { ADMIN_PASSWORD, type HubGround, startHubGround, startHubHere } from '../support/running-hub.ts';

const EDGE = fileURLToPath(new URL('../../edge/agent/main.ts', import.meta.url));
const ESTATE = 'lanting';
/** Two processes start, perhaps on a machine that has much else to do. */
const PATIENTLY = { withinMs: 30_000 };

let ground: HubGround;
let hub: RunningHub;
let admin: ApiClient;
const dir = mkdtempSync(join(tmpdir(), 'dipper-enrolment-'));
const agents: ChildPart[] = [];

beforeAll(async () => {
  ground = await startHubGround();
  hub = await startHubHere(ground);
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
});
afterAll(async () => {
  for (const agent of agents) await agent.stop();
  await hub?.stop();
  await ground?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function codeFor(agent: string): Promise<string> {
  const answer = await admin.send('POST', '/api/v1/enrolment-codes', { estate: ESTATE, agent });
  if (answer.status !== 201) throw new Error(await answer.text());
  return ((await answer.json()) as EnrolmentCode).code;
}

/** The command as a person runs it. */
function runCommand(code: string, config: string, url = hub.url): Promise<{ exit: number; output: string }> {
  return new Promise((resolve) => {
    const args = [EDGE, 'enrol', '--hub', url, '--code', code, '--config', config];
    execFile(process.execPath, args, (error, stdout, stderr) =>
      resolve({ exit: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    );
  });
}

/** What the command asks the hub. */
async function exchange(code: string, passwordHash: string): Promise<{ status: number; code?: string }> {
  const answer = await fetch(`${hub.url}/api/v1/enrolments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, passwordHash }),
  });
  return { status: answer.status, ...((await answer.json()) as { code?: string }) };
}

const hashOf = (password: string): string => hashBrokerPassword(password, Buffer.alloc(12, 7));
const stateOf = async (agent: string): Promise<string | undefined> =>
  (await admin.list<AgentView>('/api/v1/agents')).find(({ id }) => id === agent)?.state;

describe('an agent that enrols', () => {
  it('comes into a running deployment with a code and nothing else, and is out again when its login is taken away', {
    timeout: 90_000,
  }, async () => {
    const config = join(dir, 'west', 'edge.yaml');
    const { exit, output } = await runCommand(await codeFor('west-edge'), config);
    expect([exit, output]).toEqual([0, expect.stringContaining('lets it in')]);
    for (const name of ['mqtt-password', 'hub-keys.json']) {
      expect(statSync(join(dir, 'west', 'secrets', name)).mode & 0o777, name).toBe(0o600);
    }
    const agent = await startChildPart(EDGE, ['--config', config]);
    agents.push(agent);
    await eventually('it to be online', async () => (await stateOf('west-edge')) === 'online', PATIENTLY);
    expect(await admin.list<EnrolmentView>('/api/v1/enrolments')).toContainEqual({
      ...{ id: 'west-edge', estate: ESTATE, codeExpiresAt: null, codeMadeBy: null },
      enrolledAt: expect.any(String),
    });
    const password = readFileSync(join(dir, 'west', 'secrets', 'mqtt-password'), 'utf8').trim();
    expect(await ground.dump()).not.toContain(password);

    expect((await admin.send('DELETE', '/api/v1/enrolments/west-edge')).status).toBe(204);
    await eventually('the broker to drop it', async () => (await stateOf('west-edge')) === 'offline', PATIENTLY);
    await expect(
      connectAsync(ground.broker.url, { username: `${ESTATE}/west-edge`, password, reconnectPeriod: 0 }),
    ).rejects.toThrow(/Bad username or password/);
    const actions = (await admin.list<{ action: string; target: string }>('/api/v1/audit?limit=50'))
      .filter(({ target }) => target === 'west-edge')
      .map(({ action }) => action);
    expect(actions).toEqual(['agent.disenrol', 'agent.enrol', 'agent.enrolment-code']);
  });

  it('keeps what its configuration says, and nothing is written over that of another agent', {
    timeout: 60_000,
  }, async () => {
    const config = join(dir, 'edge.yaml');
    writeFileSync(
      config,
      '# ours\nestate: lanting\nagent: other\ndataDir: d\nmedia: { keyFile: k }\nhub: { publicKeyFile: keys/hub.json }\n',
    );
    const before = readFileSync(config, 'utf8');
    const code = await codeFor('kept-edge');
    const refused = await enrolHere(hub.url, code, config);
    expect([refused.exit, refused.output]).toEqual([1, expect.stringMatching(/^ENROLMENT_OTHER_AGENT: /)]);
    expect(readFileSync(config, 'utf8')).toBe(before);
    // The same code, once that is put right: the hub knows this edge by the hash of its password.
    writeFileSync(config, before.replace('other', 'kept-edge'));
    expect(await enrolHere(hub.url, code, config)).toMatchObject({ exit: 0 });
    const text = readFileSync(config, 'utf8');
    expect(text).toContain('# ours');
    expect(parse(text)).toMatchObject({
      ...{ estate: ESTATE, agent: 'kept-edge', dataDir: 'd', hub: { publicKeyFile: 'keys/hub.json' } },
      mqtt: { url: ground.broker.url, username: `${ESTATE}/kept-edge`, passwordFile: 'secrets/mqtt-password' },
    });
    expect(JSON.parse(readFileSync(join(dir, 'keys/hub.json'), 'utf8'))).toMatchObject({
      keys: [{ kty: 'OKP', x: ground.hubKey().x }],
    });
    // Enrolled again, it is another file, so that what the agent has been made to believe since counts no longer.
    const pinned = readFileSync(join(dir, 'keys/hub.json'), 'utf8');
    expect(await enrolHere(hub.url, await codeFor('kept-edge'), config)).toMatchObject({ exit: 0 });
    expect(readFileSync(join(dir, 'keys/hub.json'), 'utf8')).not.toBe(pinned);
  });

  it('says what is wrong by a code that stays', async () => {
    const config = join(dir, 'refused.yaml');
    expect((await enrolHere(hub.url, 'aaaa-bbbb-cccc-dddd', config)).output).toMatch(/^ENROLMENT_CODE_WRONG: /);
    expect((await enrolHere('http://127.0.0.1:1', 'aaaa-bbbb-cccc-dddd', config)).output).toMatch(/^HUB_UNREACHABLE: /);
    expect(await enrolHere(hub.url, 'aaaa', config)).toMatchObject({
      exit: 2,
      output: expect.stringContaining('--code has to be'),
    });
    writeFileSync(config, 'dataDir: d\ncamreas: []\nmedia: { keyFile: k }\n');
    expect(await enrolHere(hub.url, 'aaaa-bbbb-cccc-dddd', config)).toMatchObject({
      exit: 2,
      output: expect.stringContaining("did you mean 'cameras'"),
    });
  });
});

describe('a code', () => {
  it('counts once, for 24 hours, until the next is made; the same request is answered again', async () => {
    const [old, code] = [await codeFor('east-edge'), await codeFor('east-edge')];
    expect(await exchange(old, hashOf('one'))).toMatchObject({ status: 401, code: 'ENROLMENT_CODE_WRONG' });
    const [first, second] = await Promise.all([exchange(code, hashOf('one')), exchange(code, hashOf('one'))]);
    expect([first, second]).toEqual([expect.objectContaining({ status: 200, agent: 'east-edge' }), first]);
    expect(await exchange(code, hashOf('two'))).toMatchObject({ status: 409, code: 'ENROLMENT_CODE_USED' });
    const late = await codeFor('east-edge');
    await ground.rows(`update dipper.enrolment set code_expires_at = now() where agent = 'east-edge'`);
    expect(await exchange(late, hashOf('two'))).toMatchObject({ status: 410, code: 'ENROLMENT_CODE_EXPIRED' });
    const dump = await ground.dump();
    for (const told of [old, code, late]) expect(dump).not.toContain(told);
  });

  it('is for an estate that is there and an agent of no other, and made by administrators', async () => {
    const make = async (estate: string, agent: string): Promise<unknown> =>
      (await (await admin.send('POST', '/api/v1/enrolment-codes', { estate, agent })).json()) as unknown;
    expect(await make('nowhere', 'east-edge')).toMatchObject({ code: 'REQUEST_INVALID' });
    await ground.rows(`insert into dipper.estate (id, community, name_zh, name_en)
                       select 'other', community, '另一处', 'Other' from dipper.estate limit 1`);
    expect(await make('other', 'lanting-edge-1')).toMatchObject({ code: 'AGENT_OF_ANOTHER_ESTATE' });
  });

  it('is looked for in vain by whoever tries many', async () => {
    const tried = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        exchange(`aaaa-bbbb-cccc-dd${String.fromCharCode(97 + (i % 26))}2`, hashOf('x')),
      ),
    );
    expect(new Set(tried.map(({ code }) => code))).toEqual(new Set(['ENROLMENT_CODE_WRONG', 'TOO_MANY_ATTEMPTS']));
  });
});
