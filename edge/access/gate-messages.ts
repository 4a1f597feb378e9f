import { DeviceStateMessage } from '@dipper/contract/device-state';
import { DoorAction, GateHold, LockState } from '@dipper/contract/door-action';
import { EVENTS } from '@dipper/contract/events';
import { GatePosition } from '@dipper/contract/events/gate';
import { ShortText, Slug, Uuid } from '@dipper/contract/identifiers';
import { type Static, type TSchema, Type } from 'typebox';
import { Forgiven, PolicyNote } from './access-messages.ts';
import { DOOR_REFUSALS } from './driver.ts';
import { GateConfig } from './gate-config.ts';

const strict = { additionalProperties: false };
const AtMs = Type.Integer({ minimum: 0 });

/** To the gate process, once: what to follow. Passwords come this way, not by a command line or an environment. */
export const FollowGates = Type.Object(
  {
    type: Type.Literal('follow'),
    gates: Type.Array(GateConfig, { maxItems: 64 }),
    /**
     * Since when which gates stand forced open, as far as the agent knows: `unknown` for one that no gate process of this
     * agent has told forced or closed, since the hub may still hold it for forced from before. None for the others.
     */
    forcedSinceMs: Type.Record(Slug, Type.Union([AtMs, Type.Literal('unknown')])),
    /** The same of gates that stand held open. */
    heldOpenSinceMs: Type.Optional(Type.Record(Slug, Type.Union([AtMs, Type.Literal('unknown')]))),
    /**
     * What gates with a relay are kept as, from before this process: nothing for those that are not named, `unknown` where
     * it was written down and cannot be read.
     */
    holds: Type.Optional(Type.Record(Slug, GateHold)),
  },
  strict,
);
export type FollowGates = Static<typeof FollowGates>;

/** How long a command may take at most; a hub's command is not valid for longer either. */
export const MAX_COMMAND_DEADLINE_MS = 30_000;

/** To the gate process: one command, by the agent that verified it. Answered by one `outcome` with the same id. */
export const GateCommand = Type.Object(
  {
    type: Type.Literal('command'),
    /** Correlates what follows: request, events, passage. */
    id: Uuid,
    device: Slug,
    action: DoorAction,
    /** From the arrival of this message until the gate is seen to have done it. */
    deadlineMs: Type.Integer({ minimum: 1, maximum: MAX_COMMAND_DEADLINE_MS }),
  },
  strict,
);
export type GateCommand = Static<typeof GateCommand>;

/** From the gate process: what became of a command, judged by what the gate was seen to do. */
export const GateOutcome = Type.Object(
  {
    type: Type.Literal('outcome'),
    id: Uuid,
    ok: Type.Boolean(),
    /** Why not; absent when ok. */
    code: Type.Optional(Type.Enum(DOOR_REFUSALS)),
    message: Type.Optional(ShortText),
    position: GatePosition,
    lock: Type.Optional(LockState),
    hold: Type.Optional(GateHold),
  },
  strict,
);
export type GateOutcome = Static<typeof GateOutcome>;

function gateEvent<const T extends string, D extends TSchema>(type: T, data: D) {
  return Type.Object(
    {
      type: Type.Literal(type),
      device: Slug,
      place: Type.Optional(Slug),
      occurredAtMs: AtMs,
      correlation: Type.Optional(Uuid),
      data,
    },
    strict,
  );
}

/** Of a request, whose access point a policy may not know. */
function accessEvent<const T extends string, D extends TSchema>(type: T, data: D) {
  return Type.Object(
    {
      type: Type.Literal(type),
      device: Type.Optional(Slug),
      place: Type.Optional(Slug),
      occurredAtMs: AtMs,
      correlation: Uuid,
      data,
    },
    strict,
  );
}

/** What the gate loop reports: events as drafts for the outbox, and the state of a gate's controller. */
export const GateReport = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('event'),
      event: Type.Union([
        gateEvent('gate.state', EVENTS['gate.state'].data),
        gateEvent('gate.forced', EVENTS['gate.forced'].data),
        gateEvent('gate.held-open', EVENTS['gate.held-open'].data),
        gateEvent('gate.tailgated', EVENTS['gate.tailgated'].data),
        gateEvent('gate.command-unconfirmed', EVENTS['gate.command-unconfirmed'].data),
        gateEvent('fire.alarm', EVENTS['fire.alarm'].data),
        gateEvent('input.changed', EVENTS['input.changed'].data),
        gateEvent('onvif.event', EVENTS['onvif.event'].data),
        accessEvent('access.requested', EVENTS['access.requested'].data),
        accessEvent('access.granted', EVENTS['access.granted'].data),
        accessEvent('access.denied', EVENTS['access.denied'].data),
        accessEvent('access.duress', EVENTS['access.duress'].data),
        accessEvent('access.taken', EVENTS['access.taken'].data),
        accessEvent('access.not-taken', EVENTS['access.not-taken'].data),
      ]),
    },
    strict,
  ),
  Type.Object({ kind: Type.Literal('state'), state: DeviceStateMessage }, strict),
]);
export type GateReport = Static<typeof GateReport>;

/** From the gate process: reports, outcomes of commands, and a sign of life every ALIVE_INTERVAL_MS. */
export const GateProcessMessage = Type.Union([
  Type.Object({ type: Type.Literal('report'), report: GateReport }, strict),
  Type.Object({ type: Type.Literal('alive') }, strict),
  GateOutcome,
  PolicyNote,
  Forgiven,
]);
export type GateProcessMessage = Static<typeof GateProcessMessage>;

export const ALIVE_INTERVAL_MS = 1_000;
