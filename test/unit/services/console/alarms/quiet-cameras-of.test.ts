import type { DeviceView } from '@dipper/contract/api/inventory';
import { describe, expect, it } from 'vitest';
import { quietCamerasOf } from '../../../../../services/console/alarms/quiet-cameras-of.ts';

const since = '2026-11-24T00:00:00.000Z';

function camera(
  id: string,
  picture: 'ok' | 'frozen' | 'covered' | 'unknown',
  connection: 'online' | 'unreachable' = 'online',
): DeviceView {
  return {
    id,
    kind: 'camera',
    name: { zh: id, en: id },
    estate: 'sunshine',
    agent: 'edge',
    place: null,
    state: { kind: 'camera', device: id, connection, since, picture },
    reportedAt: since,
  };
}

describe('cameras of a quiet desk', () => {
  it('are two at the most, and only such as show something', () => {
    const devices = [
      camera('offline', 'ok', 'unreachable'),
      camera('frozen', 'frozen'),
      camera('covered', 'covered'),
      { ...camera('silent', 'ok'), state: null },
      camera('first', 'ok'),
      camera('second', 'unknown'),
      camera('third', 'ok'),
    ];
    expect(quietCamerasOf(devices).map(({ id }) => id)).toEqual(['first', 'second']);
  });
});
