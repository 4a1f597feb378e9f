import { type Static, Type } from 'typebox';
import { GatePosition } from './events.ts';

/**
 * What a gate can be told. `open`: one passage; `hold-open`: stays open until `release`; `lock`: closed, and nobody passes
 * until `release`; `block`: closed to all credentials until `release`, the exit stays as the device has it; `release`: back to
 * what the policy says; `close`: a barrier comes down, on fresh clearance alone.
 */
export const DOOR_ACTIONS = ['open', 'hold-open', 'close', 'lock', 'block', 'release'] as const;
export const DoorAction = Type.Enum(DOOR_ACTIONS);
export type DoorAction = Static<typeof DoorAction>;

export const DoorLock = Type.Enum(['locked', 'unlocked', 'blocked', 'unknown']);
export type DoorLock = Static<typeof DoorLock>;

/** How a gate was seen after a command. */
export const DoorSight = Type.Object(
  { position: GatePosition, lock: Type.Optional(DoorLock) },
  { additionalProperties: false },
);
export type DoorSight = Static<typeof DoorSight>;
