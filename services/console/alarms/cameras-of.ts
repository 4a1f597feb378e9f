import type { Alarm } from '@dipper/contract/api/alarm';
import type { DeviceView } from '@dipper/contract/api/inventory';

/** Cameras that show what alarms are about: those that raised them, then those of the same places (a barrier sees nothing itself). */
export function camerasOf(
  alarms: readonly Pick<Alarm, 'device' | 'place'>[],
  devices: readonly DeviceView[],
): readonly DeviceView[] {
  const cameras = devices.filter(({ kind }) => kind === 'camera');
  const raising = alarms.flatMap(({ device }) => cameras.find(({ id }) => id === device) ?? []);
  const beside = cameras.filter(({ place }) => place !== null && alarms.some((alarm) => alarm.place === place));
  return [...new Set([...raising, ...beside])];
}
