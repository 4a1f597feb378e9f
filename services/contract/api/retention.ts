import { type Static, Type } from 'typebox';
import { RETENTION_CLASSES } from '../events.ts';
import { Slug, Timestamp, Uuid } from '../identifiers.ts';
import { LocalText } from './alarm.ts';
import { nullable } from './nullable.ts';

const strict = { additionalProperties: false };

/** Kept in chunks of a day: compressed when they are old, dropped whole. */
export const CHUNKED_CLASSES = [...RETENTION_CLASSES, 'device-sample'] as const;

/** Every class of data that has a clock of its own. */
export const DATA_CLASSES = [
  ...CHUNKED_CLASSES,
  'audit',
  'dead-letter',
  'rule-failure',
  'rule-fact',
  'resend',
  'device-command',
  'recording-export',
  'face-consent',
  'impact-assessment',
  'access-holder',
  'alarm',
  'case-picture',
  'case-text',
  'case',
] as const;
export const DataClassName = Type.Enum(DATA_CLASSES);
export type DataClassName = Static<typeof DataClassName>;

/** How long one class of data is kept, and how that goes. */
export const RetentionView = Type.Object(
  {
    class: DataClassName,
    keepDays: Type.Integer({ minimum: 1 }),
    /** Null where nothing is compressed. */
    compressAfterDays: nullable(Type.Integer({ minimum: 1 })),
    reason: LocalText,
    /** Time of the oldest row; null when there is none. */
    oldestAt: nullable(Timestamp),
    /** On disk, indexes included, as the last run found it. */
    bytes: nullable(Type.Integer({ minimum: 0 })),
    lastRunAt: nullable(Timestamp),
    nextRunAt: nullable(Timestamp),
    /** Why the last run ended early; null when it ended well. */
    lastError: nullable(Type.String()),
  },
  strict,
);
export type RetentionView = Static<typeof RetentionView>;

export const RetentionList = Type.Object({ items: Type.Array(RetentionView) }, strict);

/** Proof that rows are gone. */
export const DeletionView = Type.Object(
  {
    id: Uuid,
    class: DataClassName,
    /**
     * The table they were in; `event_count_…` are counts that went with the events they were made of, `case_words` what people
     * wrote in cases, by the ids of the cases.
     */
    subject: Type.String(),
    reason: LocalText,
    /** How long the class was kept by the configuration of then. */
    keepDays: Type.Integer({ minimum: 1 }),
    /** Times of the oldest and the newest deleted row. */
    from: Timestamp,
    until: Timestamp,
    rows: Type.Integer({ minimum: 1 }),
    /** Over the ids of the deleted rows, ascending; README says how to compute it from a backup. */
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    at: Timestamp,
  },
  strict,
);
export type DeletionView = Static<typeof DeletionView>;

/** How many events there were in one estate in one hour. Hours without any are left out. */
export const EventCount = Type.Object(
  {
    estate: Slug,
    /** Beginning of the hour, UTC. */
    hour: Timestamp,
    events: Type.Integer({ minimum: 1 }),
  },
  strict,
);
export type EventCount = Static<typeof EventCount>;

export const EventCounts = Type.Object(
  {
    /** Beginning of the first hour. */
    from: Timestamp,
    /** End of the last hour, which may still be running. */
    until: Timestamp,
    /** By estate, then by hour. */
    items: Type.Array(EventCount),
  },
  strict,
);
export type EventCounts = Static<typeof EventCounts>;
