import type { DeviceView } from '@dipper/contract/api/inventory';

/** As many as one glance takes in, and as an estate's uplink can carry all day. */
const MAX_TILES = 2;

/** Cameras to look at while nothing is wrong: those whose picture is worth it, in the order of the list. */
export function quietCamerasOf(devices: readonly DeviceView[]): readonly DeviceView[] {
  return devices
    .filter(({ state }) => state?.kind === 'camera' && state.connection === 'online')
    .filter(({ state }) => state?.kind === 'camera' && (state.picture === 'ok' || state.picture === 'unknown'))
    .slice(0, MAX_TILES);
}
