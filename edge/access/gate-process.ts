import { createValidator } from '@dipper/contract/validation';
import pino from 'pino';
import type { GateObserver } from './driver.ts';
import { createGateFleet, type GateFleet } from './gate-fleet.ts';
import { ALIVE_INTERVAL_MS, FollowGates, GateCommand, type GateProcessMessage } from './gate-messages.ts';

/**
 * The gate loop as a process of its own, so that nothing that video, models or disks do delays a door. The edge agent
 * starts it with an IPC channel, tells it once which gates to follow, and hands it commands; it ends with its parent.
 */
const log = pino({ name: 'gate', level: process.env['LOG_LEVEL'] ?? 'info' });
const followGates = createValidator(FollowGates);
const gateCommand = createValidator(GateCommand);

/** Unsubscribing takes a second at most; whoever does not come to an end by then is left behind. */
const STOP_LIMIT_MS = 3_000;

const owner = new AbortController();
let fleet: GateFleet | undefined;

function tell(message: GateProcessMessage): void {
  if (process.connected) process.send?.(message);
}

async function stop(): Promise<void> {
  if (owner.signal.aborted) return;
  owner.abort();
  setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
  await fleet?.done;
  process.exit(0);
}

if (process.send === undefined) {
  log.fatal('the gate process is started by the edge agent, not by hand: run `npm run edge -- --config FILE`');
  process.exit(1);
}

process.on('disconnect', () => void stop());
process.on('SIGTERM', () => void stop());
// Ctrl-C reaches the whole process group; the agent decides when its gates are let go.
process.on('SIGINT', () => undefined);

/** Nobody decides here yet: what the gates do is told and that is all. */
const observer: GateObserver = {
  doorSeen: () => undefined,
  inputSeen: () => undefined,
  passageSeen: () => undefined,
  notificationSeen: () => undefined,
};

function follow(message: unknown): void {
  if (fleet !== undefined) return;
  const wanted = followGates.parse(message);
  setInterval(() => tell({ type: 'alive' }), ALIVE_INTERVAL_MS).unref();
  log.info({ gates: wanted.gates.map(({ device }) => device) }, 'following gates');
  fleet = createGateFleet({
    ...{ follow: wanted, observer, signal: owner.signal, log },
    onReport: (report) => tell({ type: 'report', report }),
  });
}

async function command(message: unknown): Promise<void> {
  if (!gateCommand.is(message)) {
    log.error({ problems: gateCommand.problems(message) }, 'a command is not as its schema says');
    return;
  }
  if (fleet !== undefined) tell(await fleet.command(message));
}

const handlers: Readonly<Record<string, (message: unknown) => unknown>> = { follow, command };

process.on('message', (message) => {
  const type = typeof message === 'object' && message !== null && 'type' in message ? String(message.type) : '';
  if (Object.hasOwn(handlers, type)) handlers[type]?.(message);
  else log.error({ type }, 'the agent said something that the gate process does not know');
});
