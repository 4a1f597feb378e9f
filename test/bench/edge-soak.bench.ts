import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@dipper/edge/link/clock';
import { openRecordingStore } from '@dipper/edge/video/recording/recording-store';
import { findFfmpeg } from '@dipper/ffmpeg/find-ffmpeg';
import { pino } from 'pino';
import { eventually } from '../support/eventually.ts';
import { AWKWARD_LOGIN, type SimulatedStreet, startSimulatedStreet } from '../support/simulated-street.ts';
import type { Bench, BenchContext, PreparedBench } from './bench.ts';
import { type BenchAgent, startBenchAgent } from './bench-agent.ts';
import { descriptorCount, proportionalBytes } from './process-memory.ts';
import { family } from './processor-time.ts';

const CAMERAS = ['east', 'west'] as const;
const MEBIBYTE = 1_024 ** 2;
const MINUTE_MS = 60_000;
/** Two in turn; what cuts the streams, and what leaves them alone. */
const FAULTS = ['unplug', 'freeze', 'wrong-password', 'cover', 'unplug', 'clock-offset', 'slow', 'drop-subscriptions'];
const CUTS_STREAMS = ['unplug', 'wrong-password'];
const FAULT_MS = 25_000;
/** A refused password is tried again after fifteen seconds and more, an unplugged camera after thirty at most. */
const RECOVERY_MS = 90_000;
/** An outage shorter than this is told nowhere (agent/camera/camera-runner.ts). */
const BLIP_MS = 15_000;
const GROUP_MS = 2_000;
/** Pictures around a gap are dated by their camera, events by this machine. */
const TOLERANCE_MS = 1_500;
const SPARE_DESCRIPTORS = 8;
const NOTHING = 'nothing unexplained';

/** Goals: issue 3, Speed and memory; the slope is reported for a reader, whom two hours tell more than five figures. */
export const bench: Bench = {
  what: 'memory (PSS, all children) of an agent with two cameras and a fault a minute, the last fifth of the time against the first; unequal work where an outage, a gap in the recordings, a process or a descriptor cannot be explained',
  unit: 'MiB',
  goal: { ratio: 1.15, is: 'at-most' },
  options: { minutes: { type: 'string' } },
  prepare,
  ratio: (ours) => (ours.at(-1) ?? Number.NaN) / (ours[0] ?? Number.NaN),
};

interface InjectedFault {
  readonly camera: string;
  readonly name: string;
  readonly fromMs: number;
  untilMs: number;
}

async function prepare({ rounds, options }: BenchContext): Promise<PreparedBench> {
  const faultsPerRound = Math.max(1, Math.round(Number(options['minutes'] ?? 120) / rounds));
  await using parts = new AsyncDisposableStack();
  process.env['FFMPEG_PATH'] ??= (await findFfmpeg({ env: process.env })).path;
  const street = parts.adopt(await startSimulatedStreet(CAMERAS), (each) => each.close());
  const onvifOf = (id: string) => street.estate.state.devices.find((device) => device.id === id)?.onvif ?? '';
  const agent = parts.use(
    await startBenchAgent(CAMERAS.map((id) => ({ id, login: AWKWARD_LOGIN, onvif: onvifOf(id) }))),
  );
  await Promise.all(CAMERAS.map((id) => isOnline(agent, id)));
  const faults: InjectedFault[] = [];
  const memory: { readonly atMs: number; readonly bytes: number }[] = [];
  const descriptors: number[] = [];
  const note = (): void => void memory.push({ atMs: Date.now(), bytes: proportionalBytes(agent.process.pid) });

  async function soak(round: number): Promise<number> {
    const from = memory.length;
    for (let count = 0; count < faultsPerRound; count += 1) {
      await injectOne(street, agent, faults, faults.length);
      note();
    }
    descriptors.push(descriptorCount(agent.process.pid));
    const bytes = memory.slice(from).map((each) => each.bytes / MEBIBYTE);
    if (round === rounds - 1) note();
    return bytes.toSorted((a, b) => a - b)[Math.floor(bytes.length / 2)] ?? Number.NaN;
  }

  const running = parts.move();
  return {
    dipper: {
      command: agent.command,
      async sample(round) {
        const value = await soak(round);
        if (round < rounds - 1) return { value, work: NOTHING };
        const unexplained = [...unexplainedOutages(agent, faults), ...(await whatIsLeft(agent, descriptors))];
        unexplained.push(...(await unexplainedGaps(agent, faults)));
        return { value, work: unexplained.length === 0 ? NOTHING : unexplained.join('; ') };
      },
    },
    reference: { command: 'what there may be', sample: async () => ({ value: 1, work: NOTHING }) },
    detail: () => ({
      faults: faults.length,
      slopeMebibytesPerHour: Math.round(slopePerHour(memory.slice(1)) * 10) / 10,
      ...{ descriptors, memoryMebibytes: memory.map(({ bytes }) => Math.round(bytes / MEBIBYTE)) },
      outages: outagesOf(agent).length,
    }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

const isOnline = (agent: BenchAgent, camera: string) =>
  eventually(`${camera} is online`, () => agent.stateOf(camera)?.connection === 'online', { withinMs: RECOVERY_MS });

/** A fault that begins with a minute, and the rest of that minute. */
async function injectOne(
  street: SimulatedStreet,
  agent: BenchAgent,
  faults: InjectedFault[],
  place: number,
): Promise<void> {
  const name = FAULTS[place % FAULTS.length] ?? 'unplug';
  const camera = CAMERAS[place % CAMERAS.length] ?? 'east';
  const fault: InjectedFault = { camera, name, fromMs: Date.now(), untilMs: Number.POSITIVE_INFINITY };
  faults.push(fault);
  await street.estate.setFault(camera, name, name === 'clock-offset' ? { seconds: 3_600 } : {});
  await sleep(FAULT_MS);
  await street.estate.clearFault(camera, name);
  fault.untilMs = Date.now();
  await isOnline(agent, camera);
  await sleep(Math.max(0, fault.fromMs + MINUTE_MS - Date.now()));
}

/** As they were told, begin and end; an end that is still to come is now. */
function outagesOf({ hub }: BenchAgent) {
  return hub.received.flatMap((event) => {
    if (event.type !== 'camera.offline') return [];
    const fromMs = Date.parse(event.data.since);
    const back = hub.received.find(
      (each) => each.type === 'camera.online' && each.subject === event.subject && Date.parse(each.time) >= fromMs,
    );
    const untilMs = back === undefined ? Date.now() : Date.parse(back.time);
    return [{ camera: event.subject ?? '', cause: event.data.cause, fromMs, untilMs }];
  });
}

/** Whether a camera had a fault that cuts its streams, or was coming back from one. */
const isCut = (faults: readonly InjectedFault[], camera: string, atMs: number): boolean =>
  faults.some(
    (fault) =>
      fault.camera === camera &&
      CUTS_STREAMS.includes(fault.name) &&
      atMs >= fault.fromMs - TOLERANCE_MS &&
      atMs <= fault.untilMs + RECOVERY_MS,
  );

function unexplainedOutages(agent: BenchAgent, faults: readonly InjectedFault[]): string[] {
  const outages = outagesOf(agent);
  const unasked = outages
    .filter(({ camera, fromMs }) => !isCut(faults, camera, fromMs))
    .map(({ camera, cause }) => `${camera} was offline for no reason (${cause})`);
  const untold = faults
    .filter(({ name }) => CUTS_STREAMS.includes(name))
    .filter(
      ({ camera, fromMs, untilMs }) =>
        !outages.some((each) => each.camera === camera && overlap(each, { fromMs, untilMs })),
    )
    .map(({ camera, name }) => `${camera}: ${name} was not told`);
  return [...unasked, ...untold];
}

const overlap = (a: { fromMs: number; untilMs: number }, b: { fromMs: number; untilMs: number }): boolean =>
  a.fromMs <= b.untilMs && b.fromMs <= a.untilMs;

/** Stops the agent and looks for what it leaves behind. */
async function whatIsLeft(agent: BenchAgent, descriptors: readonly number[]): Promise<string[]> {
  const pids = family(agent.process.pid);
  await agent.process.stop();
  await sleep(1_000);
  const orphans = pids.filter((pid) => existsSync(`/proc/${pid}`));
  const grown = (descriptors.at(-1) ?? 0) - (descriptors[0] ?? 0);
  return [
    ...(orphans.length > 0 ? [`${orphans.length} processes are left`] : []),
    ...(grown > SPARE_DESCRIPTORS ? [`${grown} descriptors more than at the beginning`] : []),
  ];
}

/** Gaps longer than the outage that was told, or than a blip, and one group. */
async function unexplainedGaps(agent: BenchAgent, faults: readonly InjectedFault[]): Promise<string[]> {
  const store = await openRecordingStore({
    ...{ dir: join(agent.dir, 'recordings'), indexPath: join(agent.dir, 'recordings.sqlite'), minFreeBytes: 0 },
    ...{ budgets: new Map(), onDisk: () => undefined, clock: systemClock, log: pino({ enabled: false }) },
  });
  try {
    const outages = outagesOf(agent);
    return CAMERAS.flatMap((camera) => {
      const stretches = store.stretches(camera, 0, Number.MAX_SAFE_INTEGER);
      if (stretches.length === 0) return [`${camera} was not recorded`];
      return stretches.slice(1).flatMap(({ fromMs: untilMs }, place) => {
        const gap = { fromMs: stretches[place]?.untilMs ?? untilMs, untilMs };
        const lengthMs = gap.untilMs - gap.fromMs;
        const told = outages.filter((each) => each.camera === camera && overlap(each, gap));
        const allowedMs =
          Math.max(BLIP_MS, ...told.map((each) => each.untilMs - each.fromMs)) + GROUP_MS + TOLERANCE_MS;
        const isExplained = lengthMs <= GROUP_MS || (isCut(faults, camera, gap.fromMs) && lengthMs <= allowedMs);
        if (isExplained) return [];
        const fault = faults.findLast((each) => each.camera === camera && each.fromMs <= gap.fromMs + TOLERANCE_MS);
        const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
        const outage = told.map(
          (each) => `${each.cause} ${seconds(each.fromMs - gap.fromMs)} to ${seconds(each.untilMs - gap.fromMs)}`,
        );
        return [
          `${camera} lacks ${seconds(lengthMs)} of recordings from ${seconds(gap.fromMs - (fault?.fromMs ?? 0))} after ${fault?.name}; told: ${outage.join(', ') || 'nothing'}`,
        ];
      });
    });
  } finally {
    await store.close();
  }
}

/** Of the line that fits best (least squares), MiB per hour. */
function slopePerHour(points: readonly { readonly atMs: number; readonly bytes: number }[]): number {
  const hours = points.map(({ atMs }) => (atMs - (points[0]?.atMs ?? 0)) / 3_600_000);
  const mebibytes = points.map(({ bytes }) => bytes / MEBIBYTE);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanHours, meanMebibytes] = [mean(hours), mean(mebibytes)];
  const above = hours.reduce(
    (sum, hour, place) => sum + (hour - meanHours) * ((mebibytes[place] ?? 0) - meanMebibytes),
    0,
  );
  return above / hours.reduce((sum, hour) => sum + (hour - meanHours) ** 2, 0);
}
