import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createValidator } from '@dipper/contract/validation';
import type { Logger } from 'pino';
import type { AccessSetup } from '../../access/access-messages.ts';
import type { GateConfig } from '../../access/gate-config.ts';
import {
  type FollowGates,
  type GateCommand,
  type GateOutcome,
  GateProcessMessage,
  type GateReport,
} from '../../access/gate-messages.ts';
import { type AccessLink, createAccessLink } from './access-link.ts';
import { openHoldsNote } from './holds-note.ts';
import { createPendingCommands } from './pending-commands.ts';

export interface GateSupervisorOptions {
  readonly gates: readonly GateConfig[];
  /** Who decides here, and where it is remembered. Default: nothing is decided, gates are followed and commanded. */
  readonly access?: Omit<AccessSetup, 'type'>;
  /** Where it is written down which gates are kept locked or open. Default: that does not outlive this agent. */
  readonly holdsFile?: string;
  /** Called for each event draft and each device state, in order. */
  readonly onReport: (report: GateReport) => void;
  /** Ends the gate process. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** How long the gate process may give no sign of life. */
  readonly aliveTimeoutMs?: number;
}

export interface GateSupervisor
  extends Pick<AccessLink, 'setTrust' | 'setPolicy' | 'offerFactor' | 'forgive' | 'policy'> {
  /** The gate process, undefined between two of them. */
  readonly pid: number | undefined;
  /** Has a gate do something. Never rejects: a gate process that ends meanwhile is an outcome as well. */
  command(command: Omit<GateCommand, 'type'>): Promise<GateOutcome>;
  /** Settles once the gate process is gone for good. */
  readonly done: Promise<void>;
}

const GATE_PROCESS = fileURLToPath(new URL('../../access/gate-process.ts', import.meta.url));
const RESTART_MIN_MS = 250;
const RESTART_MAX_MS = 10_000;
/** A process that lived for this long had no fault of its own; the next failure is a first one again. */
const STEADY_AFTER_MS = 60_000;
/** Ten signs of life missed. */
const DEFAULT_ALIVE_TIMEOUT_MS = 10_000;
/** The process unsubscribes from its controllers on the way out. */
const STOP_TIMEOUT_MS = 4_000;

const processMessage = createValidator(GateProcessMessage);

/**
 * Before everything else on this machine, where that is allowed: to root, or with CAP_SYS_NICE (`AmbientCapabilities=` of a
 * systemd unit). Elsewhere it runs as the agent does, ahead of decoders and models, which stand back.
 */
const NICENESS = -10;

function comeFirst(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, NICENESS);
  } catch {
    // Not allowed, or it has ended, which is noticed elsewhere.
  }
}

/** Only what the process needs: no secret of the agent's environment goes on. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, TZ, LOG_LEVEL } = process.env;
  return { ...(PATH ? { PATH } : {}), ...(TZ ? { TZ } : {}), ...(LOG_LEVEL ? { LOG_LEVEL } : {}) };
}

function unfollowed(device: string, sinceMs: number): GateReport {
  return {
    kind: 'state',
    state: {
      kind: 'gate',
      device,
      connection: 'degraded',
      since: new Date(sinceMs).toISOString(),
      cause: 'GATE_PROCESS_ENDED',
      message: 'The gate process ended and is being started again.',
      position: 'unknown',
      relay: 'unknown',
      contact: 'unknown',
    },
  };
}

/**
 * Keeps the gate process running: starts it, tells it what to follow, hands on its reports, starts it again with growing
 * pauses when it ends, and kills it when it gives no sign of life. Without gates there is no process.
 */
export function createGateSupervisor(options: GateSupervisorOptions): GateSupervisor {
  const { gates, onReport, signal, log } = options;
  const aliveTimeoutMs = options.aliveTimeoutMs ?? DEFAULT_ALIVE_TIMEOUT_MS;
  // Outlives the process, so that a gate forced open before a crash is told closed after it. What was told before this
  // agent started is not known: the first time that a gate is seen closed ends it.
  const forcedSinceMs: FollowGates['forcedSinceMs'] = Object.fromEntries(
    gates.map(({ device }) => [device, 'unknown'] as const),
  );
  const heldOpenSinceMs: FollowGates['forcedSinceMs'] = { ...forcedSinceMs };
  const holds = openHoldsNote({
    path: options.holdsFile,
    devices: gates.filter(({ driver }) => driver !== 'door').map(({ device }) => device),
    onError: (error) => log.error({ err: error }, 'which gates are kept locked or open cannot be read or written down'),
  });
  let child: ChildProcess | undefined;
  const commands = createPendingCommands((message) => child?.send(message));
  const access = createAccessLink((message) => child?.send(message), options.access);

  function take(message: unknown): void {
    if (!processMessage.is(message)) {
      log.error(
        { problems: processMessage.problems(message) },
        'the gate process said something that is not in its schema',
      );
      return;
    }
    if (message.type === 'outcome') commands.settle(message);
    if (message.type === 'policy-note' || message.type === 'forgiven') access.take(message);
    if (message.type !== 'report') return;
    const { report } = message;
    if (report.kind === 'state' && report.state.kind === 'gate') {
      const { device, hold } = report.state;
      if (hold !== undefined && hold !== 'unknown') holds.set(device, hold);
    }
    if (report.kind === 'event') remember(report.event);
    onReport(report);
  }

  /** What the next process has to end. */
  function remember({ type, device, data }: Extract<GateReport, { kind: 'event' }>['event']): void {
    if (type !== 'gate.forced' && type !== 'gate.held-open') return;
    const since = type === 'gate.forced' ? forcedSinceMs : heldOpenSinceMs;
    if (data.phase === 'started') since[device] = Date.parse(data.since);
    else delete since[device];
  }

  /** One life of the process, from start to exit. */
  async function runOnce(): Promise<{ code: number | null; killedBy: NodeJS.Signals | null }> {
    const started = fork(GATE_PROCESS, [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: environment(),
      execArgv: [],
    });
    comeFirst(started.pid);
    child = started;
    const exit = once(started, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    let killTimer: NodeJS.Timeout | undefined;
    const stop = () => {
      started.kill('SIGTERM');
      killTimer = setTimeout(() => started.kill('SIGKILL'), STOP_TIMEOUT_MS);
    };
    const watchdog = setTimeout(() => {
      log.error({ pid: started.pid, aliveTimeoutMs }, 'the gate process gives no sign of life; killing it');
      started.kill('SIGKILL');
    }, aliveTimeoutMs);
    started.on('message', (message) => {
      watchdog.refresh();
      take(message);
    });
    signal.addEventListener('abort', stop, { once: true });
    const follow: FollowGates = {
      ...{ type: 'follow', gates: [...gates], forcedSinceMs, heldOpenSinceMs, holds: holds.holds },
    };
    started.send(follow, (error) => {
      if (error) log.warn({ err: error }, 'the gate process ended before it heard what to follow');
    });
    access.begin();
    try {
      const [code, killedBy] = await exit;
      return { code, killedBy };
    } finally {
      clearTimeout(watchdog);
      clearTimeout(killTimer);
      signal.removeEventListener('abort', stop);
      child = undefined;
      commands.abandon();
      access.end();
    }
  }

  async function run(): Promise<void> {
    let restartDelayMs = RESTART_MIN_MS;
    while (!signal.aborted) {
      const startedAtMs = performance.now();
      const outcome = await runOnce().catch((error: unknown) => ({ error }));
      if (signal.aborted) return;
      for (const { device } of gates) onReport(unfollowed(device, Date.now()));
      if (performance.now() - startedAtMs > STEADY_AFTER_MS) restartDelayMs = RESTART_MIN_MS;
      log.error({ ...outcome, restartInMs: restartDelayMs }, 'the gate process ended');
      await sleep(restartDelayMs, undefined, { signal }).catch(() => undefined);
      restartDelayMs = Math.min(RESTART_MAX_MS, restartDelayMs * 2);
    }
  }

  const done = gates.length === 0 ? Promise.resolve() : run();
  return {
    get pid() {
      return child?.pid;
    },
    async command(command) {
      const outcome = await commands.give(command);
      // Whoever is told of a lock may count on it.
      await holds.written();
      return outcome;
    },
    setTrust: access.setTrust,
    setPolicy: access.setPolicy,
    offerFactor: access.offerFactor,
    forgive: access.forgive,
    get policy() {
      return access.policy;
    },
    done,
  };
}
