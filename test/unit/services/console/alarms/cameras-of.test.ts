import type { DeviceView } from '@dipper/contract/api/inventory';
import { describe, expect, it } from 'vitest';
import { camerasOf } from '../../../../../services/console/alarms/cameras-of.ts';

function device(id: string, kind: DeviceView['kind'], place: string | null): DeviceView {
  const name = { zh: id, en: id };
  return { id, kind, name, estate: 'sunshine', agent: 'edge', place, state: null, reportedAt: null };
}

const DEVICES = [
  device('gate', 'gate', 'east'),
  device('overview', 'camera', 'east'),
  device('face', 'camera', 'east'),
  device('west', 'camera', 'west'),
  device('loose', 'camera', null),
];

function ids(...alarms: { device: string | null; place: string | null }[]): string[] {
  return camerasOf(alarms, DEVICES).map(({ id }) => id);
}

describe('cameras that show what an alarm is about', () => {
  it('begin with the one that raised it', () => {
    expect(ids({ device: 'face', place: 'east' })).toEqual(['face', 'overview']);
  });

  it('are those beside a barrier, which sees nothing itself', () => {
    expect(ids({ device: 'gate', place: 'east' })).toEqual(['overview', 'face']);
  });

  it('are none for an alarm of no place, rather than any', () => {
    expect(ids({ device: null, place: null })).toEqual([]);
  });

  it('are each offered once, whatever number of alarms there is', () => {
    expect(ids({ device: 'face', place: 'east' }, { device: 'gate', place: 'east' })).toEqual(['face', 'overview']);
  });
});
