import { Type } from 'typebox';
import { Timestamp, Uuid } from '../identifiers.ts';
import { Box } from './box.ts';

const strict = { additionalProperties: false };

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

/** Vehicles, and the plates that were read of them. */
export const VEHICLE_EVENTS = {
  'vehicle.seen': { data: VehicleSeen, retention: 'scene' },
  'plate.read': { data: PlateRead, retention: 'passage' },
} as const;
