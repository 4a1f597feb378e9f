import type { DeviceView } from '@dipper/contract/api/inventory';
import { describe, expect, it } from 'vitest';
import { deviceStandingOf } from '../../../../../services/console/devices/device-standing.ts';

function camera(rest: object): Pick<DeviceView, 'state'> {
  const base = {
    kind: 'camera',
    device: 'cam',
    connection: 'online',
    since: '2026-11-24T00:00:00.000Z',
    picture: 'ok',
  };
  return { state: { ...base, ...rest } as DeviceView['state'] };
}

describe('what a device’s last message is worth', () => {
  it('is good only with a picture that moves', () => {
    expect(deviceStandingOf(camera({}), { state: 'online' })).toBe('good');
    expect(deviceStandingOf(camera({ picture: 'frozen' }), { state: 'online' })).toBe('bad');
    expect(deviceStandingOf(camera({ picture: 'covered' }), { state: 'online' })).toBe('bad');
    expect(deviceStandingOf(camera({ connection: 'unreachable' }), { state: 'online' })).toBe('bad');
    expect(deviceStandingOf(camera({ connection: 'degraded' }), { state: 'online' })).toBe('warning');
  });

  it('is nothing once the agent that sent it has gone', () => {
    expect(deviceStandingOf(camera({}), { state: 'offline' })).toBe('unknown');
    expect(deviceStandingOf({ state: null }, { state: 'online' })).toBe('unknown');
  });
});
