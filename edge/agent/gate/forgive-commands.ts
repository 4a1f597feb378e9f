import type { CommandHandlers } from '../../link/commands.ts';
import type { GateSupervisor } from './gate-supervisor.ts';

/** The reset of anti-passback by hand: a command of the hub, which the link has verified, on its way to the gate process. */
export function createForgiveHandlers(gates: Pick<GateSupervisor, 'forgive'>): CommandHandlers {
  return {
    'access.forgive': async ({ whom }, { id }) => ({ forgotten: await gates.forgive(id, whom) }),
  };
}
