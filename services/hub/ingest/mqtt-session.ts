import { DipperError } from '@dipper/contract/errors';
import type { ReceiptMessage } from '@dipper/contract/receipts';
import { filterOf, TOPICS, type TopicAddress, type TopicKind, topicOf } from '@dipper/contract/topics';
import { connect, type IClientPublishOptions, type MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import type { MqttConfig } from '../config.ts';
import type { Incoming } from './incoming.ts';

const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 15_000;
const KEEPALIVE_SEC = 30;
/** A broker that does not answer is left without a good-bye. */
const CLOSE_PATIENCE_MS = 1_000;
/** A broker answers at once, or it is not well. */
const SUBSCRIBE_PATIENCE_MS = 10_000;
/** MQTT 3.1.1 §3.9.3: the broker refuses the subscription. Version 5 has more codes, all above. */
const FAILURE = 128;
/** MQTT 3.1.1 §3.2.2.3 and MQTT 5 §3.2.2.2: the broker does not speak the version we asked for. */
const UNACCEPTABLE_VERSIONS = [1, 132];
/** Version 5 takes a command off the broker's hands when nobody may carry it out any more. */
const COMMAND_EXPIRY_SEC = 30;

export interface MqttSession {
  /** Since when messages arrive, by the monotonic clock; undefined while there is no connection. */
  connectedSince(): number | undefined;
  sendReceipt(address: TopicAddress, receipt: ReceiptMessage): void;
  /** @throws DipperError AGENT_OFFLINE when the broker cannot be reached: a command is not worth keeping */
  sendCommand(address: TopicAddress, jws: string): Promise<void>;
  /** Retained: an edge that comes later finds it. @throws DipperError AGENT_OFFLINE when the broker cannot be reached */
  sendPolicy(address: TopicAddress, jws: string): Promise<void>;
  close(): Promise<void>;
}

export interface MqttSessionOptions {
  readonly config: MqttConfig;
  readonly receive: (message: Incoming) => void;
  readonly log: Logger;
  readonly now: () => number;
  /** Milliseconds that pass evenly, whatever happens to the wall clock. */
  readonly monotonicNow: () => number;
}

/**
 * Connects to the broker, and again whenever the connection is lost, waiting longer each time. Messages are
 * acknowledged as they come: the acknowledgement means nothing, the receipt does.
 */
export function openMqttSession({ config, receive, log, now, monotonicNow }: MqttSessionOptions): MqttSession {
  let connectedSince: number | undefined;
  // A copy that shares batches with others must leave nothing behind: for a session that is kept the broker would go on
  // putting aside its share while it is away, for as long as it is away.
  const isKept = config.isClientIdStable && config.sharedGroup === undefined;
  const client = connect(config.url, {
    clientId: config.clientId,
    protocolVersion: config.protocol,
    clean: !isKept,
    keepalive: KEEPALIVE_SEC,
    reconnectPeriod: FIRST_WAIT_MS,
    // A broker may have forgotten the session: subscribing again costs nothing.
    resubscribe: false,
    ...(config.username === undefined ? {} : { username: config.username }),
    ...(config.password === undefined ? {} : { password: config.password }),
    ...(config.ca === undefined ? {} : { ca: config.ca }),
    ...(config.protocol === 5 && isKept ? { properties: { sessionExpiryInterval: 86_400 } } : {}),
  });
  // Connected is not listening: until everything is granted, and when it is not, the hub counts as without a broker.
  const listen = async (connection: MqttClient['stream']): Promise<void> => {
    try {
      await subscribe(client, config.sharedGroup);
    } catch (error) {
      if (connection.destroyed) return;
      log.error({ err: error }, 'cannot subscribe; check the rights of the account at the broker');
      connection.destroy();
      return;
    }
    if (connection.destroyed) return;
    connectedSince = monotonicNow();
    client.options.reconnectPeriod = FIRST_WAIT_MS;
    log.info('connected to the broker');
  };
  client.on('connect', () => {
    sendAtOnce(client.stream);
    void listen(client.stream);
  });
  client.on('close', () => {
    if (connectedSince !== undefined) log.warn('lost the broker');
    connectedSince = undefined;
    const waitMs = client.options.reconnectPeriod ?? FIRST_WAIT_MS;
    client.options.reconnectPeriod = Math.min(waitMs * 2, LAST_WAIT_MS);
  });
  client.on('error', (error: Error & { code?: unknown }) => {
    const isVersion = UNACCEPTABLE_VERSIONS.some((code) => code === error.code);
    const hint = isVersion ? `; it does not speak MQTT ${config.protocol}, see HUB_MQTT_PROTOCOL` : '';
    log.warn({ err: error }, `the broker cannot be used${hint}`);
  });
  const writeTogether = createWriteGathering(client);
  client.on('message', (topic, payload, packet) => {
    // For the acknowledgement that follows.
    writeTogether();
    receive({ topic, payload, retained: packet.retain, receivedAt: new Date(now()) });
  });

  const optionsFor = (kind: TopicKind, expirySec?: number): IClientPublishOptions => ({
    qos: 1,
    retain: TOPICS[kind].retained,
    ...(config.protocol === 5
      ? {
          properties: {
            contentType: TOPICS[kind].contentType,
            ...(expirySec === undefined ? {} : { messageExpiryInterval: expirySec }),
          },
        }
      : {}),
  });

  const send = async (kind: TopicKind, address: TopicAddress, message: object, expirySec?: number): Promise<void> => {
    if (!client.connected) throw brokerUnreachable();
    try {
      await client.publishAsync(topicOf(kind, address), JSON.stringify(message), optionsFor(kind, expirySec));
    } catch (cause) {
      throw brokerUnreachable(cause);
    }
  };

  return {
    connectedSince: () => connectedSince,
    sendReceipt(address, receipt) {
      // Without a connection it is dropped: the edge sends the events again and gets another.
      if (!client.connected) return;
      writeTogether();
      client.publish(topicOf('receipts', address), JSON.stringify(receipt), optionsFor('receipts'), (error) => {
        if (error) log.debug({ err: error }, 'a receipt did not reach the broker');
      });
    },
    sendCommand: (address, jws) => send('commands', address, { command: jws }, COMMAND_EXPIRY_SEC),
    sendPolicy: (address, jws) => send('policy', address, { policy: jws }),
    async close() {
      const patience = setTimeout(() => client.end(true), CLOSE_PATIENCE_MS);
      await client.endAsync();
      clearTimeout(patience);
    },
  };
}

/**
 * What is written to the broker within one turn of the event loop leaves in one go. A system call for each of thousands
 * of acknowledgements and receipts a second costs more than all else that is done for their events.
 */
function createWriteGathering(client: MqttClient): () => void {
  let gathering: MqttClient['stream'] | undefined;
  return () => {
    const { stream } = client;
    if (gathering === stream) return;
    gathering = stream;
    stream.cork();
    setImmediate(() => {
      stream.uncork();
      if (gathering === stream) gathering = undefined;
    });
  };
}

/** What is small is not held back for company (Nagle, RFC 896): we gather ourselves, and somebody waits for a receipt. */
function sendAtOnce(stream: MqttClient['stream']): void {
  if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true);
}

function brokerUnreachable(cause?: unknown): DipperError {
  return new DipperError('AGENT_OFFLINE', {
    message: 'The broker does not answer, so no agent can be reached.',
    cause,
  });
}

/**
 * Only batches are shared out among copies of the hub: every copy wants to know states and results.
 * @throws Error when the broker refuses one of the subscriptions, or does not answer
 */
async function subscribe(client: MqttClient, sharedGroup: string | undefined): Promise<void> {
  const events = sharedGroup === undefined ? filterOf('events') : `$share/${sharedGroup}/${filterOf('events')}`;
  const filters = [events, filterOf('status'), filterOf('devices'), filterOf('results')];
  const patience = AbortSignal.timeout(SUBSCRIBE_PATIENCE_MS);
  const silence = new Promise<never>((_, reject) =>
    patience.addEventListener('abort', () => reject(new Error('the broker does not answer a subscription'))),
  );
  const grants = await Promise.race([client.subscribeAsync(filters, { qos: 1 }), silence]);
  const refused = grants.filter(({ qos }) => qos >= FAILURE).map(({ topic }) => topic);
  if (refused.length > 0) throw new Error(`the broker refuses ${refused.join(', ')}`);
}
