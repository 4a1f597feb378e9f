import type { GateCommand, GateOutcome } from '../../access/gate-messages.ts';

export interface PendingCommands {
  /** Resolves with what the gate process says, or with what its silence means. Never rejects. */
  give(command: Omit<GateCommand, 'type'>): Promise<GateOutcome>;
  settle(outcome: GateOutcome): void;
  /** The gate process has ended: nobody will say what became of these. */
  abandon(): void;
}

/** The gate process answers at its deadline; what it takes beyond that is the way to it. */
const GRACE_MS = 1_000;

/** Commands on their way to the gate process. @param send false or undefined when there is none */
export function createPendingCommands(send: (message: GateCommand) => boolean | undefined): PendingCommands {
  const pending = new Map<
    string,
    { readonly settle: (outcome: GateOutcome) => void; readonly timer: NodeJS.Timeout }
  >();

  function settle(outcome: GateOutcome): void {
    const waiting = pending.get(outcome.id);
    if (waiting === undefined) return;
    pending.delete(outcome.id);
    clearTimeout(waiting.timer);
    waiting.settle(outcome);
  }

  return {
    settle,
    give(command) {
      return new Promise((resolve) => {
        const silence = (): void =>
          settle(failure(command.id, 'GATE_COMMAND_UNCONFIRMED', 'The gate process did not say what became of it.'));
        const timer = setTimeout(silence, command.deadlineMs + GRACE_MS);
        pending.set(command.id, { settle: resolve, timer });
        if (send({ type: 'command', ...command }) === undefined) {
          settle(failure(command.id, 'GATE_ABORTED', 'The gate process is being started again.'));
        }
      });
    },
    abandon() {
      for (const id of [...pending.keys()]) settle(failure(id, 'GATE_ABORTED', 'The gate process ended meanwhile.'));
    },
  };
}

function failure(id: string, code: NonNullable<GateOutcome['code']>, message: string): GateOutcome {
  return { type: 'outcome', id, ok: false, code, message, position: 'unknown' };
}
