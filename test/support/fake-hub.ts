import { parseEvent } from '@dipper/contract/event-validation';
import type { DipperEvent } from '@dipper/contract/events';
import type { SequenceRange } from '@dipper/contract/receipts';
import { parsePayload, parseTopic, type ReceivedPayloadOf, topicOf } from '@dipper/contract/topics';
import { connectAsync, type IClientOptions, type IPublishPacket } from 'mqtt';
import { createHubSigner, type HubSigner } from './hub-signer.ts';

/** The far end of one edge's link: keeps what it gets, and signs for it. No database, no rules. */
export interface FakeHub {
  readonly signer: HubSigner;
  /** Every event received, repetitions included. */
  readonly received: readonly DipperEvent[];
  readonly statuses: readonly ReceivedPayloadOf<'status'>[];
  readonly results: readonly ReceivedPayloadOf<'results'>[];
  readonly deviceStates: readonly ReceivedPayloadOf<'devices'>[];
  /** The packets behind them, for their properties. */
  readonly packets: readonly IPublishPacket[];
  /** Whether it signs for what it gets. */
  signs: boolean;
  publish(kind: 'receipts' | 'commands' | 'policy', payload: Buffer): Promise<void>;
  stop(): Promise<void>;
}

export interface FakeHubOptions {
  readonly url: string;
  readonly origin: { readonly estate: string; readonly agent: string };
  readonly connect?: IClientOptions;
  readonly signer?: HubSigner;
}

export async function startFakeHub({
  url,
  origin,
  connect = {},
  signer = createHubSigner(),
}: FakeHubOptions): Promise<FakeHub> {
  const client = await connectAsync(url, { clean: false, clientId: 'fake-hub', reconnectPeriod: 100, ...connect });
  const received: DipperEvent[] = [];
  const statuses: ReceivedPayloadOf<'status'>[] = [];
  const results: ReceivedPayloadOf<'results'>[] = [];
  const deviceStates: ReceivedPayloadOf<'devices'>[] = [];
  const packets: IPublishPacket[] = [];
  const publish = async (kind: 'receipts' | 'commands' | 'policy', payload: Buffer): Promise<void> => {
    await client.publishAsync(topicOf(kind, origin), payload, { qos: 1 });
  };
  const hub = { signs: true };

  const sign = async (events: readonly DipperEvent[]): Promise<void> => {
    for (const [epoch, of] of Map.groupBy(events, (event) => event.epoch)) {
      const ranges = of.map(({ sequence }): SequenceRange => [sequence, sequence]);
      await publish('receipts', await signer.receipt({ ...origin, epoch, ranges }));
    }
  };

  client.on('message', (topic, payload, packet) => {
    packets.push(packet);
    const { kind } = parseTopic(topic);
    if (kind === 'status') statuses.push(parsePayload('status', payload));
    if (kind === 'results') results.push(parsePayload('results', payload));
    if (kind === 'devices') deviceStates.push(parsePayload('devices', payload));
    if (kind !== 'events') return;
    const events = parsePayload('events', payload).map((event) => parseEvent(event, origin));
    received.push(...events);
    if (hub.signs) void sign(events).catch(() => undefined);
  });
  const filters = ['status', 'events', 'results'] as const;
  await client.subscribeAsync(
    [
      ...filters.map((kind) => topicOf(kind, origin)),
      `${topicOf('devices', { ...origin, device: 'x' }).slice(0, -1)}+`,
    ],
    { qos: 1 },
  );
  return {
    ...{ signer, received, statuses, results, deviceStates, packets, publish },
    get signs() {
      return hub.signs;
    },
    set signs(value) {
      hub.signs = value;
    },
    stop: () => client.endAsync(true),
  };
}
