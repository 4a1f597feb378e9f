import { type Static, type TSchema, Type } from 'typebox';
import { ACCESS_EVENTS } from './events/access.ts';
import { AGENT_EVENTS } from './events/agent.ts';
import { CAMERA_EVENTS } from './events/camera.ts';
import { FACE_EVENTS } from './events/face.ts';
import { GATE_EVENTS } from './events/gate.ts';
import { ONVIF_EVENTS } from './events/onvif.ts';
import { SCENE_EVENTS } from './events/scene.ts';
import { VEHICLE_EVENTS } from './events/vehicle.ts';
import { Sequence, Slug, Timestamp, Uuid } from './identifiers.ts';

const strict = { additionalProperties: false };

/**
 * How long an event is kept follows from what it says about people, so each class has a hypertable of its own:
 * `face` where somebody's picture was taken, `passage` where somebody went in or out, `device` for the state of
 * machines, `scene` for movement and counts that name nobody.
 */
export const RETENTION_CLASSES = ['face', 'passage', 'device', 'scene'] as const;
export type RetentionClass = (typeof RETENTION_CLASSES)[number];

interface EventDefinition {
  readonly data: TSchema;
  readonly retention: RetentionClass;
}

/** Every event type there is: the schema of its data and the class it is kept in. Each stands in the file of its noun. */
export const EVENTS = {
  ...FACE_EVENTS,
  ...CAMERA_EVENTS,
  ...SCENE_EVENTS,
  ...VEHICLE_EVENTS,
  ...ACCESS_EVENTS,
  ...GATE_EVENTS,
  ...ONVIF_EVENTS,
  ...AGENT_EVENTS,
} as const satisfies Record<string, EventDefinition>;

export type EventType = keyof typeof EVENTS;
export type EventData<T extends EventType> = Static<(typeof EVENTS)[T]['data']>;

export const EVENT_TYPES = Object.keys(EVENTS) as EventType[];

/** Whether a string names one of our event types. */
export function isEventType(value: string): value is EventType {
  return Object.hasOwn(EVENTS, value);
}

/** What a part of the edge says happened; the link gives it its identity, its sequence and its envelope. */
export type EventDraft = {
  [T in EventType]: {
    readonly type: T;
    /** Absent for what concerns the agent itself. */
    readonly device?: string;
    readonly place?: string;
    /** When it happened, by the edge's clock, milliseconds since 1970. */
    readonly occurredAtMs: number;
    readonly correlation?: string;
    readonly data: EventData<T>;
  };
}[EventType];

/** CloudEvents 1.0 §3.1: `source` is a URI reference; ours names the estate and the agent. */
export function eventSource(estate: string, agent: string): string {
  return `/${estate}/${agent}`;
}

/**
 * CloudEvents 1.0 in structured mode, with our extension attributes (lower case letters and digits only, §3.1):
 * `epoch` and `sequence` give the order, `rawtime` is the edge's clock before correction.
 */
export function envelopeOf<const T extends string, D extends TSchema>(type: T, data: D) {
  return Type.Object(
    {
      specversion: Type.Literal('1.0'),
      id: Uuid,
      source: Type.String({ maxLength: 160 }),
      type: Type.Literal(type),
      subject: Type.Optional(Slug),
      time: Timestamp,
      datacontenttype: Type.Literal('application/json'),
      epoch: Uuid,
      sequence: Sequence,
      rawtime: Type.Optional(Timestamp),
      place: Type.Optional(Slug),
      correlationid: Type.Optional(Uuid),
      data,
    },
    strict,
  );
}

type Envelope<T extends EventType> = Static<ReturnType<typeof envelopeOf<T, (typeof EVENTS)[T]['data']>>>;

/** One event as it travels. */
export type DipperEvent = { [T in EventType]: Envelope<T> }[EventType];
export type DipperEventOf<T extends EventType> = Envelope<T>;
