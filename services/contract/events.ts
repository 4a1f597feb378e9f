import { type Static, type TSchema, Type } from 'typebox';
import { AccessFactor } from './access-factor.ts';
import { DoorAction, GateHold, LockState } from './door-action.ts';
import { Code, Sequence, ShortText, Slug, Timestamp, Uuid } from './identifiers.ts';

const strict = { additionalProperties: false };

/** A box as fractions of the picture it lies in: 0 is left or top, 1 is right or bottom. */
export const Box = Type.Object(
  {
    x: Type.Number({ minimum: 0, maximum: 1 }),
    y: Type.Number({ minimum: 0, maximum: 1 }),
    width: Type.Number({ minimum: 0, maximum: 1 }),
    height: Type.Number({ minimum: 0, maximum: 1 }),
  },
  strict,
);
export type Box = Static<typeof Box>;

/** Something that lasts is told twice: when it starts and when it ends. */
const Phase = Type.Enum(['started', 'ended']);

export const FaceQuality = Type.Object(
  {
    /** 0..1, the product that best shots are compared by. */
    score: Type.Number({ minimum: 0, maximum: 1 }),
    /** Variance of the Laplacian on the crop scaled to a fixed size. */
    sharpness: Type.Number({ minimum: 0 }),
    /** Shorter side of the face box in the picture the shot was cut from. */
    sizePx: Type.Number({ minimum: 0 }),
    yawDeg: Type.Number({ minimum: -180, maximum: 180 }),
    pitchDeg: Type.Number({ minimum: -180, maximum: 180 }),
    rollDeg: Type.Number({ minimum: -180, maximum: 180 }),
    bothEyes: Type.Boolean(),
  },
  strict,
);
export type FaceQuality = Static<typeof FaceQuality>;

/** Where a captured picture can be asked for. The picture itself stays on the edge. */
export const MediaReference = Type.Union([
  Type.Object({ ref: Uuid, mime: Type.Literal('image/jpeg'), expiresAt: Timestamp }, strict),
  Type.Object({ unavailable: Code }, strict),
]);
export type MediaReference = Static<typeof MediaReference>;

const FaceCaptured = Type.Object(
  {
    track: Uuid,
    firstSeenAt: Timestamp,
    /** When the frame of the shot was taken, local time of the edge. */
    capturedAt: Timestamp,
    /** The same instant by the camera's own clock. */
    senderAt: Timestamp,
    /** Which stream the shot was cut from: `sub` only where main could not give it. */
    source: Type.Enum(['main', 'sub']),
    frame: Type.Object({ widthPx: Type.Integer({ minimum: 1 }), heightPx: Type.Integer({ minimum: 1 }) }, strict),
    box: Box,
    quality: FaceQuality,
    media: MediaReference,
  },
  strict,
);

const CameraOnline = Type.Object({ outageMs: Type.Integer({ minimum: 0 }), cause: Type.Optional(Code) }, strict);
const CameraOffline = Type.Object({ cause: Code, since: Timestamp, message: Type.Optional(ShortText) }, strict);
/** The camera is there and something about it is not as it should be: a stream is missing, or its picture is not analysed. */
const CameraDegraded = Type.Object(
  { phase: Phase, cause: Type.Optional(Code), since: Timestamp, message: Type.Optional(ShortText) },
  strict,
);
const OnvifItems = Type.Record(Type.String({ maxLength: 64 }), ShortText, { maxProperties: 16 });
/** What a device itself told, where an event rests on its word: an ONVIF topic and its simple items, as it wrote them. */
const OnvifOrigin = Type.Object(
  { topic: Type.String({ maxLength: 256 }), source: OnvifItems, data: OnvifItems },
  strict,
);
/** The device never said that it was over; after so long without a word it is taken to be. */
const Expired = Type.Optional(Type.Literal(true));
const CameraTampered = Type.Object(
  {
    /** `reported`: the camera says so itself, and not which of the two it is. */
    kind: Type.Enum(['covered', 'moved', 'reported']),
    phase: Phase,
    since: Timestamp,
    onvif: Type.Optional(OnvifOrigin),
    expired: Expired,
  },
  strict,
);
const CameraFrozen = Type.Object({ phase: Phase, since: Timestamp }, strict);

export const GatePosition = Type.Enum(['open', 'closed', 'moving', 'unknown']);
export const RelayState = Type.Enum(['active', 'inactive', 'unknown']);
export const ContactState = Type.Enum(['open', 'closed', 'unknown']);

/** `lock` and `hold` are told where the gate has a sensor on its lock, and where it can be held in a state. */
export const gateSight = {
  position: GatePosition,
  relay: RelayState,
  contact: ContactState,
  lock: Type.Optional(LockState),
  hold: Type.Optional(GateHold),
};
const GateState = Type.Object(gateSight, strict);
const GateForced = Type.Object({ phase: Phase, since: Timestamp, relay: RelayState, contact: ContactState }, strict);
const GateHeldOpen = Type.Object({ phase: Phase, since: Timestamp }, strict);
const GateTailgated = Type.Object({ vehicles: Type.Integer({ minimum: 2 }), grant: Uuid }, strict);
/** The gate was told, was perhaps answered "ok", and was not seen to do it in time. */
const GateCommandUnconfirmed = Type.Object(
  {
    action: DoorAction,
    waitedMs: Type.Integer({ minimum: 0 }),
    position: GatePosition,
    lock: Type.Optional(LockState),
  },
  strict,
);
/** The fire input of a gate. What it releases it releases by its own wires; this only tells. */
const FireAlarm = Type.Object({ phase: Phase, since: Timestamp }, strict);

const Motion = Type.Object(
  {
    /** Share of the picture that moved; a camera that tells of motion itself says no share. */
    score: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    onvif: Type.Optional(OnvifOrigin),
    expired: Expired,
  },
  strict,
);
/** Something crossed a line that was drawn in the camera. `object` is the camera's own number for it. */
const LineCrossed = Type.Object(
  { rule: Type.Optional(ShortText), object: Type.Optional(ShortText), onvif: OnvifOrigin },
  strict,
);
/** The camera's own counter, as it stands. */
const ObjectCounted = Type.Object(
  { rule: Type.Optional(ShortText), count: Type.Integer({ minimum: 0 }), onvif: OnvifOrigin },
  strict,
);
const ConnectorChanged = Type.Object({ connector: ShortText, active: Type.Boolean(), onvif: OnvifOrigin }, strict);
const PersonCounted = Type.Object(
  { count: Type.Integer({ minimum: 0 }), periodSec: Type.Integer({ minimum: 1 }) },
  strict,
);
const VehicleSeen = Type.Object({ track: Uuid, box: Box, score: Type.Number({ minimum: 0, maximum: 1 }) }, strict);
/** One vehicle that drove up or off. A second one with the same `track` corrects the first. */
const PlateRead = Type.Object(
  {
    track: Uuid,
    plate: Type.String({ minLength: 5, maxLength: 12 }),
    /** Frames that agree on it. */
    votes: Type.Integer({ minimum: 1 }),
    confidence: Type.Number({ minimum: 0, maximum: 1 }),
    /** As the camera sees it; `unknown` for a vehicle that crossed its picture. */
    direction: Type.Optional(Type.Enum(['approaching', 'leaving', 'unknown'])),
    colour: Type.Optional(Type.Enum(['blue', 'green', 'yellow', 'unknown'])),
    /** Where the plate was when this was known. */
    box: Type.Optional(Box),
    firstSeenAt: Type.Optional(Timestamp),
  },
  strict,
);

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

/** How an enrolment at the gate's own camera goes on. Neither a picture nor a template is in it, nor anything made of one. */
const FaceEnrolment = Type.Object(
  {
    enrolment: Uuid,
    holder: Uuid,
    consent: Uuid,
    accessPoint: Slug,
    state: Type.Enum(['watching', 'seen', 'done', 'failed']),
    /** Frames that were good enough so far. */
    goodFrames: Type.Integer({ minimum: 0, maximum: 64 }),
    /** Why it failed, or what is in the way at the moment. */
    code: Type.Optional(Code),
  },
  strict,
);
/** Why a face template went. */
export const ErasureReason = Type.Enum([
  'withdrawn',
  'not-in-policy',
  'consent-expired',
  'policy-expired',
  'model-changed',
  'unreadable',
]);
export type ErasureReason = Static<typeof ErasureReason>;
/** The receipt of a deletion: this edge has no template of that person any more. */
const FaceTemplateErased = Type.Object(
  {
    holder: Uuid,
    consent: Uuid,
    reason: ErasureReason,
    at: Timestamp,
    /** `erasureSignature` under the agent's credential key: a broker that was taken over writes no receipts. */
    signature: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  },
  strict,
);

const DoorState = Type.Object(
  { position: GatePosition, locked: Type.Optional(Type.Boolean()), onvif: Type.Optional(OnvifOrigin) },
  strict,
);
const OnvifEvent = Type.Object(
  {
    /** Topic path with the prefixes of the standard, e.g. `tns1:Device/Trigger/Relay`. */
    topic: Type.String({ maxLength: 256 }),
    operation: Type.Enum(['Initialized', 'Changed', 'Deleted']),
    source: OnvifItems,
    data: OnvifItems,
  },
  strict,
);
const StorageLow = Type.Object(
  {
    freeBytes: Type.Integer({ minimum: 0 }),
    budgetBytes: Type.Integer({ minimum: 0 }),
    phase: Phase,
    volume: Type.Optional(Type.Enum(['recordings', 'pictures', 'outbox'])),
    /** Why nothing can be written, e.g. DISK_READ_ONLY; absent when there is merely less room than there should be. */
    cause: Type.Optional(Code),
  },
  strict,
);
const ClockStepped = Type.Object({ stepMs: Type.Integer(), clock: Type.Enum(['edge', 'camera']) }, strict);
const AgentStarted = Type.Object({ bootId: Uuid, version: ShortText }, strict);
const SomeDevices = Type.Array(Slug, { maxItems: 64 });
/** A configuration that was offered while the agent ran: taken whole, or refused whole while the old one goes on. */
const AgentConfigured = Type.Object(
  {
    outcome: Type.Enum(['applied', 'refused']),
    cameras: Type.Optional(Type.Object({ added: SomeDevices, changed: SomeDevices, removed: SomeDevices }, strict)),
    cause: Type.Optional(Code),
    message: Type.Optional(ShortText),
  },
  strict,
);
/** Stands for events that were given up when the outbox had spent its budget. */
const OutboxTombstone = Type.Object(
  { type: Type.String({ maxLength: 64 }), firstAt: Timestamp, lastAt: Timestamp, count: Type.Integer({ minimum: 1 }) },
  strict,
);

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

/** Every event type there is: the schema of its data and the class it is kept in. */
export const EVENTS = {
  'face.captured': { data: FaceCaptured, retention: 'face' },
  'face.enrolment': { data: FaceEnrolment, retention: 'passage' },
  'face.template-erased': { data: FaceTemplateErased, retention: 'passage' },
  'camera.online': { data: CameraOnline, retention: 'device' },
  'camera.offline': { data: CameraOffline, retention: 'device' },
  'camera.degraded': { data: CameraDegraded, retention: 'device' },
  'camera.tampered': { data: CameraTampered, retention: 'device' },
  'camera.frozen': { data: CameraFrozen, retention: 'device' },
  'motion.started': { data: Motion, retention: 'scene' },
  'motion.ended': { data: Motion, retention: 'scene' },
  'line.crossed': { data: LineCrossed, retention: 'scene' },
  'object.counted': { data: ObjectCounted, retention: 'scene' },
  'person.counted': { data: PersonCounted, retention: 'scene' },
  'vehicle.seen': { data: VehicleSeen, retention: 'scene' },
  'plate.read': { data: PlateRead, retention: 'passage' },
  'access.requested': { data: AccessRequested, retention: 'passage' },
  'access.granted': { data: AccessDecided, retention: 'passage' },
  'access.denied': { data: AccessDecided, retention: 'passage' },
  'access.duress': { data: AccessDuress, retention: 'passage' },
  'access.taken': { data: AccessPassage, retention: 'passage' },
  'access.not-taken': { data: AccessPassage, retention: 'passage' },
  'door.state': { data: DoorState, retention: 'device' },
  'input.changed': { data: ConnectorChanged, retention: 'device' },
  'relay.changed': { data: ConnectorChanged, retention: 'device' },
  'gate.state': { data: GateState, retention: 'device' },
  'gate.forced': { data: GateForced, retention: 'device' },
  'gate.held-open': { data: GateHeldOpen, retention: 'device' },
  'gate.tailgated': { data: GateTailgated, retention: 'passage' },
  'gate.command-unconfirmed': { data: GateCommandUnconfirmed, retention: 'device' },
  'fire.alarm': { data: FireAlarm, retention: 'device' },
  'onvif.event': { data: OnvifEvent, retention: 'device' },
  'storage.low': { data: StorageLow, retention: 'device' },
  'clock.stepped': { data: ClockStepped, retention: 'device' },
  'agent.started': { data: AgentStarted, retention: 'device' },
  'agent.configured': { data: AgentConfigured, retention: 'device' },
  'outbox.tombstone': { data: OutboxTombstone, retention: 'device' },
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
