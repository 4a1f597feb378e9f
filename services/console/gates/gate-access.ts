import type { AgentView, DeviceView } from '@dipper/contract/api/inventory';
import { DOOR_ACTIONS, type DoorAction } from '@dipper/contract/door-action';
import type { FeedPhase } from '../feed/feed-client.ts';

/** Why nobody can have a gate do something now; undefined where one can. */
export type GateObstacle = 'blind' | 'agentOffline' | 'unreported' | 'unreachable' | 'refused';

/** A page that is blind shows the past, and a command whose result nobody sees is none. */
export function obstacleOf(
  { state }: Pick<DeviceView, 'state'>,
  agent: Pick<AgentView, 'state'> | undefined,
  phase: FeedPhase,
): GateObstacle | undefined {
  if (phase === 'lost') return 'blind';
  if (agent !== undefined && agent.state !== 'online') return 'agentOffline';
  if (state === null) return 'unreported';
  if (state.connection === 'unreachable' || state.connection === 'refused') return state.connection;
  return undefined;
}

/** What lasts until somebody ends it is asked for twice. */
export function isLasting(action: DoorAction): boolean {
  return action === 'hold-open' || action === 'lock' || action === 'block';
}

/** What a gate can be told: what its edge says of it, or anything where the edge does not say. */
export function actionsOf({ state }: Pick<DeviceView, 'state'>): readonly DoorAction[] {
  return (state?.kind === 'gate' ? state.actions : undefined) ?? DOOR_ACTIONS;
}

/** What stands on the tile itself, in this order; the rest is behind "more". */
export const TILE_ACTIONS: readonly DoorAction[] = ['open', 'hold-open', 'lock', 'release'];
export const MORE_ACTIONS: readonly DoorAction[] = ['close', 'block'];

export const QUICK_REASONS = {
  open: ['visitor', 'delivery', 'credential', 'emergency'],
  'hold-open': ['traffic', 'emergency', 'works'],
  close: ['over', 'safety'],
  lock: ['safety', 'works'],
  block: ['safety', 'works'],
  release: ['over', 'mistake'],
} as const satisfies Record<DoorAction, readonly string[]>;
