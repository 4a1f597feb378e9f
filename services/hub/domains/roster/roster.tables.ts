import type { Platform } from '@dipper/contract/api/case';
import type { ColumnType, Generated } from 'kysely';

/** Columns of migration 0008: who is on duty, and what was imported. */
export type RosterTables = {
  'dipper.duty': DutyTable;
  'dipper.import': {
    id: Generated<string>;
    at: Generated<Date>;
    by: string;
    files: ColumnType<readonly { readonly name: string; readonly sha256: string }[], string, never>;
    changes: number;
  };
  'dipper.imported_account': { account_id: string };
};

export type DutyTable = {
  id: string;
  grid: string;
  account: string;
  platform: Platform | null;
  weekdays: string[] | null;
  /** Dates are read as text: a `Date` would have a time and a zone. */
  on_date: ColumnType<string | null, string | null, never>;
  off: boolean;
  span: string | null;
  from_date: ColumnType<string | null, string | null, never>;
  until_date: ColumnType<string | null, string | null, never>;
};
