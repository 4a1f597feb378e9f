import { createValidator } from '@dipper/contract/validation';
import pino from 'pino';
import { runGateLoop } from './gate-loop.ts';
import { ALIVE_INTERVAL_MS, FollowGates, type GateProcessMessage } from './gate-messages.ts';

/**
 * The gate loop as a process of its own, so that nothing that video, models or disks do delays a door. The edge agent
 * starts it with an IPC channel and tells it once which gates to follow; it ends with its parent.
 */
const log = pino({ name: 'gate', level: process.env['LOG_LEVEL'] ?? 'info' });
const followGates = createValidator(FollowGates);

/** Unsubscribing takes a second at most; whoever does not come to an end by then is left behind. */
const STOP_LIMIT_MS = 3_000;

const owner = new AbortController();
let loops: Promise<unknown> | undefined;

function tell(message: GateProcessMessage): void {
  if (process.connected) process.send?.(message);
}

async function stop(): Promise<void> {
  if (owner.signal.aborted) return;
  owner.abort();
  setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
  await loops;
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

process.on('message', (message) => {
  if (loops !== undefined) return;
  const { gates, forcedSinceMs } = followGates.parse(message);
  setInterval(() => tell({ type: 'alive' }), ALIVE_INTERVAL_MS).unref();
  log.info({ gates: gates.map(({ device }) => device) }, 'following gates');
  loops = Promise.all(
    gates.map((config) =>
      runGateLoop({
        config,
        forcedSinceMs: forcedSinceMs[config.device],
        onReport: (report) => tell({ type: 'report', report }),
        signal: owner.signal,
        log,
      }),
    ),
  );
});
