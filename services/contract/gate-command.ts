import { type Static, Type } from 'typebox';
import { GateHold, LockState } from './door-action.ts';
import { GatePosition } from './events/gate.ts';

/** How a gate was seen after a command: by its sensors, and what it has been told to stay as. */
export const DoorSight = Type.Object(
  {
    position: GatePosition,
    /** Absent where nothing tells of a lock. */
    lock: Type.Optional(LockState),
    /** Absent where a gate cannot be held in a state. */
    hold: Type.Optional(GateHold),
  },
  { additionalProperties: false },
);
export type DoorSight = Static<typeof DoorSight>;
