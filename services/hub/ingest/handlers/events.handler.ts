import { DipperError, type ErrorCode } from '@dipper/contract/errors';
import { findPosition, parseEvent } from '@dipper/contract/event-validation';
import { type DipperEvent, EVENTS, isEventType, type RetentionClass } from '@dipper/contract/events';
import { parseRawEvent, type RawEvent, retentionOfRaw } from '@dipper/contract/raw-event';
import { parsePayload, type TopicAddress, topicOf } from '@dipper/contract/topics';
import { isUuid } from '../../database/lookup.ts';
import type { NewEvent } from '../../domains/event/event.repository.ts';
import type { Incoming, Refusal } from '../incoming.ts';
import { isStorable, reasonOf, refusalOf } from '../refusal.ts';

/** One element of a batch: an event, or why it is none, and its position in the agent's epoch if that can be read. */
export interface Element {
  readonly address: TopicAddress;
  readonly position: { readonly epoch: string; readonly sequence: number } | undefined;
  readonly content:
    | {
        readonly retention: RetentionClass;
        readonly event: NewEvent;
        /** As it came. */
        readonly value: unknown;
      }
    | { readonly refusal: Refusal };
}

/** Before this no camera of ours recorded anything: a clock that says so was never set. */
const EARLIEST_MS = Date.parse('2000-01-01T00:00:00.000Z');
/** What PostgreSQL and ISO 8601 both write with four digits. */
const FIRST_YEAR_MS = Date.parse('0001-01-01T00:00:00.000Z');

/**
 * Reads a batch element by element, so that one bad event does not condemn its siblings.
 * @returns the elements, or the refusal of the whole batch where not even its elements can be told apart
 */
export function readEventBatch(message: Incoming, address: TopicAddress): Element[] | Refusal {
  let batch: unknown[];
  try {
    batch = parsePayload('events', message.payload);
  } catch (error) {
    return refusalOf(message, address.agent, reasonOf(error), message.payload);
  }
  return batch.map((value) => readElement(value, message, address));
}

function readElement(value: unknown, message: Incoming, address: TopicAddress): Element {
  const position = positionOf(value);
  try {
    const isKnown = isEventType(typeOf(value));
    const event = isKnown ? parseEvent(value, address) : parseRawEvent(value, address);
    if (position === undefined || !isStorable(event)) throw new DipperError('EVENT_INVALID');
    const retention = isEventType(event.type) ? EVENTS[event.type].retention : retentionOfRaw(event.type);
    return {
      address,
      position,
      content: { retention, event: newEventFrom(event, address, message.receivedAt), value },
    };
  } catch (error) {
    return {
      address,
      position,
      content: { refusal: refusalOf(message, address.agent, reasonOf(error), textOf(value)) },
    };
  }
}

function typeOf(value: unknown): string {
  const type = value !== null && typeof value === 'object' && 'type' in value ? value.type : undefined;
  return typeof type === 'string' ? type : '';
}

function positionOf(value: unknown): Element['position'] {
  const found = findPosition(value);
  // JSON Schema's format also allows a `urn:uuid:` in front, which is no value of PostgreSQL's type.
  if (found === undefined || !isUuid(found.epoch)) return undefined;
  return { epoch: found.epoch.toLowerCase(), sequence: found.sequence };
}

/**
 * The same element made a dead letter, for what turns out only at the database. Hashed by what was sent, so that the
 * same event sent again is counted, not kept again.
 */
export function refuseElement(element: Element, reason: ErrorCode): Element & { content: { refusal: Refusal } } {
  const { address, content } = element;
  if ('refusal' in content) return { ...element, content };
  const message = { topic: topicOf('events', address), receivedAt: content.event.receivedAt };
  return { ...element, content: { refusal: refusalOf(message, address.agent, reason, textOf(content.value)) } };
}

/**
 * Nothing occurs later than it is heard of: an alarm raised in the future would outlast whatever ends it. Not even a
 * clock that is a little ahead is believed; events then occur when they came, and their sequence still orders them.
 */
function newEventFrom(event: DipperEvent | RawEvent, address: TopicAddress, receivedAt: Date): NewEvent {
  const claimedMs = Date.parse(event.time);
  const isPlausible = claimedMs >= EARLIEST_MS && claimedMs <= receivedAt.getTime();
  const rawMs = event.rawtime === undefined ? (isPlausible ? Number.NaN : claimedMs) : Date.parse(event.rawtime);
  return {
    id: event.id.toLowerCase(),
    type: event.type,
    estate: address.estate,
    agent: address.agent,
    device: event.subject ?? null,
    place: event.place ?? null,
    occurredAt: isPlausible ? new Date(claimedMs) : receivedAt,
    rawAt: rawMs >= FIRST_YEAR_MS ? new Date(rawMs) : null,
    receivedAt,
    epoch: event.epoch.toLowerCase(),
    sequence: event.sequence,
    correlation: event.correlationid ?? null,
    data: JSON.stringify(event.data),
  };
}

/** What an element is hashed by. JSON.parse made the value, so it has a text. */
function textOf(value: unknown): string {
  return JSON.stringify(value);
}
