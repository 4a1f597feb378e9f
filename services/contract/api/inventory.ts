import { type Static, Type } from 'typebox';
import { DeviceStateMessage } from '../device-state.ts';
import { RETENTION_CLASSES } from '../events.ts';
import { Code, Slug, Timestamp, Uuid } from '../identifiers.ts';
import { LocalText } from './alarm.ts';
import { nullable } from './nullable.ts';

const strict = { additionalProperties: false };

/** A stored event as the API shows it. */
export const EventView = Type.Object(
  {
    id: Uuid,
    type: Type.String(),
    /** False for a type that this version of the hub does not know: kept as it came, judged by no rule. */
    known: Type.Boolean(),
    retention: Type.Enum(RETENTION_CLASSES),
    estate: Slug,
    agent: Slug,
    device: nullable(Slug),
    place: nullable(Slug),
    occurredAt: Timestamp,
    receivedAt: Timestamp,
    epoch: Uuid,
    sequence: Type.Integer(),
    correlation: nullable(Uuid),
    data: Type.Unknown(),
  },
  strict,
);
export type EventView = Static<typeof EventView>;

export const DeviceView = Type.Object(
  {
    id: Slug,
    kind: Type.Enum(['camera', 'gate']),
    name: LocalText,
    estate: Slug,
    agent: Slug,
    place: nullable(Slug),
    /** The latest state the edge told; null before the first. */
    state: nullable(DeviceStateMessage),
    reportedAt: nullable(Timestamp),
  },
  strict,
);
export type DeviceView = Static<typeof DeviceView>;

export const AgentView = Type.Object(
  {
    id: Slug,
    estate: Slug,
    state: Type.Enum(['online', 'offline', 'unknown']),
    version: nullable(Type.String()),
    bootId: nullable(Uuid),
    clockOffsetMs: nullable(Type.Integer()),
    waiting: nullable(Type.Integer()),
    quarantined: nullable(Type.Integer()),
    seenAt: nullable(Timestamp),
    /** Messages of this agent in the dead-letter table. */
    deadLetters: Type.Integer({ minimum: 0 }),
    lastDeadLetter: nullable(Code),
    /** Which keys of the hub it believes; null while it has not told. */
    hubKeys: nullable(Type.Array(Type.String())),
    /**
     * `good`: just those that the hub signs with, now and next. `behind`: not yet, or still one too many; it is being told.
     * `lost`: not the one that the hub signs with, so that nothing reaches it until it enrols again.
     */
    hubKeyState: Type.Enum(['good', 'behind', 'lost', 'unknown']),
  },
  strict,
);
export type AgentView = Static<typeof AgentView>;

export const PlaceKind = Type.Enum(['entrance', 'parking', 'gathering', 'perimeter', 'indoor']);
export type PlaceKind = Static<typeof PlaceKind>;

export const PlaceView = Type.Object(
  {
    id: Slug,
    kind: PlaceKind,
    name: LocalText,
    estate: Slug,
    estateName: LocalText,
    community: Slug,
    communityName: LocalText,
    grid: nullable(Slug),
    gridName: nullable(LocalText),
    /** Whether people should come and go here at this moment; null where no hours are set. */
    open: nullable(Type.Boolean()),
  },
  strict,
);
export type PlaceView = Static<typeof PlaceView>;
