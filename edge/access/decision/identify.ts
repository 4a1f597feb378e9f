import type { DenialReason } from '@dipper/contract/access-reasons';
import type { PassClaims } from '@dipper/contract/pass';
import type { PolicyCredential } from '@dipper/contract/policy-body';
import type { DecisionPolicy, Holder } from './decision-policy.ts';
import type { Identity } from './request.ts';

/** Whose factor it is. */
export interface Identified {
  /** Undefined for a button. */
  readonly holder: Holder | undefined;
  readonly credential: PolicyCredential | undefined;
  /** What a QR pass itself allows, besides what the policy does. */
  readonly pass: PassClaims | undefined;
}

export type Identification = Identified | { readonly reason: DenialReason };

/**
 * @param expected the holder of an earlier factor: several holders may have the same PIN
 * @param accessPoint where a face was recognised: it counts where it is enrolled
 */
export function identify(
  policy: DecisionPolicy,
  identity: Identity,
  at: { readonly accessPoint: string; readonly expected: string | undefined; readonly nowMs: number },
): Identification {
  switch (identity.kind) {
    case 'button':
      return { holder: undefined, credential: undefined, pass: undefined };
    case 'face':
      return identifyFace(policy, identity.holder, at);
    case 'pass':
      return identifyPass(policy, identity.claims);
    case 'value':
      return identifyValue(policy, `${identity.factor}:${identity.hmac}`, at.expected);
  }
}

function ofHolder(policy: DecisionPolicy, credential: PolicyCredential): Identification {
  const holder = policy.holders.get(credential.holder);
  if (holder === undefined) return { reason: 'CREDENTIAL_UNKNOWN' };
  return { holder, credential, pass: undefined };
}

function identifyValue(policy: DecisionPolicy, key: string, expected: string | undefined): Identification {
  const found = policy.credentialsByHmac.get(key) ?? [];
  const credential = found.find(({ holder }) => holder === expected) ?? found[0];
  if (credential === undefined) return { reason: 'CREDENTIAL_UNKNOWN' };
  if (found.length > 1 && credential.holder !== expected) return { reason: 'CREDENTIAL_AMBIGUOUS' };
  return ofHolder(policy, credential);
}

/** Recognition has checked all of this; a door does not rest on one check of something that may be wrong about people. */
function identifyFace(
  { faces, holders }: DecisionPolicy,
  id: string,
  { accessPoint, nowMs }: { readonly accessPoint: string; readonly nowMs: number },
): Identification {
  const isCurrent = ({ validUntil }: { readonly validUntil: string }): boolean => nowMs < Date.parse(validUntil);
  const isAssessed = faces?.assessment !== undefined && isCurrent(faces.assessment);
  const isEnrolled = faces?.enrolled.some(
    (enrolment) => enrolment.holder === id && enrolment.accessPoints.includes(accessPoint) && isCurrent(enrolment),
  );
  const holder = holders.get(id);
  if (!isAssessed || isEnrolled !== true || holder === undefined) return { reason: 'CREDENTIAL_UNKNOWN' };
  return { holder, credential: undefined, pass: undefined };
}

function identifyPass(policy: DecisionPolicy, claims: PassClaims | undefined): Identification {
  if (claims === undefined || claims.estate !== policy.estate) return { reason: 'PASS_INVALID' };
  const knownSince = claims.policyVersions[policy.agent];
  if (knownSince === undefined) return { reason: 'PASS_NOT_HERE' };
  const credential = policy.credentials.get(claims.pass);
  if (credential !== undefined) {
    const found = ofHolder(policy, credential);
    return 'reason' in found ? found : { ...found, pass: claims };
  }
  // This policy would know it: it has been taken back.
  if (policy.version >= knownSince) return { reason: 'CREDENTIAL_UNKNOWN' };
  return { holder: visitorOf(policy, claims), credential: undefined, pass: claims };
}

/** A visitor whom the policy does not know yet: all that they may is what the pass says. */
function visitorOf({ holders }: DecisionPolicy, claims: PassClaims): Holder {
  return {
    id: claims.holder,
    kind: 'visitor',
    isBlocked: holders.get(claims.holder)?.isBlocked ?? false,
    permits: [
      {
        id: claims.permit,
        credential: undefined,
        accessPoints: new Set(claims.accessPoints),
        schedule: undefined,
        fromMs: Date.parse(claims.from),
        untilMs: Date.parse(claims.until),
        uses: claims.uses,
      },
    ],
  };
}
