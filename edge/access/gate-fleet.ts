import type { Logger } from 'pino';
import type { GateDriver, GateObserver } from './driver.ts';
import { createGate, type Gate } from './gate.ts';
import { runGateLoop } from './gate-loop.ts';
import type { FollowGates, GateCommand, GateOutcome, GateReport } from './gate-messages.ts';

export interface GateFleetOptions {
  readonly follow: FollowGates;
  readonly onReport: (report: GateReport) => void;
  /** Whoever decides, and learns of what the gates do. */
  readonly observer: GateObserver;
  /** Lets go of all gates. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export interface GateFleet {
  /** By device. */
  readonly drivers: ReadonlyMap<string, GateDriver>;
  /** Carries out a command of the agent. Never rejects. */
  command(command: GateCommand): Promise<GateOutcome>;
  /** Ends what gates that fail secure were opened for; to be called before the signal is aborted. Never rejects. */
  letGo(): Promise<void>;
  /** Settles once every gate has been let go. */
  readonly done: Promise<void>;
}

/** Follows all gates of an edge. They have nothing in common but the fire: where it burns at one, none is shut. */
export function createGateFleet(options: GateFleetOptions): GateFleet {
  const { follow, signal, log } = options;
  const onFire = new Set<string>();
  const gates: { readonly gate: Gate; readonly config: FollowGates['gates'][number] }[] = follow.gates.map(
    (config) => ({
      config,
      gate: createGate({
        config,
        forcedSinceMs: follow.forcedSinceMs[config.device],
        heldOpenSinceMs: follow.heldOpenSinceMs?.[config.device],
        notedHold: follow.holds?.[config.device],
        onReport: options.onReport,
        observer: options.observer,
        isFire: () => onFire.size > 0,
        onFire(device, isFire) {
          const before = onFire.size > 0;
          if (isFire) onFire.add(device);
          else onFire.delete(device);
          if (onFire.size > 0 !== before) for (const { gate } of gates) gate.fireChanged();
        },
      }),
    }),
  );
  for (const { gate } of gates) {
    const { device, sight } = gate.driver;
    if (sight.hold === 'locked' || sight.hold === 'held-open') {
      log.warn({ device, hold: sight.hold, noted: follow.holds?.[device] }, 'a gate is kept as it was');
    }
  }
  const drivers = new Map(gates.map(({ gate }) => [gate.driver.device, gate.driver]));
  const loops = gates.map(({ gate, config }) => runGateLoop({ config, gate, signal, log }));

  return {
    drivers,
    letGo: () => Promise.all(gates.map(({ gate }) => gate.letGo())).then(() => undefined),
    done: Promise.all(loops).then(() => undefined),
    async command({ id, device, action, deadlineMs }) {
      const driver = drivers.get(device);
      if (driver === undefined) {
        const message = 'This edge has no such gate.';
        return { type: 'outcome', id, ok: false, code: 'GATE_UNKNOWN', message, position: 'unknown' };
      }
      const outcome = await driver.command(action, { deadlineMs, signal, correlation: id });
      const { ok, position, lock, hold } = outcome;
      return {
        ...{ type: 'outcome', id, ok, position },
        ...(outcome.ok ? {} : { code: outcome.code, message: outcome.message.slice(0, 512) }),
        ...(lock === undefined ? {} : { lock }),
        ...(hold === undefined ? {} : { hold }),
      };
    },
  };
}
