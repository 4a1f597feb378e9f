import { createHash } from 'node:crypto';
import { DipperError } from '@dipper/contract/errors';
import { POLICY_TYPE, PolicyClaims } from '@dipper/contract/policy';
import { PolicyBody } from '@dipper/contract/policy-body';
import { policyProblems } from '@dipper/contract/policy-check';
import { createValidator } from '@dipper/contract/validation';
import type { Origin } from './event-body.ts';
import type { HubKeys } from './hub-keys.ts';

const Claims = createValidator(PolicyClaims);
const Body = createValidator(PolicyBody);

/**
 * What the hub has signed about this edge's policy.
 * @throws DipperError SIGNATURE_INVALID, MESSAGE_NOT_JSON, POLICY_INVALID where it is for another edge
 */
export async function openPolicyClaims(
  jws: string,
  keys: Pick<HubKeys, 'open'>,
  origin: Origin,
): Promise<PolicyClaims> {
  const claims = Claims.parse(await keys.open(jws, POLICY_TYPE), 'POLICY_INVALID');
  if (claims.estate !== origin.estate || claims.agent !== origin.agent) {
    throw new DipperError('POLICY_INVALID', { message: `The policy is for ${claims.estate}/${claims.agent}.` });
  }
  return claims;
}

/**
 * The body of a policy, once it is seen to be the one that was signed.
 * @throws DipperError POLICY_INVALID
 */
export function readPolicyBody(text: string, claims: PolicyClaims): PolicyBody {
  const sha256 = createHash('sha256').update(text).digest('hex');
  if (sha256 !== claims.sha256) {
    throw new DipperError('POLICY_INVALID', { message: 'The body of the policy is not the one that was signed.' });
  }
  const body = Body.parse(JSON.parse(text), 'POLICY_INVALID');
  const { estate, agent, version } = body;
  if (estate !== claims.estate || agent !== claims.agent || version !== claims.version) {
    throw new DipperError('POLICY_INVALID', { message: 'The body of the policy says another edge or version.' });
  }
  const [problem] = policyProblems(body);
  if (problem !== undefined) {
    throw new DipperError('POLICY_INVALID', { message: `The policy: ${problem.path} ${problem.message}.` });
  }
  return body;
}
