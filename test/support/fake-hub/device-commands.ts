import { randomUUID } from 'node:crypto';
import type { DeviceCommand, NewDeviceCommand } from '@dipper/contract/api/device-command';
import type { DeviceView } from '@dipper/contract/api/inventory';
import type { DoorAction } from '@dipper/contract/door-action';
import type { ErrorCode } from '@dipper/contract/errors';
import type { PtzPreset } from '@dipper/contract/ptz';

/** What a page had devices do, and what they would say. */
export interface DeviceDesk {
  /** Newest first. */
  readonly commands: DeviceCommand[];
  /** Every command that came in, also those that went on with a movement. */
  readonly asked: { readonly device: string; readonly command: NewDeviceCommand }[];
  /** Of cameras that turn. */
  readonly presets: Map<string, PtzPreset[]>;
  /** Codes that commands of an action fail with. */
  readonly failures: Map<string, ErrorCode>;
  /** @throws ErrorCode by `refuse` */
  give(device: DeviceView, command: NewDeviceCommand, by: string, refuse: (code: ErrorCode) => never): DeviceCommand;
}

const POSITIONS: Partial<Record<DoorAction, 'open' | 'closed'>> = {
  open: 'open',
  'hold-open': 'open',
  close: 'closed',
  lock: 'closed',
  block: 'closed',
  release: 'closed',
};

export function createDeviceDesk(): DeviceDesk {
  const desk: DeviceDesk = {
    commands: [],
    asked: [],
    presets: new Map(),
    failures: new Map(),
    give(device, command, by, refuse) {
      desk.asked.push({ device: device.id, command });
      const known = 'continues' in command ? desk.commands.find(({ id }) => id === command.continues) : undefined;
      if (known !== undefined) return known;
      const failure = desk.failures.get(command.action);
      const position = POSITIONS[command.action as DoorAction];
      const at = new Date().toISOString();
      const given: DeviceCommand = {
        id: randomUUID(),
        device: device.id,
        action: command.action,
        preset: 'preset' in command ? command.preset : 'label' in command ? command.label : null,
        reason: command.reason ?? null,
        requestedBy: by,
        requestedAt: at,
        finishedAt: at,
        outcome: failure === undefined ? 'done' : 'failed',
        code: failure ?? null,
        door: position === undefined ? null : { position: failure === undefined ? position : 'closed' },
      };
      desk.commands.unshift(given);
      if (failure !== undefined) refuse(failure);
      const presets = desk.presets.get(device.id) ?? [];
      if (command.action === 'ptz.preset-set') {
        desk.presets.set(device.id, [...presets, { token: `p${presets.length + 1}`, name: command.label }]);
      }
      if (command.action === 'ptz.preset-remove') {
        desk.presets.set(
          device.id,
          presets.filter(({ token }) => token !== command.preset),
        );
      }
      return given;
    },
  };
  return desk;
}
