import { createPublicKey, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { POLICY_FETCH_SCHEME, policyFetchMac } from '@dipper/contract/credential-hmac';
import type { PolicyFile } from '@dipper/contract/policy';
import type { PolicyBody } from '@dipper/contract/policy-body';
import { systemClock } from '@dipper/edge/link/clock';
import { createHubKeys } from '@dipper/edge/link/hub-keys';
import { openPolicyClient, type PolicyClient, type TakenPolicy } from '@dipper/edge/link/policy-client';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPolicySigner } from '../../../support/policy-signer.ts';

const ORIGIN = { estate: 'lanting', agent: 'lanting-edge-1' };
const key = randomBytes(32);
const signer = createPolicySigner();
const keys = createHubKeys([createPublicKey({ key: signer.publicKey, format: 'jwk' })]);

let dir: string;
let server: Server;
let stop: AbortController;
/** What the hub hands out at this moment. */
let served: { status: number; text: string };
const asked: string[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'dipper-policy-'));
  stop = new AbortController();
  asked.length = 0;
  server = createServer((request, response) => {
    asked.push(request.headers.authorization ?? '');
    response.writeHead(served.status, { connection: 'close' }).end(served.text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  stop.abort();
  await new Promise((resolve) => server.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

function bodyOf(version: number, over: Partial<PolicyBody> = {}): PolicyBody {
  return {
    ...{
      version,
      ...ORIGIN,
      timeZone: 'Asia/Shanghai',
      areas: [],
      schedules: [],
      holders: [],
      credentials: [],
      permits: [],
    },
    accessPoints: [{ id: 'way-in', device: 'barrier', factorRules: [{ anyOf: [['card']] }] }],
    ...over,
  };
}

async function announce(body: PolicyBody, claims: object = {}): Promise<PolicyFile & { payload: Buffer }> {
  const { port } = server.address() as AddressInfo;
  const file = await signer.policy(body, { bodyUrl: `http://127.0.0.1:${port}/edge/v1/policies/x`, ...claims });
  return { ...file, payload: Buffer.from(JSON.stringify({ policy: file.policy })) };
}

async function open(): Promise<{ client: PolicyClient; taken: TakenPolicy[]; tellings: () => number }> {
  const client = await openPolicyClient({
    ...{ origin: ORIGIN, keys, credentialKey: key, file: join(dir, 'policy.json'), clock: systemClock },
    ...{ log: pino({ level: 'silent' }), signal: stop.signal },
  });
  const taken: TakenPolicy[] = [];
  const told = vi.fn();
  client.follow((policy) => taken.push(policy));
  client.onChange(told);
  return { client, taken, tellings: () => told.mock.calls.length };
}

describe('a policy that the hub announces', () => {
  it('is fetched with a proof of the key, verified, kept and told of, and counts after a restart', async () => {
    const { client, taken, tellings } = await open();
    const first = await announce(bodyOf(3));
    served = { status: 200, text: first.body };
    await client.receive(first.payload);
    expect(taken.map(({ claims }) => claims.version)).toEqual([3]);
    const { claims } = taken[0] as TakenPolicy;
    expect(asked).toEqual([`${POLICY_FETCH_SCHEME} 3:${claims.sha256}:${policyFetchMac(key, claims)}`]);
    expect([client.state(), tellings()]).toEqual([{ version: 3, expiresAt: claims.expiresAt }, 1]);
    expect(JSON.parse(readFileSync(join(dir, 'policy.json'), 'utf8'))).toEqual({
      policy: first.policy,
      body: first.body,
    });
    const again = await open();
    expect(again.taken).toMatchObject([{ body: { version: 3 } }]);
    // A renewal is the same body under a later end: nothing is fetched.
    const expiresAt = '2027-06-01T00:00:00.000Z';
    const renewed = await announce(bodyOf(3), { expiresAt, issuedAt: '2026-07-01T00:00:00.000Z' });
    await again.client.receive(renewed.payload);
    expect([again.client.state().expiresAt, asked.length, again.taken.length]).toEqual([expiresAt, 1, 2]);
  });

  it('is refused with a lower version, another body of the same version, or for another edge', async () => {
    const { client, taken } = await open();
    const right = await announce(bodyOf(3));
    served = { status: 200, text: right.body };
    await client.receive(right.payload);
    const lower = await announce(bodyOf(2));
    served = { status: 200, text: lower.body };
    await client.receive(lower.payload);
    expect(client.state()).toMatchObject({ version: 3, problem: 'POLICY_VERSION_LOWER' });
    await client.receive((await announce(bodyOf(3, { areas: [{ id: 'yard' }] }))).payload);
    expect(client.state()).toMatchObject({ version: 3, problem: 'POLICY_INVALID' });
    await client.receive((await announce(bodyOf(4, { agent: 'another-edge' }))).payload);
    expect(client.state()).toMatchObject({ version: 3, problem: 'POLICY_INVALID' });
    const stranger = createPolicySigner();
    const { policy } = await stranger.policy(bodyOf(5), { bodyUrl: 'http://127.0.0.1:1/' });
    await client.receive(Buffer.from(JSON.stringify({ policy })));
    expect(client.state()).toMatchObject({ version: 3, problem: 'SIGNATURE_INVALID' });
    expect([taken.length, asked.length]).toEqual([1, 1]);
    // The right one, said again, puts things right.
    await client.receive(right.payload);
    expect(client.state().problem).toBeUndefined();
  });

  it('is not taken up with a body that was changed, and is once the body is the one that was signed', async () => {
    const { client, taken } = await open();
    const told = await announce(bodyOf(3));
    served = { status: 200, text: told.body.replace('"card"', '"plate"') };
    const receiving = client.receive(told.payload);
    await vi.waitFor(() => expect(client.state()).toEqual({ version: 0, problem: 'POLICY_INVALID' }), 10_000);
    expect(taken).toEqual([]);
    served = { status: 200, text: told.body };
    await receiving;
    expect([taken.length, client.state().version]).toEqual([1, 3]);
  });

  it('is asked for no more once a later one is told', async () => {
    const { client, taken } = await open();
    served = { status: 409, text: '{"code":"POLICY_SUPERSEDED"}' };
    const waiting = client.receive((await announce(bodyOf(3))).payload);
    await vi.waitFor(() => expect(client.state().problem).toBe('POLICY_SUPERSEDED'), 10_000);
    const later = await announce(bodyOf(4));
    served = { status: 200, text: later.body };
    await client.receive(later.payload);
    await waiting;
    expect(taken.map(({ claims }) => claims.version)).toEqual([4]);
  });

  it('is set aside where the file was changed', async () => {
    const { body, policy } = await announce(bodyOf(3));
    writeFileSync(join(dir, 'policy.json'), JSON.stringify({ policy, body: body.replace('"card"', '"plate"') }));
    const { client, taken } = await open();
    expect([taken, client.state()]).toEqual([[], { version: 0, problem: 'POLICY_INVALID' }]);
  });
});
