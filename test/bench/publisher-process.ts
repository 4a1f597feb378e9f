/**
 * Speaks for many agents at once: sends the events of a round as edges do, at most eight batches per agent without a
 * receipt, and tells its parent when the last receipt has come. Its parent sends a `PublishOrder` for each round.
 */
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { topicOf } from '@dipper/contract/topics';
import { compactVerify, importJWK } from 'jose';
import { connectAsync, type MqttClient } from 'mqtt';
import { type AgentStream, payloadsOf, type StreamShape, streamsOf } from './event-stream.ts';
import type { Login } from './ground.ts';

export interface PublishOrder {
  readonly type: 'publish';
  readonly shape: StreamShape;
  readonly batchEvents: number;
}

export interface PublisherSetting {
  readonly brokerUrl: string;
  readonly keyFile: string;
  readonly agents: readonly { readonly estate: string; readonly agent: string; readonly login: Login }[];
}

export type PublisherReport =
  | { readonly type: 'loaded' }
  /** From the first publish to the last receipt; how many signed receipts said it. */
  | { readonly type: 'receipted'; readonly ms: number; readonly receipts: number };

/** As an edge has it (edge/link/in-flight-window.ts). */
const WINDOW_BATCHES = 8;

const setting = JSON.parse(process.env['BENCH_PUBLISHER'] ?? '{}') as PublisherSetting;
const key = await importJWK(JSON.parse(readFileSync(setting.keyFile, 'utf8')), 'EdDSA');
const speakers = new Map<string, Speaker>();

class Speaker {
  private readonly client: MqttClient;
  private readonly topic: string;
  private payloads: { json: string; last: number }[] = [];
  private epoch = '';
  private sent = 0;
  private receipted = 0;
  private readonly seen = new Set<number>();
  private done: () => void = () => undefined;
  receipts = 0;

  constructor(client: MqttClient, topic: string) {
    this.client = client;
    this.topic = topic;
  }

  load(stream: AgentStream, batchEvents: number): void {
    this.payloads = payloadsOf(stream, batchEvents);
    this.epoch = stream.epoch;
    this.sent = 0;
    this.receipted = 0;
    this.seen.clear();
  }

  run(): Promise<void> {
    return new Promise((resolve) => {
      this.done = resolve;
      this.fill();
    });
  }

  private fill(): void {
    const { stream } = this.client;
    stream.cork();
    process.nextTick(() => stream.uncork());
    while (this.sent < this.payloads.length && this.sent - this.receipted < WINDOW_BATCHES) {
      this.client.publish(this.topic, this.payloads[this.sent]?.json ?? '', { qos: 1 });
      this.sent += 1;
    }
    if (this.receipted === this.payloads.length) this.done();
  }

  async onReceipt(payload: Buffer): Promise<void> {
    const { receipt } = JSON.parse(payload.toString()) as { receipt: string };
    const { payload: claims } = await compactVerify(receipt, key);
    const { epoch, ranges } = JSON.parse(new TextDecoder().decode(claims)) as {
      epoch: string;
      ranges: [number, number][];
    };
    this.receipts += 1;
    if (epoch !== this.epoch) return;
    for (const [first, last] of ranges) {
      for (let sequence = first; sequence <= last; sequence += 1) this.seen.add(sequence);
    }
    // A batch counts once its last sequence is receipted and all before it are.
    for (let next = this.payloads[this.receipted]; next !== undefined && this.isWhole(next.last); ) {
      this.receipted += 1;
      next = this.payloads[this.receipted];
    }
    this.fill();
  }

  private isWhole(last: number): boolean {
    const before = this.payloads[this.receipted - 1]?.last ?? 0;
    for (let sequence = before + 1; sequence <= last; sequence += 1) if (!this.seen.has(sequence)) return false;
    return true;
  }
}

for (const { estate, agent, login } of setting.agents) {
  const client = await connectAsync(setting.brokerUrl, { ...login, clientId: agent });
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  const speaker = new Speaker(client, topicOf('events', { estate, agent }));
  client.on('message', (_topic, payload) => void speaker.onReceipt(payload));
  await client.subscribeAsync(topicOf('receipts', { estate, agent }), { qos: 1 });
  speakers.set(agent, speaker);
}

async function publish({ shape, batchEvents }: PublishOrder): Promise<void> {
  const streams = streamsOf(shape);
  const active = streams.map((stream) => {
    const speaker = speakers.get(stream.agent);
    if (speaker === undefined) throw new Error(`nobody speaks for ${stream.agent}`);
    speaker.load(stream, batchEvents);
    speaker.receipts = 0;
    return speaker;
  });
  process.send?.({ type: 'loaded' } satisfies PublisherReport);
  // What loading threw away is collected before the clock runs.
  await delay(200);
  const startedAt = performance.now();
  await Promise.all(active.map((speaker) => speaker.run()));
  const ms = performance.now() - startedAt;
  const receipts = active.reduce((sum, speaker) => sum + speaker.receipts, 0);
  process.send?.({ type: 'receipted', ms, receipts } satisfies PublisherReport);
}

process.on('message', (order: PublishOrder) => void publish(order));
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
process.send?.({ type: 'ready', part: 'edge', addresses: {} });
