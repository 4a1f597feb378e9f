import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { HubKey } from '@dipper/contract/hub-key';
import { PASS_TYPE, type PassClaims } from '@dipper/contract/pass';
import { POLICY_TYPE, type PolicyClaims, type PolicyFile } from '@dipper/contract/policy';
import type { PolicyBody } from '@dipper/contract/policy-body';
import { CompactSign } from 'jose';

/** A hub's key, and what it signs for gates. */
export interface PolicySigner {
  readonly publicKey: HubKey;
  pass(claims: PassClaims): Promise<string>;
  /** A policy as an edge keeps it on its disk; `claims` replaces what a test is about. */
  policy(body: PolicyBody, claims?: Partial<PolicyClaims>): Promise<PolicyFile>;
}

async function sign(claims: object, typ: string, key: KeyObject): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader({ alg: 'EdDSA', typ }).sign(key);
}

/** Signs with a key of its own. */
export function createPolicySigner(): PolicySigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { kty, crv, x } = publicKey.export({ format: 'jwk' });
  return {
    publicKey: { kty, crv, x } as HubKey,
    pass: (claims) => sign(claims, PASS_TYPE, privateKey),
    async policy(body, changed = {}) {
      const text = JSON.stringify(body);
      const claims: PolicyClaims = {
        ...{ estate: body.estate, agent: body.agent, version: body.version },
        sha256: createHash('sha256').update(text).digest('hex'),
        bodyUrl: `https://hub.invalid/edge/v1/policies/${body.agent}`,
        issuedAt: '2026-06-01T00:00:00.000Z',
        expiresAt: '2026-12-31T00:00:00.000Z',
        ...changed,
      };
      return { policy: await sign(claims, POLICY_TYPE, privateKey), body: text };
    },
  };
}
