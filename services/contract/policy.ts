import { type Static, Type } from 'typebox';
import { ShortText, Slug, Timestamp } from './identifiers.ts';
import { CompactJws } from './receipts.ts';

const strict = { additionalProperties: false };

export const POLICY_TYPE = 'dipper-policy+jws';

/** Retained: which access policy an agent should have. The body is fetched over HTTPS; a lower version is refused. */
export const PolicyMessage = Type.Object({ policy: CompactJws }, strict);
export type PolicyMessage = Static<typeof PolicyMessage>;

/** What the signature covers. */
export const PolicyClaims = Type.Object(
  {
    estate: Slug,
    agent: Slug,
    version: Type.Integer({ minimum: 1 }),
    /** Lower-case hex of the body's SHA-256. */
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    issuedAt: Timestamp,
    expiresAt: Timestamp,
  },
  strict,
);
export type PolicyClaims = Static<typeof PolicyClaims>;

/**
 * Body of a policy. Credentials occur only as HMAC-SHA256 under a key the edge got at enrolment:
 * plates and PINs are few enough to be enumerated, so a plain digest would protect nobody.
 */
export const PolicyBody = Type.Object(
  {
    version: Type.Integer({ minimum: 1 }),
    accessPoints: Type.Array(
      Type.Object(
        {
          id: Slug,
          /** A way in that needs no face; a policy without one is invalid. */
          withoutFace: Type.Array(Type.Enum(['plate', 'card', 'qr', 'pin', 'button']), {
            minItems: 1,
          }),
          whenExpired: Type.Enum(['residents-only', 'nobody']),
        },
        strict,
      ),
    ),
    permits: Type.Array(
      Type.Object(
        {
          credentialHmac: Type.String({ pattern: '^[0-9a-f]{64}$' }),
          holder: Type.Enum(['resident', 'visitor']),
          accessPoints: Type.Array(Slug, { minItems: 1 }),
          validFrom: Timestamp,
          validUntil: Timestamp,
          uses: Type.Optional(Type.Integer({ minimum: 1 })),
          note: Type.Optional(ShortText),
        },
        strict,
      ),
    ),
  },
  strict,
);
export type PolicyBody = Static<typeof PolicyBody>;
