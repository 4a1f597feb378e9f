import { PASS_TYPE, type PassClaims } from '@dipper/contract/pass';
import { CompactSign } from 'jose';
import type { HubKeyring } from '../hub-key/hub-keyring.ts';
import type { ShownPassRow } from './pass.repository.ts';

/**
 * The text of a pass's QR code. It is signed when somebody asks, not kept: after the hub's key has been replaced, the visitor's
 * page shows one that edges believe. The same pass under the same key is the same text (Ed25519, RFC 8032 §5.1.6).
 */
export function signPass(keyring: Pick<HubKeyring, 'signer'>, row: ShownPassRow): Promise<string> {
  const claims: PassClaims = {
    estate: row.estate,
    pass: row.id,
    holder: row.holder,
    permit: row.permit,
    accessPoints: row.access_points,
    from: row.valid_from.toISOString(),
    until: row.valid_until.toISOString(),
    uses: row.uses,
    policyVersions: row.policy_versions,
  };
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'EdDSA', typ: PASS_TYPE })
    .sign(keyring.signer());
}
