import { type ReceivedPayloadOf, TOPICS, type TopicKind, topicOf } from '@dipper/contract/topics';
import mqtt, { type IClientOptions, type IClientPublishOptions, type MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { Origin } from './event-body.ts';
import { connectionError } from './mqtt-errors.ts';

export interface BrokerAddress {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`. */
  readonly url: string;
  /** 4 is MQTT 3.1.1. Never changed by itself: a broker that refuses it is an error that says so. */
  readonly protocolVersion: 4 | 5;
  readonly username?: string;
  readonly password?: string;
  /** PEM of the authority that vouches for the broker; those that Node knows when absent. */
  readonly ca?: string;
}

/** What an edge says besides events. */
export type ToHub = 'status' | 'events' | 'devices' | 'results';
/** What it listens to. */
export type ToEdge = 'receipts' | 'commands' | 'policy';
const SUBSCRIBED: readonly ToEdge[] = ['receipts', 'commands', 'policy'];

export interface MqttSessionOptions {
  readonly broker: BrokerAddress;
  readonly origin: Origin;
  readonly clock: Clock;
  readonly log: Logger;
  /** What the broker says for us when we vanish; asked for at each connection. */
  readonly will: () => ReceivedPayloadOf<'status'>;
  readonly onConnected: () => void;
  readonly onDisconnected: () => void;
  readonly onMessage: (kind: ToEdge, payload: Uint8Array) => void;
}

/** One agent's standing with its broker, kept up from `createMqttSession` until `close`. */
export interface MqttSession {
  readonly isConnected: boolean;
  /** Hands a message to the broker (QoS 1); rejects when there is none or it is lost before the acknowledgement. */
  publish(kind: ToHub, payload: string, device?: string): Promise<void>;
  /** Says a last word, if there is somebody to say it to, and takes leave, so that the will is not published. */
  close(lastStatus: string): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const KEEPALIVE_SEC = 20;
const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 30_000;
/** An hour's edges of a subdistrict do not all come back in the same instant after the broker did. */
const RETRY_JITTER = 0.5;
const GOODBYE_MS = 1_500;
/** The broker keeps receipts for an edge that is away this long (MQTT 5 §3.1.2.11.2); longer, the edge sends again. */
const SESSION_EXPIRY_SEC = 7 * 24 * 3_600;
/** MQTT 5 §3.3.2.3.3: what is older is of no use, or comes again by itself. Retained messages never expire. */
const EXPIRY_SEC: Partial<Record<ToHub, number>> = { events: 3_600, results: 60 };

/**
 * Connects, and connects again for ever. Every connection is a client of its own under the same id (persistent session):
 * what must not be lost lies in the outbox, so the client's memory of unacknowledged packets is not needed, and nothing
 * is sent twice without the outbox knowing.
 */
export function createMqttSession(options: MqttSessionOptions): MqttSession {
  const { broker, origin, clock, log } = options;
  let client: MqttClient | undefined;
  let isConnected = false;
  let isClosed = false;
  let retryMs = RETRY_FIRST_MS;
  let cancelRetry: (() => void) | undefined;
  let lastError = '';
  /** Of the present connection: the client itself never tells that these were lost with it. */
  const unacknowledged = new Set<(error: Error) => void>();

  const connect = (): void => {
    const current = mqtt.connect(broker.url, connectOptions(options));
    client = current;
    current.on('error', (error) => report(error));
    current.on('message', (topic, payload) => {
      const kind = SUBSCRIBED.find((each) => topicOf(each, origin) === topic);
      if (kind !== undefined) options.onMessage(kind, payload);
    });
    // The client's own limit ends with CONNACK; a broker that then says nothing more is none either.
    const cancelLimit = clock.after(2 * CONNECT_TIMEOUT_MS, () => {
      report(new Error('the broker does not answer'));
      current.end(true);
    });
    current.once('connect', () => {
      current.subscribe(
        SUBSCRIBED.map((kind) => topicOf(kind, origin)),
        { qos: 1 },
        (error, granted) => {
          const isRefused = granted?.some(({ qos }) => qos >= 128) ?? false;
          if (isClosed || current.disconnecting) return;
          if (error || isRefused) {
            report(error ?? new Error('the broker refused a subscription: check its access rules'));
            current.end(true);
            return;
          }
          cancelLimit();
          retryMs = RETRY_FIRST_MS;
          lastError = '';
          isConnected = true;
          log.info({ broker: redacted(broker.url) }, 'connected to the broker');
          options.onConnected();
        },
      );
    });
    current.once('close', () => {
      cancelLimit();
      if (client !== current) return;
      client = undefined;
      current.end(true);
      const wasConnected = isConnected;
      isConnected = false;
      for (const reject of unacknowledged) reject(new Error('broker lost before it acknowledged'));
      unacknowledged.clear();
      if (wasConnected) {
        log.warn({ broker: redacted(broker.url) }, 'broker lost');
        options.onDisconnected();
      }
      if (isClosed) return;
      cancelRetry = clock.after(retryMs * (1 - RETRY_JITTER * Math.random()), connect);
      retryMs = Math.min(retryMs * 2, RETRY_LAST_MS);
    });
  };

  /** Once per cause, not once per attempt. */
  const report = (cause: Error): void => {
    const error = connectionError(cause, broker.protocolVersion, redacted(broker.url));
    if (error.message === lastError) return;
    lastError = error.message;
    log.error({ code: error.code, err: cause }, error.message);
  };

  const publish = (kind: ToHub, payload: string, device?: string): Promise<void> => {
    const current = client;
    if (current === undefined || !isConnected) return Promise.reject(new Error('no broker'));
    const topic = topicOf(kind, device === undefined ? origin : { ...origin, device });
    return new Promise((resolve, reject) => {
      unacknowledged.add(reject);
      current.publish(topic, payload, publishOptions(kind, broker.protocolVersion), (error) => {
        unacknowledged.delete(reject);
        if (error) reject(error);
        else resolve();
      });
    });
  };

  connect();
  return {
    get isConnected() {
      return isConnected;
    },
    publish,
    async close(lastStatus) {
      isClosed = true;
      cancelRetry?.();
      const current = client;
      if (current === undefined) return;
      const goodbye = isConnected ? publish('status', lastStatus).catch(() => undefined) : Promise.resolve();
      await Promise.race([goodbye, pause(clock, GOODBYE_MS)]);
      client = undefined;
      isConnected = false;
      await Promise.race([current.endAsync(), pause(clock, GOODBYE_MS)]);
      current.end(true);
    },
  };
}

function connectOptions({ broker, origin, will }: MqttSessionOptions): IClientOptions {
  const isVersion5 = broker.protocolVersion === 5;
  return {
    clientId: `dipper-${origin.estate}-${origin.agent}`,
    protocolVersion: broker.protocolVersion,
    clean: false,
    keepalive: KEEPALIVE_SEC,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    ...(broker.username !== undefined && { username: broker.username }),
    ...(broker.password !== undefined && { password: broker.password }),
    ...(broker.ca !== undefined && { ca: broker.ca }),
    ...(isVersion5 && { properties: { sessionExpiryInterval: SESSION_EXPIRY_SEC } }),
    will: {
      topic: topicOf('status', origin),
      payload: Buffer.from(JSON.stringify(will())),
      qos: 1,
      retain: true,
      ...(isVersion5 && { properties: { contentType: TOPICS.status.contentType } }),
    },
  };
}

function publishOptions(kind: ToHub & TopicKind, protocolVersion: 4 | 5): IClientPublishOptions {
  const { retained, contentType } = TOPICS[kind];
  const expirySec = EXPIRY_SEC[kind];
  return {
    qos: 1,
    retain: retained,
    ...(protocolVersion === 5 && {
      properties: { contentType, ...(expirySec !== undefined && { messageExpiryInterval: expirySec }) },
    }),
  };
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

/** An address fit for a log. */
function redacted(address: string): string {
  if (!URL.canParse(address)) return 'the configured address';
  const url = new URL(address);
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}
