import type { AgentView, DeviceView } from '@dipper/contract/api/inventory';

/** What a device's last message is worth now. */
export type DeviceStanding = 'good' | 'warning' | 'bad' | 'unknown';

/** A state that came from an agent which has gone since is hearsay: nobody knows how the device is now. */
export function deviceStandingOf(
  { state }: Pick<DeviceView, 'state'>,
  agent: Pick<AgentView, 'state'> | undefined,
): DeviceStanding {
  if (state === null || (agent !== undefined && agent.state !== 'online')) return 'unknown';
  switch (state.connection) {
    case 'online':
      return state.kind === 'camera' && state.picture !== 'ok' && state.picture !== 'unknown' ? 'bad' : 'good';
    case 'connecting':
    case 'degraded':
      return 'warning';
    case 'refused':
    case 'unreachable':
      return 'bad';
  }
}
