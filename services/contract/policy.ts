import { type Static, Type } from 'typebox';
import { Slug, Timestamp } from './identifiers.ts';
import { CompactJws } from './receipts.ts';

const strict = { additionalProperties: false };

/** `typ` in the protected header (RFC 8725 §3.11). */
export const POLICY_TYPE = 'dipper-policy+jws';

/** Retained: which access policy an agent should have. The body is fetched over HTTPS; a lower version is refused. */
export const PolicyMessage = Type.Object({ policy: CompactJws }, strict);
export type PolicyMessage = Static<typeof PolicyMessage>;

/** What the signature covers. The same version and hash with a later end renews a policy. */
export const PolicyClaims = Type.Object(
  {
    estate: Slug,
    agent: Slug,
    version: Type.Integer({ minimum: 1 }),
    /** Lower-case hex of the SHA-256 over the body's UTF-8 bytes as they are served. */
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    /** Where the body is; signed, so a broker that was taken over sends nobody elsewhere. */
    bodyUrl: Type.String({ pattern: '^https?://', maxLength: 512 }),
    issuedAt: Timestamp,
    /** From then on it counts as each access point says (`whenExpired`). */
    expiresAt: Timestamp,
  },
  strict,
);
export type PolicyClaims = Static<typeof PolicyClaims>;

/** A policy as an edge keeps it on its disk: all that it takes to verify it again. The body's schema is `PolicyBody`. */
export const PolicyFile = Type.Object(
  {
    policy: CompactJws,
    /** The body's text exactly as it was served. */
    body: Type.String(),
  },
  strict,
);
export type PolicyFile = Static<typeof PolicyFile>;
