import { type Static, Type } from 'typebox';
import { Slug, Timestamp, Uuid } from './identifiers.ts';

/** `typ` in the protected header (RFC 8725 §3.11). */
export const PASS_TYPE = 'dipper-pass+jws';

/**
 * What the hub signs for a visitor: a compact JWS (EdDSA, Ed25519) whose text is the QR code. An edge checks it offline: signature
 * by a pinned hub key, estate, access points, time and uses. Once the edge's policy has reached `policyVersion`, the pass
 * has to be in the policy as well (credential of factor `qr` without hmac, permit, holder): a pass that was revoked is not.
 * Before that the pass stands for itself, so it opens though the policy is still on its way.
 */
export const PassClaims = Type.Object(
  {
    estate: Slug,
    /** The credential. */
    pass: Uuid,
    holder: Uuid,
    /** By which uses are counted, the same in the policy. */
    permit: Uuid,
    accessPoints: Type.Array(Slug, { minItems: 1, maxItems: 16, uniqueItems: true }),
    /** Included. */
    from: Timestamp,
    /** Not included. */
    until: Timestamp,
    uses: Type.Integer({ minimum: 1, maximum: 1_000 }),
    /** First version of each edge's policy that knows it, by agent. An agent that is not named never takes it. */
    policyVersions: Type.Record(Slug, Type.Integer({ minimum: 1 }), { minProperties: 1, maxProperties: 16 }),
  },
  { additionalProperties: false },
);
export type PassClaims = Static<typeof PassClaims>;
