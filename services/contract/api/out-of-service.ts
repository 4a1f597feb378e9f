import { type Static, Type } from 'typebox';
import { Slug, Timestamp, Uuid } from '../identifiers.ts';
import { LocalText } from './alarm.ts';
import { nullable } from './nullable.ts';
import { Reason } from './reason.ts';

const strict = { additionalProperties: false };

/** Takes a device or a rule out of service (ISA-18.2 clause 11): exactly one of the two. */
export const NewOutOfService = Type.Object(
  {
    device: Type.Optional(Slug),
    rule: Type.Optional(Slug),
    reason: Reason,
    /** Without it, until somebody ends it. */
    until: Type.Optional(Timestamp),
  },
  strict,
);
export type NewOutOfService = Static<typeof NewOutOfService>;

export const OutOfService = Type.Object(
  {
    id: Uuid,
    device: nullable(Slug),
    deviceName: nullable(LocalText),
    rule: nullable(Slug),
    estate: nullable(Slug),
    place: nullable(Slug),
    reason: Type.String(),
    startedAt: Timestamp,
    startedBy: Type.String(),
    startedByName: nullable(Type.String()),
    until: nullable(Timestamp),
    endedAt: nullable(Timestamp),
    /** Null while it lasts, and where its time was up. */
    endedBy: nullable(Type.String()),
    endNote: nullable(Type.String()),
    /** Alarms that are, or were, silenced by it; safety-critical ones never are. */
    silenced: Type.Integer({ minimum: 0 }),
  },
  strict,
);
export type OutOfService = Static<typeof OutOfService>;
