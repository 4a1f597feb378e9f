import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PolicyFile } from '@dipper/contract/policy';
import { createPolicyStore, type PolicyMark } from '@dipper/edge/access/policy/policy-store';
import { createTrustedKeys } from '@dipper/edge/access/policy/trusted-keys';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { person, policyBody } from '../../../../support/access-policy.ts';
import { createPolicySigner } from '../../../../support/policy-signer.ts';

const hub = createPolicySigner();
const version = (number: number) => policyBody([person(number)], { version: number });
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dipper-policy-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
async function fileOf(content: PolicyFile | string): Promise<string> {
  count += 1;
  const path = join(folder, `policy-${count}.json`);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function open(mark?: PolicyMark) {
  const keys = createTrustedKeys();
  keys.replaceBy([hub.publicKey]);
  const marks: [PolicyMark, number][] = [];
  count += 1;
  const copy = join(folder, `copy-${count}.json`);
  const make = (known: PolicyMark | undefined) =>
    createPolicyStore({
      ...{ origin: { estate: 'lanting', agent: 'lanting-edge-1' }, keys, mark: known, copy },
      onTaken: (taken, issuedAtMs) => void marks.push([taken, issuedAtMs]),
      onCopyFailed(error) {
        throw error;
      },
    });
  return { store: make(mark), marks, restarted: () => make(marks.at(-1)?.[0]) };
}

describe('a policy', () => {
  test('that the hub has signed is gone by at once, and a later one after it', async () => {
    const { store, marks } = open();
    await store.takeUp(await fileOf(await hub.policy(version(7))));
    expect(store.current?.version).toBe(7);
    await store.takeUp(await fileOf(await hub.policy(version(8))));
    expect(store.current?.version).toBe(8);
    expect(marks.map(([mark]) => mark.version)).toEqual([7, 8]);
    expect(marks[0]?.[1]).toBe(Date.parse('2026-06-01T00:00:00.000Z'));
  });

  test('is renewed by the same version with a later end', async () => {
    const { store } = open();
    await store.takeUp(await fileOf(await hub.policy(version(7))));
    await store.takeUp(await fileOf(await hub.policy(version(7), { expiresAt: '2027-06-01T00:00:00.000Z' })));
    expect(store.current?.expiresAtMs).toBe(Date.parse('2027-06-01T00:00:00.000Z'));
  });

  const bad: [string, string, () => Promise<PolicyFile | string>][] = [
    ['of a lower version', 'POLICY_VERSION_LOWER', () => hub.policy(version(6))],
    ['of the same version, but another', 'POLICY_INVALID', () => hub.policy(policyBody([], { version: 7 }))],
    ['of another key', 'SIGNATURE_INVALID', () => createPolicySigner().policy(version(8))],
    ['for another agent', 'POLICY_INVALID', () => hub.policy({ ...version(8), agent: 'another' })],
    ['for another estate', 'POLICY_INVALID', () => hub.policy({ ...version(8), estate: 'another' })],
    ['with another body', 'POLICY_INVALID', async () => ({ ...(await hub.policy(version(8))), body: '{}' })],
    ['whose body says another version', 'POLICY_INVALID', () => hub.policy(version(8), { version: 9 })],
    ['that refers to nothing', 'POLICY_INVALID', () => hub.policy({ ...version(8), areas: [] })],
    ['that is no JSON', 'POLICY_INVALID', async () => '{"policy"'],
    ['that is a pass', 'SIGNATURE_INVALID', async () => ({ policy: await hub.pass({} as never), body: '{}' })],
  ];
  test.each(bad)('%s is refused, and the one before it stays', async (_name, code, make) => {
    const { store, marks } = open();
    await store.takeUp(await fileOf(await hub.policy(version(7))));
    await expect(store.takeUp(await fileOf(await make()))).rejects.toMatchObject({ code });
    expect([store.current?.version, marks.length]).toEqual([7, 1]);
  });

  test('of a lower version than before a restart is refused; the copy of the last is there', async () => {
    const { store, restarted } = open();
    await store.takeUp(await fileOf(await hub.policy(version(7))));
    const after = restarted();
    await expect(after.takeUp(await fileOf(await hub.policy(version(6))))).rejects.toMatchObject({
      code: 'POLICY_VERSION_LOWER',
    });
    await expect(after.takeUp(await fileOf('torn'))).rejects.toMatchObject({ code: 'POLICY_INVALID' });
    expect(after.current).toBeUndefined();
    await after.recover();
    expect(after.current?.version).toBe(7);
  });
});
