import { Type } from 'typebox';
import { DoorAction, GateHold, LockState } from '../door-action.ts';
import { ShortText, Timestamp, Uuid } from '../identifiers.ts';
import { OnvifOrigin } from './onvif.ts';
import { Phase } from './phase.ts';

const strict = { additionalProperties: false };

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

const DoorState = Type.Object(
  { position: GatePosition, locked: Type.Optional(Type.Boolean()), onvif: Type.Optional(OnvifOrigin) },
  strict,
);
const ConnectorChanged = Type.Object({ connector: ShortText, active: Type.Boolean(), onvif: OnvifOrigin }, strict);

/** How gates, their doors and their connectors are, and what they were seen to do. */
export const GATE_EVENTS = {
  'door.state': { data: DoorState, retention: 'device' },
  'input.changed': { data: ConnectorChanged, retention: 'device' },
  'relay.changed': { data: ConnectorChanged, retention: 'device' },
  'gate.state': { data: GateState, retention: 'device' },
  'gate.forced': { data: GateForced, retention: 'device' },
  'gate.held-open': { data: GateHeldOpen, retention: 'device' },
  'gate.tailgated': { data: GateTailgated, retention: 'passage' },
  'gate.command-unconfirmed': { data: GateCommandUnconfirmed, retention: 'device' },
  'fire.alarm': { data: FireAlarm, retention: 'device' },
} as const;
