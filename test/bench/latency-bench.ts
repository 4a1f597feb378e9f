import { randomUUID } from 'node:crypto';
import type { FeedMessage } from '@dipper/contract/api/feed';
import { type DipperEvent, eventSource } from '@dipper/contract/events';
import { topicOf } from '@dipper/contract/topics';
import { connectAsync, type MqttClient } from 'mqtt';
import { type Feed, signIn } from '../support/api-client.ts';
import { quantile } from './bench.ts';
import { ESTATE } from './event-stream.ts';
import type { Login, RunningBenchHub } from './ground.ts';

/** One barrier that is forced and closed again, whose alarms are looked for on the feed. */
export interface AlarmProbe extends AsyncDisposable {
  /** Milliseconds from the publish of an event to its alarm, or its end, on the feed. */
  measure(): Promise<number>;
}

const PATIENCE_MS = 60_000;

/** Speaks as an edge that has only live events, and listens to the feed as a duty desk does. */
export async function openAlarmProbe(
  broker: { readonly url: string },
  login: Login,
  agent: string,
  hub: RunningBenchHub,
): Promise<AlarmProbe> {
  const client = await connectAsync(broker.url, { ...login, clientId: agent });
  const admin = await signIn(hub.url, 'admin', hub.adminPassword);
  // As the duty desk listens: it shows alarms, not events.
  const feed = await admin.feed(undefined, 'alarm,incident,case,device,agent');
  const address = { estate: ESTATE, agent };
  const epoch = randomUUID();
  let sequence = 0;
  return {
    async measure() {
      sequence += 1;
      const phase = sequence % 2 === 1 ? 'started' : 'ended';
      const at = new Date().toISOString();
      const event = {
        ...{ specversion: '1.0', id: randomUUID(), source: eventSource(ESTATE, agent), type: 'gate.forced' },
        ...{ subject: `${agent}-probe`, time: at, datacontenttype: 'application/json', epoch, sequence },
        ...{ place: 'lanting-main-gate', data: { phase, since: at, relay: 'inactive', contact: 'open' } },
      } as DipperEvent;
      const heard = alarmOn(feed, `${agent}-probe`, phase === 'started');
      const sentAt = performance.now();
      client.publish(topicOf('events', address), JSON.stringify([event]), { qos: 1 });
      return (await heard) - sentAt;
    },
    async [Symbol.asyncDispose]() {
      feed.close();
      await client.endAsync(true);
    },
  };
}

/** When the feed tells of the alarm of a device being active, or not any more; by the monotonic clock. */
async function alarmOn(feed: Feed, device: string, active: boolean): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS;
  const from = feed.messages.length;
  for (let next = from; performance.now() < deadline; ) {
    const message = feed.messages[next];
    if (message === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    next += 1;
    if (tells(message, device, active)) return performance.now();
  }
  throw new Error(`no alarm of ${device} on the feed within ${PATIENCE_MS / 1_000} s`);
}

function tells(message: FeedMessage, device: string, active: boolean): boolean {
  if (message.kind !== 'alarm') return false;
  const alarm = message.value as { device: string | null; active: boolean };
  return alarm.device === device && alarm.active === active;
}

/** Publishes so many events a second from one client, evenly, until stopped. */
export function publishSteadily(
  client: MqttClient,
  perSecond: number,
  next: () => { readonly topic: string; readonly payload: string },
): { readonly published: () => number; stop(): void } {
  const startedAt = performance.now();
  let published = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond);
    for (; published < due; published += 1) {
      const { topic, payload } = next();
      client.publish(topic, payload, { qos: 1 });
    }
  }, 5);
  return { published: () => published, stop: () => clearInterval(timer) };
}

export function summary(latenciesMs: readonly number[]): Readonly<Record<string, number>> {
  const of = (share: number): number => Math.round(quantile(latenciesMs, share));
  return { count: latenciesMs.length, p50Ms: of(0.5), p95Ms: of(0.95), maxMs: of(1) };
}
