import { type Static, Type } from 'typebox';
import { DOOR_ACTIONS } from '../door-action.ts';
import { DoorSight } from '../gate-command.ts';
import { Code, Slug, Timestamp, Uuid } from '../identifiers.ts';
import { PresetName, PresetToken, PtzPreset, PtzVelocity } from '../ptz.ts';
import { nullable } from './nullable.ts';
import { Reason } from './reason.ts';

const strict = { additionalProperties: false };

export const DEVICE_ACTIONS = [
  ...DOOR_ACTIONS,
  'ptz.move',
  'ptz.stop',
  'ptz.preset-go',
  'ptz.preset-set',
  'ptz.preset-remove',
] as const;
export const DeviceAction = Type.Enum(DEVICE_ACTIONS);
export type DeviceAction = Static<typeof DeviceAction>;

const why = { reason: Type.Optional(Reason) };

/** What somebody wants a device to do. A gate wants to know why; a camera that is turned does not. */
export const NewDeviceCommand = Type.Union([
  Type.Object({ action: Type.Enum(DOOR_ACTIONS), reason: Reason }, strict),
  Type.Object(
    {
      action: Type.Literal('ptz.move'),
      velocity: PtzVelocity,
      /** Id of the movement that this goes on with, in the same direction: it is renewed, not begun. */
      continues: Type.Optional(Uuid),
      ...why,
    },
    strict,
  ),
  Type.Object({ action: Type.Literal('ptz.stop'), ...why }, strict),
  Type.Object({ action: Type.Literal('ptz.preset-go'), preset: PresetToken, ...why }, strict),
  Type.Object({ action: Type.Literal('ptz.preset-set'), label: PresetName, ...why }, strict),
  Type.Object({ action: Type.Literal('ptz.preset-remove'), preset: PresetToken, ...why }, strict),
]);
export type NewDeviceCommand = Static<typeof NewDeviceCommand>;

/** `unknown`: the hub was stopped, or lost its database, before the answer came. */
export const DeviceCommandOutcome = Type.Enum(['under-way', 'done', 'failed', 'unknown']);

/** One command as it was given, and what came of it. Its id is the correlation of the events that followed. */
export const DeviceCommand = Type.Object(
  {
    id: Uuid,
    device: Slug,
    action: DeviceAction,
    /** Of the preset commands: which one. */
    preset: nullable(Type.String()),
    reason: nullable(Type.String()),
    requestedBy: Type.String(),
    requestedAt: Timestamp,
    finishedAt: nullable(Timestamp),
    outcome: DeviceCommandOutcome,
    /** Why it failed. */
    code: nullable(Code),
    /** How the gate was seen afterwards; null where it was not, and for cameras. */
    door: nullable(DoorSight),
  },
  strict,
);
export type DeviceCommand = Static<typeof DeviceCommand>;

export const PtzPresets = Type.Object({ presets: Type.Array(PtzPreset) }, strict);
export type PtzPresets = Static<typeof PtzPresets>;
