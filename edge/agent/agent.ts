import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { systemClock } from '../link/clock.ts';
import { openHubKeys } from '../link/hub-keys.ts';
import { createHubTime } from '../link/hub-time.ts';
import { createLink } from '../link/link.ts';
import { openOutbox } from '../link/outbox.ts';
import { createWatchThread } from '../onvif/watch-thread.ts';
import packageJson from '../package.json' with { type: 'json' };
import type { RecordingStore } from '../video/recording/recording-store.ts';
import { type CameraFleet, createCameraFleet, createCameraTools } from './cameras.ts';
import { watchClock } from './clock-watch.ts';
import { type CameraChanges, sectionsForRestart } from './config/compare-configs.ts';
import { ConfigRestartError } from './config/config-error.ts';
import type { EdgeConfig } from './config/read-config.ts';
import { openAccessPolicy } from './gate/access-policy.ts';
import { createForgiveHandlers } from './gate/forgive-commands.ts';
import { createActionsTeller } from './gate/gate-actions.ts';
import { createGateCommandHandlers } from './gate/gate-commands.ts';
import { createGateSupervisor } from './gate/gate-supervisor.ts';
import { createShedding } from './load/shedding.ts';
import { createPictureStore } from './picture-store/picture-store.ts';
import { createPtzDesk } from './ptz/ptz-desk.ts';
import { openTurningNote } from './ptz/turning-note.ts';
import { openRecognition, recognitionHandlers } from './recognition/open-recognition.ts';
import type { Recognition } from './recognition/recognition.ts';
import { createRecordingDesk, recordingModes } from './recording-desk.ts';
import { openRecordings, recordingBudgets } from './recordings.ts';
import { createReportDesk } from './report.ts';
import { createSnapshotHandlers } from './snapshots.ts';
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
  /**
   * Takes up what changed about the cameras; the others keep their streams. It is taken whole or not at all.
   * @throws ConfigRestartError; FfmpegError, ModelError about what a new camera needs
   */
  reload(next: EdgeConfig): Promise<CameraChanges>;
  /** Tells that a new configuration was not taken. */
  refuse(error: Error & { readonly code: string }): void;
  /** Lets devices, pictures and the broker go, in that order; takes less than five seconds. */
  stop(): Promise<void>;
}

/** How long devices may take to be let go before the broker is told that we are off. */
const DEVICES_PATIENCE_MS = 2_000;
/** What an event may carry of a refusal's reasons; the log has them all. */
const MAX_MESSAGE_LENGTH = 512;

/** Which configuration runs, and what became of the last one that was offered. */
interface ConfigState {
  appliedAtMs: number;
  refused: { readonly code: string; readonly atMs: number } | undefined;
}

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
  const keys = await openHubKeys({
    pinned: config.hub.publicKeyFile,
    learnt: join(config.dataDir, 'hub-keys.json'),
  });
  const hubTime = createHubTime(clock);
  const pictures = await createPictureStore({
    ...media,
    clock: { nowMs: () => hubTime.now().atMs, monotonicMs: clock.monotonicMs },
    signal: tail.signal,
    log: log.child({ part: 'pictures' }),
  });
  parts.defer(() => pictures.close());
  const tools = createCameraTools({ models: config.models, env, onProgress, starting: signal, signal: tail.signal });
  parts.use(tools);
  await tools.prepare(config.cameras);
  const outbox = openOutbox({ ...outboxConfig, origin, clock, hubTime });
  parts.defer(() => outbox.close());
  if (outbox.movedCorruptTo !== undefined) {
    log.error({ code: 'OUTBOX_CORRUPT', movedTo: outbox.movedCorruptTo }, 'the outbox was damaged; a new one is begun');
  }

  let fleet: CameraFleet | undefined;
  const shedding = createShedding({
    pressed: () => fleet?.takePressure(),
    onChange(shed) {
      log[shed.length > 0 ? 'warn' : 'info']({ shed }, 'what this machine has no time for');
      fleet?.noteLoad();
    },
    ...{ clock, signal: owner.signal },
  });
  const uplinks = createUplinks({
    ca: config.hub.ca,
    camera: (device) => fleet?.find(device),
    pictures,
    log: log.child({ part: 'uplinks' }),
    signal: owner.signal,
  });
  let recordings: RecordingStore | undefined;
  let recorded = recordingModes(config.cameras);
  const recordingDesk = createRecordingDesk({
    ca: config.hub.ca,
    store: () => recordings,
    mode: (device) => recorded.get(device),
    isShed: () => shedding.sheds('rest'),
    clock,
    log: log.child({ part: 'recordings' }),
    signal: owner.signal,
  });
  const cameraConfig = (device: string) => fleet?.configOf(device);
  const ptz = createPtzDesk({
    ...{ camera: cameraConfig, clock, log: log.child({ part: 'ptz' }) },
    note: openTurningNote(join(config.dataDir, 'turning-cameras.json')),
    onTurned: (device) => fleet?.find(device)?.noteTurned(),
  });
  const withActions = createActionsTeller(config.gates);
  const gateDevices = new Set(config.gates.map(({ device }) => device));
  let recognition: Recognition | undefined;
  const handlers = {
    ...recognitionHandlers(() => recognition),
    ...{ ...uplinks.handlers, ...recordingDesk.handlers, ...ptz.handlers },
    ...createSnapshotHandlers({ camera: cameraConfig, ca: config.hub.ca, signal: owner.signal }),
    ...createGateCommandHandlers({
      gates: { command: (command) => gates.command(command) },
      has: (device) => gateDevices.has(device),
    }),
    ...createForgiveHandlers({ forgive: (id, whom) => gates.forgive(id, whom) }),
  };
  const policyLog = log.child({ part: 'policy' });
  const policy = await openAccessPolicy({ config, keys, clock, log: policyLog, signal: owner.signal });
  const linkLog = log.child({ part: 'link' });
  const link = createLink({
    ...{ origin, bootId, version, broker: config.mqtt, keys, outbox, hubTime, clock, log: linkLog, handlers, policy },
  });
  parts.defer(() => link.close());
  const { report, refused } = createReportDesk(link, log, options.onFatal);
  report({ type: 'agent.started', occurredAtMs: clock.nowMs(), data: { bootId, version } });
  watchClock(clock, report, owner.signal);

  const gates = createGateSupervisor({
    gates: config.gates,
    access: { ...origin, memoryFile: config.access.memoryFile, readers: [...config.readers] },
    holdsFile: join(config.dataDir, 'gate-holds.json'),
    onReport: (said) => (said.kind === 'event' ? report(said.event) : link.setDeviceState(withActions(said.state))),
    signal: owner.signal,
    log: log.child({ part: 'gates' }),
  });
  const trust = () => gates.setTrust({ hubKeys: keys.list(), credentialKey: config.policy?.credentialKey });
  trust();
  keys.onReplaced(trust);
  policy?.follow(({ file }) => gates.setPolicy({ file }));
  recognition = await openRecognition({
    ...{ config, policy, report, gates, clock, signal: owner.signal, log: log.child({ part: 'faces' }) },
    models: () => tools.recognition,
  });
  parts.defer(() => recognition?.close());
  const budgets = recordingBudgets(config.cameras);
  const recordingsOptions = { config, budgets, report, clock, log: log.child({ part: 'recordings' }) };
  recordings = await openRecordings(recordingsOptions);
  parts.defer(() => recordings?.close());
  const watchThread = createWatchThread();
  parts.defer(() => watchThread.close());
  const cameras = createCameraFleet({
    ...{
      watchThread,
      tools,
      pictures,
      recordings: () => recordings,
      emit: report,
      publishState: link.setDeviceState,
      sheds: shedding.sheds,
      clock,
    },
    recogniseAt: (camera, accessPoint) => recognition?.watch(camera, accessPoint)?.observe,
    offerPlate: (device, camera, { plate, atMs, evidence }) =>
      gates.offerFactor({ ...{ device, factor: 'plate', value: plate, atMs }, evidence: { camera, ...evidence } }),
    ...{ log: log.child({ part: 'camera' }), signal: owner.signal },
  });
  fleet = cameras;
  await cameras.apply(config.cameras);
  ptz.stopLeft();
  parts.defer(async () => {
    await ptz.close();
    owner.abort();
    const devices = [gates.done, cameras.done()];
    await Promise.race([Promise.allSettled(devices), sleep(DEVICES_PATIENCE_MS)]);
  });

  const configState: ConfigState = { appliedAtMs: clock.nowMs(), refused: undefined };
  async function reload(next: EdgeConfig): Promise<CameraChanges> {
    const sections = sectionsForRestart(config, next);
    if (sections.length > 0) throw new ConfigRestartError(sections);
    await tools.prepare(next.cameras);
    for (const device of budgets.keys()) budgets.delete(device);
    for (const [device, budget] of recordingBudgets(next.cameras)) budgets.set(device, budget);
    recordings ??= await openRecordings(recordingsOptions);
    const changes = await cameras.apply(next.cameras);
    recorded = recordingModes(next.cameras);
    Object.assign(configState, { appliedAtMs: clock.nowMs(), refused: undefined });
    report({
      type: 'agent.configured',
      occurredAtMs: clock.nowMs(),
      data: { outcome: 'applied', cameras: { ...changes } },
    });
    return changes;
  }
  function refuse({ code, message }: Error & { readonly code: string }): void {
    configState.refused = { code, atMs: clock.nowMs() };
    const data = { outcome: 'refused', cause: code, message: message.slice(0, MAX_MESSAGE_LENGTH) } as const;
    report({ type: 'agent.configured', occurredAtMs: clock.nowMs(), data });
  }

  logStatus({
    link: () => link.figures(),
    refusedEvents: refused,
    liveViews: () => uplinks.liveCount,
    recordingsSent: () => recordingDesk.sending,
    config: () => configState,
    shedding: () => shedding.stats(),
    lateness: () => shedding.takeLateness(),
    cameras: () => cameras.stats(),
    inference: () => {
      const figuresOf = (worker: typeof tools.faces | typeof tools.plates) =>
        worker && {
          restartCount: worker.restartCount,
          hungCount: worker.hungCount,
          droppedCount: worker.droppedCount,
        };
      return { faces: figuresOf(tools.faces), plates: figuresOf(tools.plates) };
    },
    gateProcess: () => gates.pid,
    clock,
    log,
    signal: owner.signal,
  });
  signal.throwIfAborted();
  const running = parts.move();
  return { reload, refuse, stop: () => running.disposeAsync() };
}
