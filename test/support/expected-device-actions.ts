import type { DeviceAction } from '@dipper/contract/api/device-command';
import type { Role } from '@dipper/contract/api/session';

const DESK: readonly Role[] = ['guard', 'dispatcher', 'supervisor', 'admin'];
const LEADING: readonly Role[] = ['dispatcher', 'supervisor', 'admin'];

/** Who may have a device do what, written by hand, like who may use a route at all (expected-access.ts). */
export const EXPECTED_DEVICE_ACTIONS: Readonly<Record<DeviceAction, readonly Role[]>> = {
  open: DESK,
  'hold-open': DESK,
  close: DESK,
  lock: DESK,
  block: LEADING,
  release: DESK,
  'ptz.move': DESK,
  'ptz.stop': DESK,
  'ptz.preset-go': DESK,
  'ptz.preset-set': LEADING,
  'ptz.preset-remove': LEADING,
};
