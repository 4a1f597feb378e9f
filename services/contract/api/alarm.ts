import { type Static, Type } from 'typebox';
import { MediaReference } from '../events/face.ts';
import { Slug, Timestamp, Uuid } from '../identifiers.ts';
import { nullable } from './nullable.ts';

const strict = { additionalProperties: false };

/** ISA-18.2 §5.1: how soon somebody has to act. */
export const PRIORITIES = ['critical', 'high', 'medium', 'low'] as const;
export const Priority = Type.Enum(PRIORITIES);
export type Priority = Static<typeof Priority>;

/** A text that the page shows in the reader's language. */
export const LocalText = Type.Object(
  { zh: Type.String({ maxLength: 512 }), en: Type.String({ maxLength: 512 }) },
  strict,
);
export type LocalText = Static<typeof LocalText>;

/** An event that needs a response (ISA-18.2): active or cleared, acknowledged or not. */
export const Alarm = Type.Object(
  {
    id: Uuid,
    rule: Slug,
    priority: Priority,
    /** Never shelved, never out of service, never suppressed. */
    safetyCritical: Type.Boolean(),
    title: LocalText,
    active: Type.Boolean(),
    acknowledged: Type.Boolean(),
    /** Raised from an event that was over an hour old when it came: no sound. */
    late: Type.Boolean(),
    /** How many events have been folded into it. */
    occurrences: Type.Integer({ minimum: 1 }),
    /** Alarms of its devices that this one has silenced, so that what is not shown is at least counted. */
    suppressed: Type.Integer({ minimum: 0 }),
    /** The active alarm that silences this one; lists leave it out until that one clears. */
    suppressedBy: nullable(Uuid),
    /** The shelf that silences it, or under which it came and went. */
    shelf: nullable(Uuid),
    /** Until when it is shelved; null where it is not, or not any more. */
    shelvedUntil: nullable(Timestamp),
    /** What keeps its device or its rule out of service, or did when it came and went. */
    outOfService: nullable(Uuid),
    /** Raised as one of several of its kind within a short time. */
    chattering: Type.Boolean(),
    /** Active for so long that it tells nobody anything any more. */
    stale: Type.Boolean(),
    estate: Slug,
    agent: Slug,
    device: nullable(Slug),
    place: nullable(Slug),
    incident: nullable(Uuid),
    raisedAt: Timestamp,
    lastOccurredAt: Timestamp,
    clearedAt: nullable(Timestamp),
    acknowledgedAt: nullable(Timestamp),
    acknowledgedBy: nullable(Type.String()),
    /** Display name of the account; null where there is none of that name. */
    acknowledgedByName: nullable(Type.String()),
    /** Picture of the event that raised it, for those who may ask for it. */
    media: nullable(MediaReference),
  },
  strict,
);
export type Alarm = Static<typeof Alarm>;

export const Acknowledgement = Type.Object({ note: Type.Optional(Type.String({ maxLength: 512 })) }, strict);
export type Acknowledgement = Static<typeof Acknowledgement>;

/** Alarms of one place and time: one line on the guard's desk. */
export const Incident = Type.Object(
  {
    id: Uuid,
    title: LocalText,
    priority: Priority,
    open: Type.Boolean(),
    estate: Slug,
    place: nullable(Slug),
    /** None once it has been joined into another. */
    alarms: Type.Integer({ minimum: 0 }),
    case: nullable(Uuid),
    /** The incident that somebody has joined it into; lists leave it out from then on. */
    joinedInto: nullable(Uuid),
    startedAt: Timestamp,
    lastAt: Timestamp,
  },
  strict,
);
export type Incident = Static<typeof Incident>;
