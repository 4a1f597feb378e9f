import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { systemClock } from '../link/clock.ts';
import { readHubKeys } from '../link/hub-keys.ts';
import { createHubTime } from '../link/hub-time.ts';
import { createLink } from '../link/link.ts';
import { openOutbox } from '../link/outbox.ts';
import packageJson from '../package.json' with { type: 'json' };
import type { CameraRunner } from './camera/camera-runner.ts';
import { prepareCameras, startCameras } from './cameras.ts';
import { watchClock } from './clock-watch.ts';
import type { EdgeConfig } from './config/read-config.ts';
import { createGateSupervisor } from './gate/gate-supervisor.ts';
import { createPictureStore } from './picture-store/picture-store.ts';
import { openRecordings } from './recordings.ts';
import { createReportDesk } from './report.ts';
import { logStatus } from './status.ts';
import { createUplinks } from './uplinks.ts';

export interface AgentOptions {
  readonly config: EdgeConfig;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  /** One short sentence for whoever waits for the start. */
  readonly onProgress: (message: string) => void;
  /** Something only a restart of the process can heal. */
  readonly onFatal: (error: Error) => void;
  /** Gives up a start that is under way. */
  readonly signal: AbortSignal;
}

export interface Agent {
  /** Lets devices, pictures and the broker go, in that order; takes less than five seconds. */
  stop(): Promise<void>;
}

/** How long devices may take to be let go before the broker is told that we are off. */
const DEVICES_PATIENCE_MS = 2_000;

/**
 * Puts the agent together. What can prevent a start comes first; the link to the hub cannot: an edge works alone.
 *
 * @throws LinkError HUB_KEY_INVALID, OUTBOX_IN_USE; MediaError about the key of pictures; FfmpegError, ModelError
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { config, env, log, onProgress, signal } = options;
  const { media, outbox: outboxConfig } = config;
  const clock = systemClock;
  const origin = { estate: config.estate, agent: config.agent };
  const bootId = randomUUID();
  const { version } = packageJson;
  /** Ends whatever deals with devices and viewers. */
  const owner = new AbortController();
  /** Ends what those use, once they have let go. */
  const tail = new AbortController();
  await using parts = new AsyncDisposableStack();
  parts.defer(() => {
    owner.abort();
    tail.abort();
  });

  onProgress('opening pictures and outbox');
  const keys = await readHubKeys(config.hub.publicKeyFile);
  const hubTime = createHubTime(clock);
  const pictures = await createPictureStore({
    ...media,
    clock: { nowMs: () => hubTime.now().atMs, monotonicMs: clock.monotonicMs },
    signal: tail.signal,
    log: log.child({ part: 'pictures' }),
  });
  parts.defer(() => pictures.close());
  const tools = await prepareCameras({ config, env, onProgress, starting: signal, signal: tail.signal });
  parts.defer(() => tools?.faces?.[Symbol.asyncDispose]());
  const outbox = openOutbox({ ...outboxConfig, origin, clock, hubTime });
  parts.defer(() => outbox.close());
  if (outbox.movedCorruptTo !== undefined) {
    log.error({ code: 'OUTBOX_CORRUPT', movedTo: outbox.movedCorruptTo }, 'the outbox was damaged; a new one is begun');
  }

  let cameras: ReadonlyMap<string, CameraRunner> = new Map();
  const uplinks = createUplinks({
    ca: config.hub.ca,
    camera: (device) => cameras.get(device),
    pictures,
    log: log.child({ part: 'uplinks' }),
    signal: owner.signal,
  });
  const { handlers } = uplinks;
  const linkLog = log.child({ part: 'link' });
  const link = createLink({
    ...{ origin, bootId, version, broker: config.mqtt, keys, outbox, hubTime, clock, log: linkLog, handlers },
  });
  parts.defer(() => link.close());
  const { report, refused } = createReportDesk(link, log, options.onFatal);
  report({ type: 'agent.started', occurredAtMs: clock.nowMs(), data: { bootId, version } });
  watchClock(clock, report, owner.signal);

  const gates = createGateSupervisor({
    gates: config.gates,
    onReport: (said) => (said.kind === 'event' ? report(said.event) : link.setDeviceState(said.state)),
    signal: owner.signal,
    log: log.child({ part: 'gates' }),
  });
  const recordings = await openRecordings({
    ...{ config, report, clock },
    log: log.child({ part: 'recordings' }),
  });
  parts.defer(() => recordings?.close());
  if (tools !== undefined) {
    const publishState = link.setDeviceState;
    const surroundings = { pictures, recordings, emit: report, publishState, clock, signal: owner.signal };
    cameras = startCameras(config, tools, surroundings, log.child({ part: 'camera' }));
  }
  parts.defer(async () => {
    owner.abort();
    const devices = [gates.done, ...Array.from(cameras.values(), ({ done }) => done)];
    await Promise.race([Promise.allSettled(devices), sleep(DEVICES_PATIENCE_MS)]);
  });

  logStatus({
    link: () => link.figures(),
    refusedEvents: refused,
    liveViews: () => uplinks.liveCount,
    cameras: () => Object.fromEntries(Array.from(cameras, ([device, runner]) => [device, runner.stats()])),
    inference: () => {
      const { restartCount, hungCount, droppedCount } = tools?.faces ?? {};
      return tools?.faces && { restartCount, hungCount, droppedCount };
    },
    gateProcess: () => gates.pid,
    clock,
    log,
    signal: owner.signal,
  });
  signal.throwIfAborted();
  const running = parts.move();
  return { stop: () => running.disposeAsync() };
}
