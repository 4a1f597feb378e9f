import { createValidator } from '@dipper/contract/validation';
import pino from 'pino';
import { AccessMessage } from './access-messages.ts';
import type { GateObserver } from './driver.ts';
import { createGateFleet, type GateFleet } from './gate-fleet.ts';
import { ALIVE_INTERVAL_MS, FollowGates, GateCommand, type GateProcessMessage } from './gate-messages.ts';
import { type AccessPart, createAccessPart } from './record/access-part.ts';

/**
 * The gate loop as a process of its own, so that nothing that video, models or disks do delays a door. The edge agent
 * starts it with an IPC channel, tells it once which gates to follow, and hands it commands; it ends with its parent.
 */
const log = pino({ name: 'gate', level: process.env['LOG_LEVEL'] ?? 'info' });
const followGates = createValidator(FollowGates);
const gateCommand = createValidator(GateCommand);
const accessMessage = createValidator(AccessMessage);

/** Unsubscribing takes a second at most; whoever does not come to an end by then is left behind. */
const STOP_LIMIT_MS = 3_000;

const owner = new AbortController();
let fleet: GateFleet | undefined;
let access: AccessPart | undefined;

function tell(message: GateProcessMessage): void {
  if (process.connected) process.send?.(message);
}

let isStopping = false;

async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
  // Whoever decides goes first: nothing is opened after it was closed.
  await access?.close();
  await fleet?.letGo();
  owner.abort();
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

/** Whoever decides begins with the gates; until then nobody asks. */
const observer: GateObserver = {
  doorSeen: (...seen) => access?.doorSeen(...seen),
  inputSeen: (...seen) => access?.inputSeen(...seen),
  passageSeen: (...seen) => access?.passageSeen(...seen),
  notificationSeen: (...seen) => access?.notificationSeen(...seen),
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
  access = createAccessPart({
    ...{ gates: wanted.gates, drivers: fleet.drivers, log },
    emit: (event) => tell({ type: 'report', report: { kind: 'event', event } }),
    tell,
  });
}

/** What concerns decisions. */
function decide(message: unknown): void {
  if (accessMessage.is(message)) access?.receive(message);
  // Not the message: it holds a key.
  else log.error({ problems: accessMessage.problems(message) }, 'a message about access is not as its schema says');
}

async function command(message: unknown): Promise<void> {
  if (!gateCommand.is(message)) {
    log.error({ problems: gateCommand.problems(message) }, 'a command is not as its schema says');
    return;
  }
  if (fleet !== undefined) tell(await fleet.command(message));
}

const handlers: Readonly<Record<string, (message: unknown) => unknown>> = {
  ...{ follow, command },
  ...{ access: decide, trust: decide, policy: decide, factor: decide, forgive: decide },
};

process.on('message', (message) => {
  const type = typeof message === 'object' && message !== null && 'type' in message ? String(message.type) : '';
  if (Object.hasOwn(handlers, type)) handlers[type]?.(message);
  else log.error({ type }, 'the agent said something that the gate process does not know');
});
