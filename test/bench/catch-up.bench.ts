import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { topicOf } from '@dipper/contract/topics';
import { connectAsync } from 'mqtt';
import { startChildPart } from '../support/child-part.ts';
import { eventually } from '../support/eventually.ts';
import { type Bench, quantile } from './bench.ts';
import { agentName, ESTATE, streamsOf } from './event-stream.ts';
import { startGround } from './ground.ts';
import { openAlarmProbe, publishSteadily, summary } from './latency-bench.ts';
import type { PublisherReport, PublisherSetting, PublishOrder } from './publisher-process.ts';

const BACKLOG_AGENTS = 10;
const LIVE_PER_SEC = 100;
const DAY_MS = 24 * 3_600_000;
/** Issue 5: live alarms stay under it. */
const LIMIT_MS = 500;
const PROBES_BEFORE = 20;
const PROBE_EVERY_MS = 200;

/**
 * Alarms while spooled events of a day ago come in as fast as they are receipted, against alarms of the same hub, under
 * the same live load, without a backlog. The ratio is the slowest alarm to the limit, so 1 is the goal.
 */
export const bench: Bench = {
  what: 'alarms of live events while a spooled backlog comes in, against the same without a backlog; slowest of each round',
  unit: 'ms',
  goal: { ratio: 1, is: 'at-most' },
  options: { events: { type: 'string' } },
  ratio: (dipper) => quantile(dipper, 1) / LIMIT_MS,
  async prepare({ seed, rounds, options }) {
    const spooled = Number(options['events'] ?? 1_000_000);
    const agents = Array.from({ length: BACKLOG_AGENTS + 2 }, (_, index) => agentName(index));
    const [probeAgent = '', liveAgent = '', ...spoolers] = agents.toReversed();
    await using parts = new AsyncDisposableStack();
    const ground = parts.use(await startGround({ database: options['database'], agents }));
    const hub = await ground.startHub();
    await eventually('the hub listens', async () => (await fetch(`${hub.url}/readyz`)).ok, { withinMs: 30_000 });
    const probe = parts.use(await openAlarmProbe(ground.broker, ground.loginOf(probeAgent), probeAgent, hub));
    const setting: PublisherSetting = {
      brokerUrl: ground.broker.url,
      keyFile: hub.keyFile,
      agents: spoolers.map((agent) => ({ estate: ESTATE, agent, login: ground.loginOf(agent) })),
    };
    const publisher = await startChildPart(PUBLISHER, [], { BENCH_PUBLISHER: JSON.stringify(setting) });
    parts.defer(() => publisher.stop());
    const speaker = await connectAsync(ground.broker.url, { ...ground.loginOf(liveAgent), clientId: liveAgent });
    parts.defer(() => speaker.endAsync(true));
    const topic = topicOf('events', { estate: ESTATE, agent: liveAgent });
    const epoch = randomUUID();
    const [stream] = streamsOf({ seed, round: 1_000, agents: 1, events: 1_000, baseMs: Date.now() });
    let sequence = 0;
    const live = publishSteadily(speaker, LIVE_PER_SEC, () => {
      const event = stream?.events[sequence % stream.events.length];
      sequence += 1;
      const time = new Date().toISOString();
      const over = { id: randomUUID(), epoch, sequence, source: `/${ESTATE}/${liveAgent}`, time };
      return { topic, payload: JSON.stringify([{ ...event, ...over }]) };
    });
    parts.defer(live.stop);

    const probeUntil = async (isOver: (count: number) => boolean): Promise<number[]> => {
      const latencies: number[] = [];
      while (!isOver(latencies.length)) {
        latencies.push(await probe.measure());
        await delay(PROBE_EVERY_MS);
      }
      return latencies;
    };
    const all: { dipper: number[]; reference: number[]; caughtUpMs: number[] } = {
      ...{ dipper: [], reference: [], caughtUpMs: [] },
    };
    const perRound = Math.ceil(spooled / rounds / BACKLOG_AGENTS) * BACKLOG_AGENTS;
    const owned = parts.move();
    return {
      dipper: {
        command: `npm run hub; ${perRound} events of a day ago from ${BACKLOG_AGENTS} agents, ${LIVE_PER_SEC} live events a second (${ground.broker.kind}, ${ground.database.version})`,
        async sample(round) {
          const shape = { seed, round, agents: BACKLOG_AGENTS, events: perRound, baseMs: Date.now() - DAY_MS };
          let isCaughtUp = false;
          const loaded = Promise.withResolvers<void>();
          const done = Promise.withResolvers<void>();
          const hear = (report: PublisherReport): void => {
            if (report.type === 'loaded') loaded.resolve();
            if (report.type !== 'receipted') return;
            all.caughtUpMs.push(Math.round(report.ms));
            isCaughtUp = true;
            done.resolve();
          };
          publisher.process.on('message', hear);
          publisher.process.send({ type: 'publish', shape, batchEvents: 200 } satisfies PublishOrder);
          await loaded.promise;
          const latencies = await probeUntil((count) => isCaughtUp && count >= PROBES_BEFORE);
          await done.promise;
          publisher.process.off('message', hear);
          all.dipper.push(...latencies);
          return { value: quantile(latencies, 1), work: WORK };
        },
      },
      reference: {
        command: 'the same without a backlog',
        async sample() {
          const latencies = await probeUntil((count) => count >= PROBES_BEFORE);
          all.reference.push(...latencies);
          return { value: quantile(latencies, 1), work: WORK };
        },
      },
      detail: () => ({
        ...{ database: ground.database.version, broker: ground.broker.kind, limitMs: LIMIT_MS },
        ...{ spooledEvents: perRound * rounds, caughtUpMs: all.caughtUpMs, liveEvents: live.published() },
        spooledPerSec: all.caughtUpMs.map((ms) => Math.round(perRound / (ms / 1_000))),
        alarmsWithBacklog: summary(all.dipper),
        alarmsWithout: summary(all.reference),
      }),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

const PUBLISHER = fileURLToPath(new URL('publisher-process.ts', import.meta.url));
const WORK = `at least ${PROBES_BEFORE} alarms, each seen`;
