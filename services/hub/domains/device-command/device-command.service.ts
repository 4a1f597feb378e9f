import { randomUUID } from 'node:crypto';
import type { DeviceAction, DeviceCommand, NewDeviceCommand } from '@dipper/contract/api/device-command';
import type { DeviceView } from '@dipper/contract/api/inventory';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import type { CommandAction, ResultMessage } from '@dipper/contract/commands';
import { DipperError } from '@dipper/contract/errors';
import { PTZ_HOLD_MS, type PtzPreset } from '@dipper/contract/ptz';
import type { Logger } from 'pino';
import type { CommandSender } from '../../commands/command-sender.ts';
import { translateUnavailable } from '../../database/errors.ts';
import { pageFrom } from '../../database/page-cursor.ts';
import { hasRole, type Principal } from '../../plugins/principal.ts';
import {
  createDeviceCommandRepository,
  type DeviceCommandDb,
  type DeviceCommandEnd,
  deviceCommandFromRow,
} from './device-command.repository.ts';
import { ROLES_OF_ACTION } from './device-roles.ts';
import { failureOf, namedRefusal } from './edge-refusal.ts';

/** A device, and the agent that can reach it. */
export type CommandedDevice = Pick<DeviceView, 'id' | 'kind' | 'estate' | 'agent'>;

export interface DeviceCommandService {
  /**
   * Has a device do something. On record before it is sent, and again with what came of it.
   *
   * @param record called, and waited for, before a command is sent; not for a movement that goes on
   * @returns once the edge has seen what came of it
   * @throws DipperError FORBIDDEN, COMMAND_NOT_FOR_DEVICE, AGENT_OFFLINE, COMMAND_TIMEOUT, DEVICE_COMMAND_FAILED, or the
   *   code with which the edge or the gate refused
   */
  give(
    device: CommandedDevice,
    asked: NewDeviceCommand,
    asker: Principal,
    record: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<DeviceCommand>;
  /** Newest first. */
  list(device: string, query: PageQuery): Promise<Page<DeviceCommand>>;
  /** Asked of the camera. @throws DipperError COMMAND_NOT_FOR_DEVICE, PTZ_NOT_SUPPORTED, AGENT_OFFLINE, COMMAND_TIMEOUT */
  presets(device: CommandedDevice, signal: AbortSignal): Promise<PtzPreset[]>;
}

export interface DeviceCommandServiceOptions {
  readonly db: DeviceCommandDb;
  readonly sendCommand: CommandSender;
  readonly log: Pick<Logger, 'error'>;
  readonly now?: () => number;
}

/** A movement that was not gone on with for so long is over, whatever the page believes. */
const MOVEMENT_GONE_MS = 3 * PTZ_HOLD_MS;

export function createDeviceCommandService(options: DeviceCommandServiceOptions): DeviceCommandService {
  const { db, log, now = Date.now } = options;
  const rows = createDeviceCommandRepository(db);
  const addressOf = ({ estate, agent }: CommandedDevice) => ({ estate, agent });

  async function send(device: CommandedDevice, action: CommandAction, signal: AbortSignal, id?: string) {
    try {
      return await options.sendCommand(addressOf(device), action, signal, id === undefined ? {} : { id });
    } catch (error) {
      throw namedRefusal(error, 'DEVICE_COMMAND_FAILED');
    }
  }

  async function finish(id: string, end: DeviceCommandEnd): Promise<DeviceCommand | undefined> {
    try {
      return deviceCommandFromRow(await rows.finish(id, end, new Date(now())), now());
    } catch (error) {
      // The gate has moved whether or not that can be written down; whoever asked has to hear so.
      log.error({ err: error, command: id, ...end }, 'the outcome of a command is not on record');
      return undefined;
    }
  }

  /** Goes on with a movement: neither told nor recorded anew, so that a held key is one line of history. */
  async function goOn(
    device: CommandedDevice,
    asked: Extract<NewDeviceCommand, { action: 'ptz.move' }> & { readonly continues: string },
    { accountId }: Principal,
    signal: AbortSignal,
  ): Promise<DeviceCommand> {
    const movement = { id: asked.continues, device: device.id, accountId, since: new Date(now() - MOVEMENT_GONE_MS) };
    if (!(await rows.renew(movement, new Date(now())))) throw new DipperError('NOT_FOUND');
    await send(device, actionOf(device.id, asked), signal);
    const row = await rows.find(asked.continues);
    if (row === undefined) throw new DipperError('NOT_FOUND');
    return deviceCommandFromRow(row, now());
  }

  return {
    async give(device, asked, asker, record, signal) {
      if (!hasRole(asker, ROLES_OF_ACTION[asked.action])) throw new DipperError('FORBIDDEN');
      if (device.kind !== kindFor(asked.action)) throw new DipperError('COMMAND_NOT_FOR_DEVICE');
      if (asked.action === 'ptz.move' && asked.continues !== undefined) {
        return goOn(device, { ...asked, continues: asked.continues }, asker, signal);
      }
      await record();
      const id = randomUUID();
      const row = await translateUnavailable(() =>
        rows.insert({
          ...{ id, device: device.id, ...addressOf(device), action: asked.action, reason: asked.reason ?? null },
          preset: presetOf(asked),
          ...{ account_id: asker.accountId, account_name: asker.name, requested_at: new Date(now()) },
        }),
      );
      let result: ResultMessage;
      try {
        result = await send(device, actionOf(device.id, asked), signal, id);
      } catch (error) {
        const { code, door } = failureOf(error);
        // A hub that stops does not know what becomes of it: the row stays without an end.
        if (!signal.aborted) await finish(id, { code, door: door ?? null });
        throw error;
      }
      const done = { code: null, door: result.door ?? null };
      const told = await finish(id, done);
      return told ?? deviceCommandFromRow({ ...row, ...done, finished_at: new Date(now()) }, now());
    },
    list: (device, query) =>
      translateUnavailable(async () =>
        pageFrom(
          query,
          await rows.list(device, query),
          (row) => deviceCommandFromRow(row, now()),
          (row) => ({ at: row.requested_at, id: row.id }),
        ),
      ),
    async presets(device, signal) {
      if (device.kind !== 'camera') throw new DipperError('COMMAND_NOT_FOR_DEVICE');
      const { presets } = await send(device, { name: 'ptz.presets', device: device.id }, signal);
      return presets ?? [];
    },
  };
}

function kindFor(action: DeviceAction): DeviceView['kind'] {
  return action.startsWith('ptz.') ? 'camera' : 'gate';
}

function presetOf(asked: NewDeviceCommand): string | null {
  if ('preset' in asked) return asked.preset;
  return 'label' in asked ? asked.label : null;
}

function actionOf(device: string, asked: NewDeviceCommand): CommandAction {
  switch (asked.action) {
    case 'ptz.move':
      return { name: 'ptz.move', device, velocity: asked.velocity };
    case 'ptz.stop':
      return { name: 'ptz.stop', device };
    case 'ptz.preset-go':
    case 'ptz.preset-remove':
      return { name: asked.action, device, preset: asked.preset };
    case 'ptz.preset-set':
      return { name: 'ptz.preset-set', device, label: asked.label };
    default:
      return { name: 'gate.command', device, action: asked.action, reason: asked.reason };
  }
}
