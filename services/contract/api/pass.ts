import { type Static, Type } from 'typebox';
import { Slug, Timestamp, Uuid } from '../identifiers.ts';
import { LocalText } from './alarm.ts';
import { nullable } from './nullable.ts';
import { Reason } from './reason.ts';

const strict = { additionalProperties: false };

/** Whoever comes for longer is no visitor: a resident with an end. */
export const MAX_PASS_DAYS = 31;
/** In and out again. */
export const DEFAULT_PASS_USES = 2;

const Instant = Type.String({ format: 'date-time' });
const Name = Type.String({ minLength: 1, maxLength: 64, pattern: '\\S', examples: ['李强'] });
const Plate = Type.String({ minLength: 5, maxLength: 16, examples: ['浙A·12345'] });
const Uses = Type.Integer({ minimum: 1, maximum: 1_000 });
const AccessPoints = Type.Array(Slug, { minItems: 1, maxItems: 16, uniqueItems: true });

/** `used`: as often as it may. What is revoked, used or expired opens nothing. */
export const PassState = Type.Enum(['coming', 'valid', 'used', 'expired', 'revoked']);
export type PassState = Static<typeof PassState>;

/** What a visitor may come in by: a code to show, the plate of a car, or both. */
export const NewPass = Type.Object(
  {
    estate: Slug,
    name: Name,
    plate: Type.Optional(Plate),
    accessPoints: AccessPoints,
    /** From now on where it is left out. */
    from: Type.Optional(Instant),
    /** Not included; at most 31 days after its beginning. */
    until: Instant,
    /** Over all access points together. */
    uses: Type.Optional(Uses),
    /** The resident who is visited. */
    host: Type.Optional(Uuid),
    note: Type.Optional(Type.String({ maxLength: 200 })),
  },
  strict,
);
export type NewPass = Static<typeof NewPass>;

export const PassView = Type.Object(
  {
    id: Uuid,
    estate: Slug,
    name: Type.String(),
    plate: nullable(Type.String()),
    host: nullable(Type.Object({ id: Uuid, name: Type.String(), unit: nullable(Type.String()) }, strict)),
    accessPoints: Type.Array(Slug),
    from: Timestamp,
    until: Timestamp,
    uses: Uses,
    /** As far as edges have told. */
    used: Type.Integer({ minimum: 0 }),
    state: PassState,
    note: nullable(Type.String()),
    revokedAt: nullable(Timestamp),
    revokedBy: nullable(Type.String()),
    revokeReason: nullable(Type.String()),
    createdAt: Timestamp,
    /** An account; `host` where the resident made it. */
    createdBy: Type.String(),
  },
  strict,
);
export type PassView = Static<typeof PassView>;

/** A pass with what the visitor needs of it. */
export const IssuedPass = Type.Object(
  {
    pass: PassView,
    /** Of the visitor's page, `/pass/{code}`; null once nothing can be opened by it. */
    code: nullable(Type.String()),
  },
  strict,
);
export type IssuedPass = Static<typeof IssuedPass>;

export const PassRevocation = Type.Object({ reason: Reason }, strict);
export type PassRevocation = Static<typeof PassRevocation>;

/** A pass as the visitor sees it, who has no account. */
export const VisitorPass = Type.Object(
  {
    estate: LocalText,
    name: Type.String(),
    plate: nullable(Type.String()),
    /** The way: which gates, and where they are. */
    accessPoints: Type.Array(Type.Object({ name: LocalText, place: LocalText }, strict)),
    from: Timestamp,
    until: Timestamp,
    usesLeft: Type.Integer({ minimum: 0 }),
    state: PassState,
    /** The text of the QR code, signed by the hub; null where it opens nothing any more. */
    token: nullable(Type.String()),
  },
  strict,
);
export type VisitorPass = Static<typeof VisitorPass>;

/** What a resident may give out by their link. */
export const INVITE_LIMITS = { passes: 5, hours: 72, uses: 4 } as const;

/** The code of the page on which a resident makes passes for visitors, `/invite/{code}`: told once. */
export const Invite = Type.Object({ code: Type.String() }, strict);
export type Invite = Static<typeof Invite>;

/** What a resident sees by their link. */
export const InvitePage = Type.Object(
  {
    estate: LocalText,
    /** Of the resident, all but the first character hidden. */
    host: Type.String(),
    accessPoints: Type.Array(Type.Object({ name: LocalText, place: LocalText }, strict)),
    limits: Type.Object({ passes: Type.Integer(), hours: Type.Integer(), uses: Type.Integer() }, strict),
    /** Those that have not ended, newest first. */
    passes: Type.Array(
      Type.Object(
        {
          id: Uuid,
          name: Type.String(),
          plate: nullable(Type.String()),
          from: Timestamp,
          until: Timestamp,
          uses: Uses,
          used: Type.Integer({ minimum: 0 }),
          state: PassState,
          code: Type.String(),
        },
        strict,
      ),
    ),
  },
  strict,
);
export type InvitePage = Static<typeof InvitePage>;

export const InvitedPass = Type.Object(
  {
    name: Name,
    plate: Type.Optional(Plate),
    /** From now on where it is left out; within the next 31 days. */
    from: Type.Optional(Instant),
    hours: Type.Integer({ minimum: 1, maximum: INVITE_LIMITS.hours }),
    uses: Type.Optional(Type.Integer({ minimum: 1, maximum: INVITE_LIMITS.uses })),
  },
  strict,
);
export type InvitedPass = Static<typeof InvitedPass>;
