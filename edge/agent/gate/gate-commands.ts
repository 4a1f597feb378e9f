import { DipperError } from '@dipper/contract/errors';
import type { DoorSight } from '@dipper/contract/gate-command';
import type { GateOutcome } from '../../access/gate-messages.ts';
import { CommandFailedError, type CommandHandlers } from '../../link/commands.ts';
import type { GateSupervisor } from './gate-supervisor.ts';

export interface GateCommandsOptions {
  readonly gates: Pick<GateSupervisor, 'command'>;
  /** Whether this agent looks after such a gate. */
  readonly has: (device: string) => boolean;
}

/** A slow barrier is up in six seconds; the link gives a command up after ten. */
const DEADLINE_MS = 8_000;

/** The guard's hand: commands of the hub, which the link has verified, on their way to the gate process. */
export function createGateCommandHandlers({ gates, has }: GateCommandsOptions): CommandHandlers {
  return {
    async 'gate.command'({ device, action }, { id }) {
      if (!has(device)) throw new DipperError('DEVICE_UNKNOWN');
      const outcome = await gates.command({ id, device, action, deadlineMs: DEADLINE_MS });
      const door = doorOf(outcome);
      if (outcome.ok) return { door };
      throw new CommandFailedError(outcome.code ?? 'GATE_COMMAND_UNCONFIRMED', outcome.message ?? '', { door });
    },
  };
}

function doorOf({ position, lock, hold }: GateOutcome): DoorSight {
  return { position, ...(lock !== undefined && { lock }), ...(hold !== undefined && { hold }) };
}
