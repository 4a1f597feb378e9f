import { Type } from 'typebox';
import { AccessFactor } from '../access-factor.ts';
import { Code, Slug, Uuid } from '../identifiers.ts';

const strict = { additionalProperties: false };

const Factors = Type.Array(AccessFactor, { minItems: 1, maxItems: 4 });

const AccessRequested = Type.Object(
  {
    accessPoint: Slug,
    factors: Factors,
    reader: Type.Optional(Slug),
    /** What the reader called it, an ONVIF or MQTT topic. What it read stands nowhere: a card number is a key. */
    topic: Type.Optional(Type.String({ maxLength: 256 })),
    /** What a plate or a face rests on: votes, confidence, track. */
    evidence: Type.Optional(
      Type.Record(Type.String({ maxLength: 32 }), Type.Union([Type.Number(), Type.String({ maxLength: 64 })]), {
        maxProperties: 12,
      }),
    ),
  },
  strict,
);

const AccessDecided = Type.Object(
  {
    accessPoint: Slug,
    factors: Factors,
    /** `access-reasons.ts` */
    reason: Code,
    holder: Type.Optional(Uuid),
    credentials: Type.Optional(Type.Array(Uuid, { minItems: 1, maxItems: 4 })),
    permit: Type.Optional(Uuid),
    policyVersion: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  strict,
);

/** Somebody opened with the credential that says they are being forced. Nothing at the gate and no other event shows it. */
const AccessDuress = Type.Object(
  { accessPoint: Slug, holder: Uuid, credential: Uuid, granted: Type.Boolean() },
  strict,
);

const AccessPassage = Type.Object(
  {
    accessPoint: Slug,
    holder: Type.Optional(Uuid),
    /** Since the grant. */
    afterMs: Type.Integer({ minimum: 0 }),
    /** What showed it. */
    by: Type.Optional(Type.Enum(['contact', 'loop'])),
    /** Why nobody could go through, where the gate did not open. */
    cause: Type.Optional(Code),
  },
  strict,
);

/** Who asked to pass, what was decided, and whether they passed. */
export const ACCESS_EVENTS = {
  'access.requested': { data: AccessRequested, retention: 'passage' },
  'access.granted': { data: AccessDecided, retention: 'passage' },
  'access.denied': { data: AccessDecided, retention: 'passage' },
  'access.duress': { data: AccessDuress, retention: 'passage' },
  'access.taken': { data: AccessPassage, retention: 'passage' },
  'access.not-taken': { data: AccessPassage, retention: 'passage' },
} as const;
