import type { HolidayUse } from '@dipper/contract/api/access-schedule';
import type { PolicySchedule } from '@dipper/contract/policy-body';
import type { ColumnType, Generated, Selectable } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;
type Json<T> = ColumnType<T, string, string>;

/** Of migration 0018. */
export type AccessScheduleTables = {
  readonly 'dipper.access_schedule': {
    id: Fixed<string>;
    ordinal: Generated<string>;
    estate: Fixed<string>;
    name: string;
    weekly: Json<PolicySchedule['weekly']>;
    special_days: Json<NonNullable<PolicySchedule['specialDays']>>;
    holidays: HolidayUse;
    version: Generated<number>;
    changed_at: Date;
    changed_by: string;
  };
};

export type AccessScheduleRow = Selectable<AccessScheduleTables['dipper.access_schedule']>;
