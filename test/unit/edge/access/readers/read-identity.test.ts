import { PASS_TYPE, type PassClaims } from '@dipper/contract/pass';
import { createTrustedKeys } from '@dipper/edge/access/policy/trusted-keys';
import { identityOf } from '@dipper/edge/access/readers/read-identity';
import { expect, test } from 'vitest';
import { CREDENTIAL_KEY, hmacOf, IN, policyBody, uuidOf } from '../../../../support/access-policy.ts';
import { createPolicySigner } from '../../../../support/policy-signer.ts';

const hub = createPolicySigner();
const keys = createTrustedKeys();
keys.replaceBy([hub.publicKey]);
const trust = { keys, credentialKey: CREDENTIAL_KEY };
const claims: PassClaims = {
  ...{ estate: 'lanting', pass: uuidOf(1), holder: uuidOf(2), permit: uuidOf(3), accessPoints: [IN], uses: 1 },
  ...{ from: '2026-06-01T04:00:00.000Z', until: '2026-06-01T05:00:00.000Z', policyVersions: { 'lanting-edge-1': 8 } },
};

test('a value is known by its HMAC alone, however its reader writes it', async () => {
  const hmac = hmacOf('card', '04A2B3C4');
  for (const value of ['04:a2:b3:c4', '04a2 b3c4', '04A2B3C4']) {
    expect(await identityOf({ factor: 'card', value }, trust)).toEqual({ kind: 'value', factor: 'card', hmac });
  }
});

test('without a key, and for what cannot be a credential, there is no HMAC', async () => {
  const none = { kind: 'value', factor: 'pin', hmac: undefined };
  expect(await identityOf({ factor: 'pin', value: '135790' }, { keys, credentialKey: undefined })).toEqual(none);
  expect(await identityOf({ factor: 'pin', value: 'letters' }, trust)).toEqual(none);
});

test('a pass is what the hub has signed as a pass, and nothing else', async () => {
  const read = (value: string) => identityOf({ factor: 'qr', value }, trust);
  const token = await hub.pass(claims);
  expect(await read(` ${token}\n`)).toEqual({ kind: 'pass', factor: 'qr', claims });

  const nothing = { kind: 'pass', factor: 'qr', claims: undefined };
  expect(await read(await createPolicySigner().pass(claims))).toEqual(nothing);
  const [header, , signature] = token.split('.');
  const other = Buffer.from(JSON.stringify({ ...claims, uses: 100 })).toString('base64url');
  expect(await read(`${header}.${other}.${signature}`)).toEqual(nothing);
  const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: PASS_TYPE })).toString('base64url');
  expect(await read(`${unsigned}.${other}.`)).toEqual(nothing);
  // Signed by the hub for another purpose.
  const { policy } = await hub.policy({ ...policyBody([]), ...claims } as never);
  expect(await read(policy)).toMatchObject({ kind: 'value', factor: 'qr' });
  const [, payload, policySignature] = policy.split('.');
  expect(await read(`${header}.${payload}.${policySignature}`)).toEqual(nothing);
});
