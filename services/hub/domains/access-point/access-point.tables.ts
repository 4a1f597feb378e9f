import type { AccessRules } from '@dipper/contract/api/access-point';
import type { ColumnType, Generated, Selectable } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;
/** Written as text, read as what it means. */
type Json<T> = ColumnType<T, string, string>;

/** Of migration 0018: ways through gates, and what lies between them. */
export type AccessPointTables = {
  readonly 'dipper.access_point': {
    id: Fixed<string>;
    place: Fixed<string>;
    device: Fixed<string>;
    name_zh: string;
    name_en: string;
    from_area: string | null;
    to_area: string | null;
    rules: Json<AccessRules>;
    active: Generated<boolean>;
    version: Generated<number>;
    changed_at: Date;
    changed_by: string;
  };
  readonly 'dipper.access_area': {
    id: Fixed<string>;
    estate: Fixed<string>;
    name_zh: string;
    name_en: string;
    occupancy_limit: number | null;
    reset_at_minute: number | null;
    version: Generated<number>;
    changed_at: Date;
    changed_by: string;
  };
};

export type AccessPointRow = Selectable<AccessPointTables['dipper.access_point']>;
export type AccessAreaRow = Selectable<AccessPointTables['dipper.access_area']>;
