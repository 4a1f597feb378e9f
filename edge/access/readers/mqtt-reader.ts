import { VALUE_FACTORS } from '@dipper/contract/credential-hmac';
import { createValidator } from '@dipper/contract/validation';
import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import { Type } from 'typebox';
import type { Reading } from './read-identity.ts';
import type { MqttReader } from './reader-config.ts';

/**
 * What a reader publishes, JSON, QoS 0 or 1, not retained. `id` is the reader's own number of the reading, the same when it
 * sends it again. Other members are left alone.
 */
export const ReaderMessage = Type.Object({
  factor: Type.Enum(VALUE_FACTORS),
  value: Type.String({ minLength: 1, maxLength: 2_048 }),
  id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
});

const Message = createValidator(ReaderMessage);
const MAX_MESSAGE_BYTES = 4_096;
/** More than a reader's beam can do; the rest is a fault, or somebody trying numbers. */
const READINGS_AT_ONCE = 30;
const READINGS_PER_SEC = 3;
/** A broker sends a message again within seconds of a new connection. */
const REMEMBERED_MS = 60_000;
const RECONNECT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;

export interface MqttReaderOptions {
  readonly config: MqttReader;
  readonly onReading: (reading: Reading, topic: string) => void;
  readonly monotonicMs: () => number;
  readonly log: Logger;
}

/** The topic of a reader. */
export function readerTopic({ id, topic }: Pick<MqttReader, 'id' | 'topic'>): string {
  return topic ?? `readers/${id}/credential`;
}

/**
 * Follows one reader on the estate's own broker, which has nothing to do with the hub's: with that one gone, cards go on
 * opening doors. Connects again by itself.
 *
 * @returns lets go of the broker
 */
export function followMqttReader(options: MqttReaderOptions): () => Promise<void> {
  const { config, onReading, monotonicMs, log } = options;
  const topic = readerTopic(config);
  const isPaced = createLimit(monotonicMs);
  const seen = new Map<string, number>();
  const client: MqttClient = connect(config.url, clientOptions(config));

  function isRepeated(id: string | undefined, { dup }: IPublishPacket, text: string): boolean {
    const nowMs = monotonicMs();
    for (const [key, atMs] of seen) if (nowMs - atMs > REMEMBERED_MS) seen.delete(key);
    // Without a number only the broker's own word tells a repetition from a card that is held up twice.
    const key = id ?? text;
    const isKnown = seen.has(key) && (id !== undefined || dup);
    seen.set(key, nowMs);
    return isKnown;
  }

  /** @returns what was read, or why it is no reading; never what was said, which may be somebody's card */
  function read(payload: Buffer, packet: IPublishPacket): Reading | string | undefined {
    // Kept by the broker from whenever: it would open at each new connection.
    if (packet.retain) return 'a retained reading is no reading';
    if (!isPaced()) return 'a reader tells more than it can read';
    const text = payload.byteLength > MAX_MESSAGE_BYTES ? '' : payload.toString('utf8');
    const message = parse(text);
    if (!Message.is(message)) return 'a reader sends what is no reading';
    const { factor, value, id } = message;
    return isRepeated(id, packet, text) ? undefined : { factor, value };
  }

  function take(payload: Buffer, packet: IPublishPacket): void {
    const reading = read(payload, packet);
    if (typeof reading === 'string') log.warn({ reader: config.id }, reading);
    else if (reading !== undefined) onReading(reading, topic);
  }

  let problem = '';
  client.on('connect', () => {
    problem = '';
    log.info({ reader: config.id }, 'following a reader');
    client.subscribe(topic, { qos: 1 }, (error) => {
      if (error) log.error({ reader: config.id, err: error }, 'the broker does not let the reader be followed');
    });
  });
  client.on('message', (_topic, payload, packet) => take(payload, packet));
  client.on('error', (error) => {
    if (error.message !== problem) log.warn({ reader: config.id, err: error }, 'lost a reader’s broker');
    problem = error.message;
  });
  return () => client.endAsync(true);
}

/** A clean session: what was read while nobody listened opens nothing later. */
function clientOptions({ protocolVersion, username, password, ca }: MqttReader): IClientOptions {
  return {
    protocolVersion: protocolVersion ?? 4,
    clean: true,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
  };
}

/** What is too much costs nothing of what comes after it. */
function createLimit(monotonicMs: () => number): () => boolean {
  let credit = READINGS_AT_ONCE;
  let creditedAtMs = monotonicMs();
  return () => {
    const nowMs = monotonicMs();
    credit = Math.min(READINGS_AT_ONCE, credit + ((nowMs - creditedAtMs) * READINGS_PER_SEC) / 1_000);
    creditedAtMs = nowMs;
    if (credit < 1) return false;
    credit -= 1;
    return true;
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
