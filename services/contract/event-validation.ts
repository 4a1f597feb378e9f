import { Type } from 'typebox';
import { DipperError } from './errors.ts';
import { type DipperEvent, EVENTS, type EventType, envelopeOf, eventSource, isEventType } from './events.ts';
import { Sequence, Uuid } from './identifiers.ts';
import { createValidator, type Validator } from './validation.ts';

/** CloudEvents asks consumers to take events up to 64 KiB; ours carry no pictures and stay far below. */
export const MAX_EVENT_BYTES = 8 * 1024;
export const MAX_BATCH_EVENTS = 200;
export const MAX_BATCH_BYTES = 512 * 1024;

const validators = new Map<EventType, Validator<DipperEvent>>();

function validatorFor(type: EventType): Validator<DipperEvent> {
  let validator = validators.get(type);
  if (validator === undefined) {
    validator = createValidator(envelopeOf(type, EVENTS[type].data)) as Validator<DipperEvent>;
    validators.set(type, validator);
  }
  return validator;
}

/**
 * Reads one element of a batch.
 *
 * @param from the estate and agent that the topic names; an event that claims another origin is refused
 * @throws DipperError EVENT_TYPE_UNKNOWN, EVENT_INVALID, EVENT_MISDIRECTED, MESSAGE_TOO_LARGE
 */
export function parseEvent(value: unknown, from: { estate: string; agent: string }): DipperEvent {
  const type = value !== null && typeof value === 'object' && 'type' in value ? value.type : undefined;
  if (typeof type !== 'string') throw new DipperError('EVENT_INVALID', { message: '/type: must be a string' });
  if (!isEventType(type)) throw new DipperError('EVENT_TYPE_UNKNOWN', { detail: { type: type.slice(0, 64) } });
  const event = validatorFor(type).parse(value, 'EVENT_INVALID');
  if (Number.isNaN(Date.parse(event.time))) {
    throw new DipperError('EVENT_INVALID', { message: '/time: no such date' });
  }
  if (Buffer.byteLength(JSON.stringify(event)) > MAX_EVENT_BYTES) throw new DipperError('MESSAGE_TOO_LARGE');
  if (event.source !== eventSource(from.estate, from.agent)) throw new DipperError('EVENT_MISDIRECTED');
  return event;
}

const Position = createValidator(Type.Object({ epoch: Uuid, sequence: Sequence }));

/**
 * The position of an event whose rest may be nonsense, so that a dead letter can be receipted and stops nothing.
 * Undefined when even that cannot be read.
 */
export function findPosition(value: unknown): { epoch: string; sequence: number } | undefined {
  return Position.is(value) ? { epoch: value.epoch, sequence: value.sequence } : undefined;
}
