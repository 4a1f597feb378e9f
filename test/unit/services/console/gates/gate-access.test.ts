import type { DeviceView } from '@dipper/contract/api/inventory';
import { DOOR_ACTIONS } from '@dipper/contract/door-action';
import { expect, it } from 'vitest';
import {
  actionsOf,
  isLasting,
  MORE_ACTIONS,
  obstacleOf,
  TILE_ACTIONS,
} from '../../../../../services/console/gates/gate-access.ts';

const gate = (connection: string): Pick<DeviceView, 'state'> => ({
  state: {
    ...{ kind: 'gate', device: 'barrier', connection, since: '2026-11-24T08:00:00.000Z' },
    ...{ position: 'closed', relay: 'inactive', contact: 'closed' },
  } as DeviceView['state'],
});
const online = { state: 'online' } as const;

it('a gate can be told something only by who sees it', () => {
  expect(obstacleOf(gate('online'), online, 'live')).toBeUndefined();
  expect(obstacleOf(gate('degraded'), undefined, 'live')).toBeUndefined();
  expect(obstacleOf(gate('online'), online, 'lost')).toBe('blind');
  expect(obstacleOf(gate('online'), { state: 'offline' }, 'live')).toBe('agentOffline');
  expect(obstacleOf({ state: null }, online, 'live')).toBe('unreported');
  expect(obstacleOf(gate('unreachable'), online, 'live')).toBe('unreachable');
  expect(obstacleOf(gate('refused'), online, 'live')).toBe('refused');
});

it('is offered what its edge says it can, and anything where the edge does not say', () => {
  const { state } = gate('online');
  expect(actionsOf({ state })).toEqual(DOOR_ACTIONS);
  expect(actionsOf({ state: null })).toEqual(DOOR_ACTIONS);
  expect(actionsOf({ state: { ...state, actions: ['open'] } as DeviceView['state'] })).toEqual(['open']);
});

it('every action has its place, and what lasts is asked for twice', () => {
  expect([...TILE_ACTIONS, ...MORE_ACTIONS].sort()).toEqual([...DOOR_ACTIONS].sort());
  expect(DOOR_ACTIONS.filter(isLasting)).toEqual(['hold-open', 'lock', 'block']);
});
