import { type Static, Type } from 'typebox';
import { AccessFactor } from './access-factor.ts';
import { Slug, Timestamp, Uuid } from './identifiers.ts';

const strict = { additionalProperties: false };

/** Minutes since local midnight: from, included, and until, not included. 1440 is the end of the day. */
export const DaySpan = Type.Tuple([
  Type.Integer({ minimum: 0, maximum: 1439 }),
  Type.Integer({ minimum: 1, maximum: 1440 }),
]);
export type DaySpan = Static<typeof DaySpan>;
const DaySpans = Type.Array(DaySpan, { maxItems: 24 });

/** A date of the estate's calendar, `YYYY-MM-DD`. */
export const LocalDate = Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$' });

/**
 * When something is on, by the clock on the estate's wall: an hour that daylight saving time repeats counts both times, one that
 * it leaves out never. A special day replaces its weekday whole; one without spans is off all day.
 */
export const PolicySchedule = Type.Object(
  {
    id: Uuid,
    /** Monday first (ISO 8601). */
    weekly: Type.Array(DaySpans, { minItems: 7, maxItems: 7 }),
    specialDays: Type.Optional(Type.Array(Type.Object({ date: LocalDate, spans: DaySpans }, strict))),
  },
  strict,
);
export type PolicySchedule = Static<typeof PolicySchedule>;

/** A part of the estate that people are in or out of. What lies outside of every area has no name. */
export const PolicyArea = Type.Object(
  {
    id: Slug,
    /** How many holders may be in it at once. */
    occupancyLimit: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Minute of the local day at which who is in it is forgotten. */
    resetAtMinute: Type.Optional(Type.Integer({ minimum: 0, maximum: 1439 })),
  },
  strict,
);
export type PolicyArea = Static<typeof PolicyArea>;

/** Any one of these combinations of factors is enough; the two of a pair come from the same holder, in any order. */
export const FactorRule = Type.Object(
  {
    /** Absent: at any time. */
    schedule: Type.Optional(Uuid),
    anyOf: Type.Array(Type.Array(AccessFactor, { minItems: 1, maxItems: 2, uniqueItems: true }), {
      minItems: 1,
      maxItems: 16,
    }),
  },
  strict,
);
export type FactorRule = Static<typeof FactorRule>;

/** A way through, in one direction: one gate may have two of them. */
export const PolicyAccessPoint = Type.Object(
  {
    id: Slug,
    /** The gate that opens. */
    device: Slug,
    /** Absent: outside. */
    fromArea: Type.Optional(Slug),
    toArea: Type.Optional(Slug),
    /** The first whose schedule is on counts; where none is, nobody passes. Each has a combination without a face. */
    factorRules: Type.Array(FactorRule, { minItems: 1, maxItems: 16 }),
    /** How long the second of two factors may take. Default 20 s. */
    factorWindowSec: Type.Optional(Type.Integer({ minimum: 2, maximum: 120 })),
    /** What holds once the policy's time is over. Default: residents still get in, visitors do not. */
    whenExpired: Type.Optional(Type.Enum(['residents-only', 'nobody'])),
    antiPassback: Type.Optional(
      Type.Object(
        {
          /** `hard` denies, `soft` grants and says so. */
          mode: Type.Enum(['hard', 'soft']),
          /** After so long where somebody was last does not count. Default: until it is reset. */
          minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_080 })),
        },
        strict,
      ),
    ),
    /** Of access points with the same group only one gate is open at a time. */
    interlock: Type.Optional(Slug),
    /** How long after a grant somebody may go through. Default 10 s. */
    passageSec: Type.Optional(Type.Integer({ minimum: 1, maximum: 300 })),
    outOfOrder: Type.Optional(Type.Literal(true)),
  },
  strict,
);
export type PolicyAccessPoint = Static<typeof PolicyAccessPoint>;

/** Who credentials belong to. A vehicle is a resident's; the plate of a visitor is a credential of that visitor. */
export const PolicyHolder = Type.Object(
  { id: Uuid, kind: Type.Enum(['resident', 'visitor', 'vehicle']), blocked: Type.Optional(Type.Literal(true)) },
  strict,
);
export type PolicyHolder = Static<typeof PolicyHolder>;

export const PolicyCredential = Type.Object(
  {
    id: Uuid,
    holder: Uuid,
    /** A button names nobody, so it is no credential; faces are named below. */
    factor: Type.Enum(['plate', 'card', 'qr', 'pin']),
    /**
     * `credentialHmac` under the agent's credential key: plates and PINs can be enumerated, so a plain digest would protect
     * nobody. Absent for a QR pass (`pass.ts`), which proves its id by its signature.
     */
    hmac: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
    /** Opens as usual and tells quietly that its holder is being forced. */
    duress: Type.Optional(Type.Literal(true)),
    blocked: Type.Optional(Type.Literal(true)),
  },
  strict,
);
export type PolicyCredential = Static<typeof PolicyCredential>;

export const PolicyPermit = Type.Object(
  {
    id: Uuid,
    holder: Uuid,
    /** Counts with this credential only. Default: with every one of the holder. */
    credential: Type.Optional(Uuid),
    accessPoints: Type.Array(Slug, { minItems: 1, maxItems: 256, uniqueItems: true }),
    schedule: Type.Optional(Uuid),
    /** Included. */
    validFrom: Timestamp,
    /** Not included. */
    validUntil: Timestamp,
    /** How often it lets through, over all access points. What is limited is on disk before a gate opens. */
    uses: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    /** How many of those other edges have told of. */
    usesElsewhere: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  },
  strict,
);
export type PolicyPermit = Static<typeof PolicyPermit>;

/** Whose faces may be compared here, and on the ground of which consent. Nobody else's template may be kept. */
export const PolicyFaces = Type.Object(
  {
    /** The impact assessment on file; without one that is valid nobody is compared. */
    assessment: Type.Optional(Type.Object({ id: Uuid, validUntil: Timestamp }, strict)),
    enrolled: Type.Array(
      Type.Object(
        {
          holder: Uuid,
          consent: Uuid,
          accessPoints: Type.Array(Slug, { minItems: 1, maxItems: 256, uniqueItems: true }),
          validUntil: Timestamp,
        },
        strict,
      ),
    ),
  },
  strict,
);
export type PolicyFaces = Static<typeof PolicyFaces>;

/**
 * What one edge decides by. Arrays are sorted by id and what is absent is left out, so that the same policy is the same bytes.
 * `policyProblems` (`policy-check.ts`) says what a schema cannot.
 */
export const PolicyBody = Type.Object(
  {
    version: Type.Integer({ minimum: 1 }),
    estate: Slug,
    agent: Slug,
    /** IANA name, e.g. `Asia/Shanghai`: schedules go by it, whatever the machine's own zone is. */
    timeZone: Type.String({ minLength: 1, maxLength: 64 }),
    areas: Type.Array(PolicyArea, { maxItems: 256 }),
    accessPoints: Type.Array(PolicyAccessPoint, { maxItems: 256 }),
    schedules: Type.Array(PolicySchedule, { maxItems: 1_024 }),
    holders: Type.Array(PolicyHolder, { maxItems: 200_000 }),
    credentials: Type.Array(PolicyCredential, { maxItems: 500_000 }),
    permits: Type.Array(PolicyPermit, { maxItems: 500_000 }),
    faces: Type.Optional(PolicyFaces),
  },
  strict,
);
export type PolicyBody = Static<typeof PolicyBody>;
