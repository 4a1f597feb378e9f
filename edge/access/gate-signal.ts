import type { LockState } from '@dipper/contract/door-action';
import type { InputRole } from './driver.ts';

/** ONVIF Door Control Service Specification, `DoorMode`. */
export const DOOR_MODES = [
  'Unknown',
  'Locked',
  'Unlocked',
  'Accessed',
  'Blocked',
  'LockedDown',
  'LockedOpen',
  'DoubleLocked',
] as const;
export type DoorMode = (typeof DOOR_MODES)[number];

/** What the controller told about one of a gate's lines. */
export type GateSignal =
  | { readonly line: 'relay'; readonly state: 'active' | 'inactive' }
  | { readonly line: 'contact'; readonly state: 'open' | 'closed' }
  | { readonly line: 'lock'; readonly state: LockState }
  | { readonly line: 'mode'; readonly state: DoorMode }
  | { readonly line: 'input'; readonly role: Exclude<InputRole, 'contact' | 'lock'>; readonly isActive: boolean };
