import { type Static, Type } from 'typebox';

/**
 * What a gate can be told. `open`: one passage; `hold-open`: stays open until `release`; `lock`: closed, and nobody passes
 * until `release`; `block`: closed to all credentials until `release`, the exit stays as the device has it; `release`: back to
 * what the policy says; `close`: a barrier comes down, on fresh clearance alone.
 */
export const DOOR_ACTIONS = ['open', 'hold-open', 'close', 'lock', 'block', 'release'] as const;
export const DoorAction = Type.Enum(DOOR_ACTIONS);
export type DoorAction = Static<typeof DoorAction>;

/** What a sensor on the bolt says. */
export const LockState = Type.Enum(['locked', 'unlocked', 'unknown']);
export type LockState = Static<typeof LockState>;

/** What a gate has been told to stay as, until it is released; `normal` when nothing holds it. */
export const GateHold = Type.Enum(['normal', 'held-open', 'locked', 'blocked', 'unknown']);
export type GateHold = Static<typeof GateHold>;
