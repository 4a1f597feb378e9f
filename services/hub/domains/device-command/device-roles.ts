import type { DeviceAction } from '@dipper/contract/api/device-command';
import type { Role } from '@dipper/contract/api/session';
import { CAMERA_TURNERS, GATE_BLOCKERS, GATE_OPERATORS, PRESET_KEEPERS } from '../../plugins/roles.ts';

/**
 * Who tells a device what. To hold open and to lock is for the guard as well: an ambulance and an intruder do not wait for
 * a supervisor. A block refuses residents with good credentials; it is for those who answer for that.
 */
export const ROLES_OF_ACTION: Readonly<Record<DeviceAction, readonly Role[]>> = {
  open: GATE_OPERATORS,
  'hold-open': GATE_OPERATORS,
  close: GATE_OPERATORS,
  lock: GATE_OPERATORS,
  block: GATE_BLOCKERS,
  release: GATE_OPERATORS,
  'ptz.move': CAMERA_TURNERS,
  'ptz.stop': CAMERA_TURNERS,
  'ptz.preset-go': CAMERA_TURNERS,
  'ptz.preset-set': PRESET_KEEPERS,
  'ptz.preset-remove': PRESET_KEEPERS,
};
