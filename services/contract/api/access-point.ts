import { type Static, Type } from 'typebox';
import { Slug, Timestamp } from '../identifiers.ts';
import { PolicyAccessPoint, PolicyArea } from '../policy-body.ts';
import { LocalText } from './alarm.ts';
import { nullable } from './nullable.ts';

const strict = { additionalProperties: false };
const Version = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });

const {
  id: _id,
  device: _device,
  fromArea: _fromArea,
  toArea: _toArea,
  ...ruleProperties
} = PolicyAccessPoint.properties;

/** How one passes here; the same that the edge decides by. */
export const AccessRules = Type.Object(ruleProperties, {
  ...strict,
  examples: [{ factorRules: [{ anyOf: [['card'], ['plate']] }] }],
});
export type AccessRules = Static<typeof AccessRules>;

/** A way through a gate in one direction (出入口). */
export const AccessPointView = Type.Object(
  {
    id: Slug,
    estate: Slug,
    place: Slug,
    /** The gate. */
    device: Slug,
    /** The edge that decides. */
    agent: Slug,
    name: LocalText,
    /** Null: outside. */
    fromArea: nullable(Slug),
    toArea: nullable(Slug),
    rules: AccessRules,
    /** One that is not is in no policy: nobody passes by it. */
    active: Type.Boolean(),
    version: Version,
    changedAt: Timestamp,
    changedBy: Type.String(),
  },
  strict,
);
export type AccessPointView = Static<typeof AccessPointView>;

export const NewAccessPoint = Type.Object(
  {
    id: Slug,
    place: Slug,
    device: Slug,
    name: LocalText,
    fromArea: Type.Optional(Slug),
    toArea: Type.Optional(Slug),
    rules: AccessRules,
  },
  strict,
);
export type NewAccessPoint = Static<typeof NewAccessPoint>;

export const AccessPointChange = Type.Object(
  {
    /** The version that was looked at. */
    version: Version,
    name: Type.Optional(LocalText),
    fromArea: Type.Optional(nullable(Slug)),
    toArea: Type.Optional(nullable(Slug)),
    rules: Type.Optional(AccessRules),
    active: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type AccessPointChange = Static<typeof AccessPointChange>;

const areaProperties = {
  name: LocalText,
  occupancyLimit: nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  resetAtMinute: nullable(PolicyArea.properties.resetAtMinute),
};

/** What lies between access points: a garage, a yard, the estate as a whole. */
export const AccessAreaView = Type.Object(
  {
    ...{ id: Slug, estate: Slug, ...areaProperties },
    ...{ version: Version, changedAt: Timestamp, changedBy: Type.String() },
  },
  strict,
);
export type AccessAreaView = Static<typeof AccessAreaView>;

export const NewAccessArea = Type.Object(
  {
    ...{ id: Slug, estate: Slug, name: LocalText },
    occupancyLimit: Type.Optional(areaProperties.occupancyLimit),
    resetAtMinute: Type.Optional(areaProperties.resetAtMinute),
  },
  strict,
);
export type NewAccessArea = Static<typeof NewAccessArea>;

export const AccessAreaChange = Type.Object(
  {
    version: Version,
    name: Type.Optional(LocalText),
    occupancyLimit: Type.Optional(areaProperties.occupancyLimit),
    resetAtMinute: Type.Optional(areaProperties.resetAtMinute),
  },
  strict,
);
export type AccessAreaChange = Static<typeof AccessAreaChange>;
