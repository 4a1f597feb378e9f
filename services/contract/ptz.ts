import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false };
const Speed = Type.Number({ minimum: -1, maximum: 1 });

/**
 * How fast a camera turns, as shares of what it can: positive is right, up and closer (ONVIF PTZ Service §5.3.3, generic
 * velocity spaces). At least one of the three is not zero; to stop there is a command of its own.
 */
export const PtzVelocity = Type.Object({ pan: Speed, tilt: Speed, zoom: Speed }, strict);
export type PtzVelocity = Static<typeof PtzVelocity>;

/**
 * A movement ends after so long unless the command comes again: whoever holds the key may be gone, and so may the line, the
 * hub or the page. The camera is told this time as well, for the case that the edge itself goes.
 */
export const PTZ_HOLD_MS = 2_000;
/** How often a movement is renewed while a key is held: twice within the time, with the line's delay to spare. */
export const PTZ_RENEW_MS = 800;

/** ONVIF's ReferenceToken: at most 64 characters. */
export const PresetToken = Type.String({ minLength: 1, maxLength: 64 });
export const PresetName = Type.String({ minLength: 1, maxLength: 64, pattern: '\\S' });

/** A position that the camera remembers. */
export const PtzPreset = Type.Object({ token: PresetToken, name: Type.String({ maxLength: 64 }) }, strict);
export type PtzPreset = Static<typeof PtzPreset>;

export const MAX_PRESETS = 256;
