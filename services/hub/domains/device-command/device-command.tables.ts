import type { DeviceAction } from '@dipper/contract/api/device-command';
import type { DoorSight } from '@dipper/contract/gate-command';
import type { ColumnType, Selectable } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;

/** Commands of migration 0020. */
export type DeviceCommandTables = {
  readonly 'dipper.device_command': {
    id: Fixed<string>;
    device: Fixed<string>;
    estate: Fixed<string>;
    agent: Fixed<string>;
    action: Fixed<DeviceAction>;
    preset: Fixed<string | null>;
    reason: Fixed<string | null>;
    account_id: Fixed<string>;
    account_name: Fixed<string>;
    requested_at: Fixed<Date>;
    renewed_at: ColumnType<Date | null, never, Date | null>;
    finished_at: ColumnType<Date | null, never, Date | null>;
    code: ColumnType<string | null, never, string | null>;
    door: ColumnType<DoorSight | null, never, string | null>;
  };
};

export type DeviceCommandRow = Selectable<DeviceCommandTables['dipper.device_command']>;
