import { DeviceStateMessage } from '@dipper/contract/device-state';
import { EVENTS } from '@dipper/contract/events';
import { Slug } from '@dipper/contract/identifiers';
import { type Static, type TSchema, Type } from 'typebox';
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
  },
  strict,
);
export type FollowGates = Static<typeof FollowGates>;

function gateEvent<const T extends string, D extends TSchema>(type: T, data: D) {
  return Type.Object(
    { type: Type.Literal(type), device: Slug, place: Type.Optional(Slug), occurredAtMs: AtMs, data },
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
      ]),
    },
    strict,
  ),
  Type.Object({ kind: Type.Literal('state'), state: DeviceStateMessage }, strict),
]);
export type GateReport = Static<typeof GateReport>;

/** From the gate process: reports, and a sign of life every ALIVE_INTERVAL_MS. */
export const GateProcessMessage = Type.Union([
  Type.Object({ type: Type.Literal('report'), report: GateReport }, strict),
  Type.Object({ type: Type.Literal('alive') }, strict),
]);
export type GateProcessMessage = Static<typeof GateProcessMessage>;

export const ALIVE_INTERVAL_MS = 1_000;
