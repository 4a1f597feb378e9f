import { type Static, Type } from 'typebox';
import { Slug, Timestamp, Uuid } from '../identifiers.ts';
import { nullable } from './nullable.ts';
import { Reason } from './reason.ts';

const strict = { additionalProperties: false };
const Version = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
const Name = Type.String({ minLength: 1, maxLength: 64, examples: ['王芳'] });
/** Building and door, as people write it. */
const Unit = Type.String({ minLength: 1, maxLength: 32, examples: ['3-2-501'] });
const blocking = {
  /** Null while not blocked. */
  blockedAt: nullable(Timestamp),
  blockedBy: nullable(Type.String()),
  blockReason: nullable(Type.String()),
};

export const HolderKind = Type.Enum(['resident', 'vehicle', 'visitor']);
export type HolderKind = Static<typeof HolderKind>;

/** Whoever may have credentials: a resident, a vehicle of one, a visitor. */
export const HolderView = Type.Object(
  {
    id: Uuid,
    estate: Slug,
    kind: HolderKind,
    name: Type.String(),
    unit: nullable(Type.String()),
    /** Of a vehicle: the resident it belongs to. */
    owner: nullable(Type.Object({ id: Uuid, name: Type.String() }, strict)),
    plates: Type.Array(Type.String()),
    ...blocking,
    endedAt: nullable(Timestamp),
    version: Version,
    changedAt: Timestamp,
    changedBy: Type.String(),
  },
  strict,
);
export type HolderView = Static<typeof HolderView>;

export const CredentialView = Type.Object(
  {
    id: Uuid,
    factor: Type.Enum(['plate', 'card', 'pin', 'qr']),
    /** The plate, or the last characters of a card; null for a PIN, which nobody is shown again. */
    shown: nullable(Type.String()),
    /** Opens as any other and tells quietly that its holder is forced to. */
    duress: Type.Boolean(),
    ...blocking,
    createdAt: Timestamp,
    createdBy: Type.String(),
  },
  strict,
);
export type CredentialView = Static<typeof CredentialView>;

export const PermitView = Type.Object(
  {
    id: Uuid,
    accessPoints: Type.Array(Slug),
    /** Null: at any hour that the access points allow. */
    schedule: nullable(Uuid),
    /** Null: by every credential. */
    credential: nullable(Uuid),
    from: Timestamp,
    /** Null: until it is ended. */
    until: nullable(Timestamp),
    uses: nullable(Type.Integer({ minimum: 1 })),
    createdAt: Timestamp,
    createdBy: Type.String(),
  },
  strict,
);
export type PermitView = Static<typeof PermitView>;

/** One holder with what they have and have not given back. */
export const HolderDetail = Type.Object(
  {
    holder: HolderView,
    credentials: Type.Array(CredentialView),
    permits: Type.Array(PermitView),
    vehicles: Type.Array(HolderView),
  },
  strict,
);
export type HolderDetail = Static<typeof HolderDetail>;

/** A resident. */
export const NewHolder = Type.Object({ estate: Slug, name: Name, unit: Type.Optional(nullable(Unit)) }, strict);
export type NewHolder = Static<typeof NewHolder>;

export const NewVehicle = Type.Object(
  {
    /** As people call it, e.g. 白色轿车. */
    name: Name,
    plate: Type.String({ minLength: 5, maxLength: 16, examples: ['浙A·12345'] }),
  },
  strict,
);
export type NewVehicle = Static<typeof NewVehicle>;

export const HolderChange = Type.Object(
  { version: Version, name: Type.Optional(Name), unit: Type.Optional(nullable(Unit)) },
  strict,
);
export type HolderChange = Static<typeof HolderChange>;

export const BlockRequest = Type.Object({ blocked: Type.Boolean(), reason: Reason }, strict);
export type BlockRequest = Static<typeof BlockRequest>;

/** The hub makes PINs itself: six digits that nobody else in the estate has. */
export const NewCredential = Type.Union(
  [
    Type.Object(
      {
        factor: Type.Literal('card'),
        value: Type.String({ minLength: 4, maxLength: 48, examples: ['04:A2:3B:91'] }),
      },
      strict,
    ),
    Type.Object(
      {
        factor: Type.Literal('plate'),
        value: Type.String({ minLength: 5, maxLength: 16, examples: ['浙A·12345'] }),
      },
      strict,
    ),
    Type.Object({ factor: Type.Literal('pin'), duress: Type.Optional(Type.Boolean()) }, strict),
  ],
  { examples: [{ factor: 'pin' }] },
);
export type NewCredential = Static<typeof NewCredential>;

export const CreatedCredential = Type.Object(
  {
    credential: CredentialView,
    /** In this answer and never again; null for what is no PIN. */
    pin: nullable(Type.String()),
  },
  strict,
);
export type CreatedCredential = Static<typeof CreatedCredential>;

const Instant = Type.String({ format: 'date-time' });

export const NewPermit = Type.Object(
  {
    accessPoints: Type.Array(Slug, { minItems: 1, maxItems: 64 }),
    schedule: Type.Optional(Uuid),
    credential: Type.Optional(Uuid),
    /** From now on where it is left out. */
    from: Type.Optional(Instant),
    until: Type.Optional(Instant),
    uses: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  },
  strict,
);
export type NewPermit = Static<typeof NewPermit>;
