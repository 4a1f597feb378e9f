import { Type } from 'typebox';

/** An identifier given by people in configuration: estate, agent, device, place, grid. Fit for an MQTT topic level and a URL segment. */
export const SLUG_PATTERN = '^[a-z0-9][a-z0-9-]{0,62}$';
export const Slug = Type.String({ pattern: SLUG_PATTERN });

/** A random identifier made by a program. */
export const Uuid = Type.String({ format: 'uuid' });

/** A point in time, UTC, RFC 3339 with milliseconds, as `Date.prototype.toISOString` prints it. */
export const Timestamp = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' });

/** A stable machine-readable code such as `CAMERA_UNREACHABLE`. */
export const Code = Type.String({ pattern: '^[A-Z][A-Z0-9_]{2,63}$' });

/** A short text for people. No event carries a longer string: neither a picture nor a template fits in one. */
export const ShortText = Type.String({ maxLength: 512 });

/** A position in an agent's epoch: 1, 2, 3 … without gaps. CloudEvents integers have 32 bits. */
export const Sequence = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
