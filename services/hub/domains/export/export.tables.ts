import type { ExportState } from '@dipper/contract/api/recording';
import type { ColumnType, Generated, Selectable } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;

/** Exports of migration 0016. */
export type ExportTables = {
  readonly 'dipper.recording_export': {
    id: Fixed<string>;
    device: Fixed<string>;
    estate: Fixed<string>;
    agent: Fixed<string>;
    from_at: Fixed<Date>;
    until_at: Fixed<Date>;
    reason: Fixed<string>;
    account_id: Fixed<string>;
    account_name: Fixed<string>;
    state: Generated<ExportState>;
    code: ColumnType<string | null, never, string | null>;
    requested_at: Fixed<Date>;
    expires_at: Fixed<Date>;
    finished_at: ColumnType<Date | null, never, Date | null>;
    /** int8 comes as text. */
    bytes: ColumnType<string | null, never, number | null>;
    sha256: ColumnType<string | null, never, string | null>;
    manifest: ColumnType<string | null, never, string | null>;
  };
};

export type ExportRow = Selectable<ExportTables['dipper.recording_export']>;
