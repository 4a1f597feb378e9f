import { type Static, type TSchema, Type } from 'typebox';
import { CommandMessage, ResultMessage } from './commands.ts';
import { DeviceStateMessage } from './device-state.ts';
import { DipperError } from './errors.ts';
import { MAX_BATCH_EVENTS } from './event-validation.ts';
import type { DipperEvent } from './events.ts';
import { PolicyMessage } from './policy.ts';
import { ReceiptMessage } from './receipts.ts';
import { StatusMessage } from './status.ts';
import { createValidator, type Validator } from './validation.ts';

const ROOT = 'dipper/v1';

interface TopicDefinition {
  readonly direction: 'to-hub' | 'to-edge';
  readonly retained: boolean;
  readonly contentType: string;
  /** Whether a fifth level names a device. */
  readonly perDevice: boolean;
  readonly payload: TSchema;
}

/** Batches are checked element by element with `parseEvent`, so that one bad event does not condemn its siblings. */
const EventBatch = Type.Array(Type.Unknown(), { minItems: 1, maxItems: MAX_BATCH_EVENTS });

/** The one map from topic to payload, shared by both sides. QoS is 1 throughout. */
export const TOPICS = {
  status: {
    direction: 'to-hub',
    retained: true,
    contentType: 'application/json',
    perDevice: false,
    payload: StatusMessage,
  },
  events: {
    direction: 'to-hub',
    retained: false,
    contentType: 'application/cloudevents-batch+json',
    perDevice: false,
    payload: EventBatch,
  },
  devices: {
    direction: 'to-hub',
    retained: true,
    contentType: 'application/json',
    perDevice: true,
    payload: DeviceStateMessage,
  },
  results: {
    direction: 'to-hub',
    retained: false,
    contentType: 'application/json',
    perDevice: false,
    payload: ResultMessage,
  },
  receipts: {
    direction: 'to-edge',
    retained: false,
    contentType: 'application/json',
    perDevice: false,
    payload: ReceiptMessage,
  },
  commands: {
    direction: 'to-edge',
    retained: false,
    contentType: 'application/json',
    perDevice: false,
    payload: CommandMessage,
  },
  policy: {
    direction: 'to-edge',
    retained: true,
    contentType: 'application/json',
    perDevice: false,
    payload: PolicyMessage,
  },
} as const satisfies Record<string, TopicDefinition>;

export type TopicKind = keyof typeof TOPICS;
/** What is sent under a kind of topic. Events are typed for the sender; a receiver parses each one. */
export type PayloadOf<K extends TopicKind> = K extends 'events'
  ? readonly DipperEvent[]
  : Static<(typeof TOPICS)[K]['payload']>;
/** What a receiver has after `parsePayload`. */
export type ReceivedPayloadOf<K extends TopicKind> = Static<(typeof TOPICS)[K]['payload']>;

export interface TopicAddress {
  readonly estate: string;
  readonly agent: string;
  readonly device?: string;
}

export interface ParsedTopic extends TopicAddress {
  readonly kind: TopicKind;
}

/** The topic on which one agent's messages of a kind travel. */
export function topicOf(kind: TopicKind, address: TopicAddress): string {
  const base = `${ROOT}/${address.estate}/${address.agent}/${kind}`;
  if (!TOPICS[kind].perDevice) return base;
  if (address.device === undefined) throw new TypeError(`topic '${kind}' needs a device`);
  return `${base}/${address.device}`;
}

/** Topic filter for all agents (MQTT 3.1.1 §4.7), as the hub subscribes. */
export function filterOf(kind: TopicKind): string {
  return `${ROOT}/+/+/${kind}${TOPICS[kind].perDevice ? '/+' : ''}`;
}

const LEVEL = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Reads a topic. @throws DipperError TOPIC_UNKNOWN */
export function parseTopic(topic: string): ParsedTopic {
  const [root, version, estate, agent, kind, device, ...rest] = topic.split('/');
  const known =
    `${root}/${version}` === ROOT &&
    estate !== undefined &&
    LEVEL.test(estate) &&
    agent !== undefined &&
    LEVEL.test(agent) &&
    isTopicKind(kind) &&
    rest.length === 0;
  if (!known) throw new DipperError('TOPIC_UNKNOWN', { detail: { topic: topic.slice(0, 256) } });
  if (!TOPICS[kind].perDevice) {
    if (device !== undefined) throw new DipperError('TOPIC_UNKNOWN', { detail: { topic: topic.slice(0, 256) } });
    return { kind, estate, agent };
  }
  if (device === undefined || !LEVEL.test(device))
    throw new DipperError('TOPIC_UNKNOWN', { detail: { topic: topic.slice(0, 256) } });
  return { kind, estate, agent, device };
}

function isTopicKind(kind: string | undefined): kind is TopicKind {
  return kind !== undefined && Object.hasOwn(TOPICS, kind);
}

const validators = Object.fromEntries(
  Object.entries(TOPICS).map(([kind, topic]) => [kind, createValidator(topic.payload)]),
) as {
  readonly [K in TopicKind]: Validator<ReceivedPayloadOf<K>>;
};

/** Larger payloads are refused before they are parsed. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;

/** Reads what came on a topic. @throws DipperError MESSAGE_TOO_LARGE, MESSAGE_NOT_JSON, MESSAGE_INVALID */
export function parsePayload<K extends TopicKind>(kind: K, payload: Uint8Array): ReceivedPayloadOf<K> {
  if (payload.byteLength > MAX_PAYLOAD_BYTES) throw new DipperError('MESSAGE_TOO_LARGE');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (cause) {
    throw new DipperError('MESSAGE_NOT_JSON', { cause });
  }
  return validators[kind].parse(value);
}
