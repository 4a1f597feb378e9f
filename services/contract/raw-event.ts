import { type Static, Type } from 'typebox';
import { DipperError } from './errors.ts';
import { MAX_EVENT_BYTES } from './event-validation.ts';
import { EVENTS, envelopeOf, eventSource, type RetentionClass } from './events.ts';
import { createValidator } from './validation.ts';

/** As `ShortText`: neither a picture nor a template fits into a string of this length. */
const MAX_STRING_LENGTH = 512;
/** A template of a face is a hundred numbers at least; what a device measures is a few. */
const MAX_NUMBERS = 64;
/** Nouns and verbs as ours are, e.g. `lift.stuck`. */
const TYPE = '^[a-z][a-z0-9-]{0,30}(\\.[a-z][a-z0-9-]{0,30}){1,2}$';

const RawEnvelope = Type.Object(
  { ...envelopeOf('', Type.Unknown()).properties, type: Type.String({ pattern: TYPE }) },
  { additionalProperties: false },
);

/** An event of a type that this version does not know: an envelope like all, and data nobody has described. */
export type RawEvent = Static<typeof RawEnvelope>;

const validator = createValidator(RawEnvelope);

/**
 * Reads an event of an unknown type, which a newer edge may send: it is kept as it is, and judged by nothing. What it
 * may hold is limited so that it cannot be what must not rest in the hub.
 *
 * @param from the estate and agent that the topic names
 * @throws DipperError EVENT_INVALID for its envelope, EVENT_TYPE_UNKNOWN where its type or data are not kept,
 *   EVENT_MISDIRECTED, MESSAGE_TOO_LARGE
 */
export function parseRawEvent(value: unknown, from: { estate: string; agent: string }): RawEvent {
  const event = validator.parse(value, 'EVENT_INVALID');
  if (Number.isNaN(Date.parse(event.time))) throw new DipperError('EVENT_INVALID', { message: '/time: no such date' });
  if (Buffer.byteLength(JSON.stringify(event)) > MAX_EVENT_BYTES) throw new DipperError('MESSAGE_TOO_LARGE');
  if (event.source !== eventSource(from.estate, from.agent)) throw new DipperError('EVENT_MISDIRECTED');
  const isObject = event.data !== null && typeof event.data === 'object' && !Array.isArray(event.data);
  if (!isObject || !hasShortStrings(event.data) || countNumbers(event.data) > MAX_NUMBERS) {
    throw new DipperError('EVENT_TYPE_UNKNOWN', { detail: { type: event.type } });
  }
  return event;
}

/** What says most about people first. */
const STRICTEST_FIRST: readonly RetentionClass[] = ['face', 'passage', 'scene', 'device'];

/**
 * The class that an unknown type is kept in: the strictest of its noun's, `access.…` as passages. Of a noun nobody has
 * heard of nobody can say that it is not about a person, so it is kept as a face is.
 */
export function retentionOfRaw(type: string): RetentionClass {
  const noun = `${type.split('.')[0]}.`;
  const classes = Object.entries(EVENTS).flatMap(([known, { retention }]) =>
    known.startsWith(noun) ? [retention] : [],
  );
  return STRICTEST_FIRST.find((retention) => classes.includes(retention)) ?? 'face';
}

function hasShortStrings(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= MAX_STRING_LENGTH;
  if (value === null || typeof value !== 'object') return true;
  return Object.entries(value).every(([key, content]) => key.length <= MAX_STRING_LENGTH && hasShortStrings(content));
}

function countNumbers(value: unknown): number {
  if (typeof value === 'number') return 1;
  if (value === null || typeof value !== 'object') return 0;
  return Object.values(value).reduce<number>((sum, content) => sum + countNumbers(content), 0);
}
