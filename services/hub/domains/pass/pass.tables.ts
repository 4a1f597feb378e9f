import type { ColumnType, Generated, Selectable } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;

/** Of migration 0021: passes of visitors, and the links of residents. */
export type PassTables = {
  readonly 'dipper.access_pass': {
    id: Fixed<string>;
    ordinal: Generated<string>;
    estate: Fixed<string>;
    holder: Fixed<string>;
    permit: Fixed<string>;
    host: Fixed<string | null>;
    note: string | null;
    policy_versions: ColumnType<Record<string, number>, string, never>;
    code_hash: Buffer | null;
    sealed_code: Buffer | null;
    revoked_at: Date | null;
    revoked_by: string | null;
    revoke_reason: string | null;
    created_at: Fixed<Date>;
    created_by: Fixed<string>;
  };
  readonly 'dipper.access_permit_use': { permit: Fixed<string>; agent: Fixed<string>; uses: number };
  readonly 'dipper.access_invite': {
    holder: Fixed<string>;
    code_hash: Buffer;
    created_at: Date;
    created_by: string;
  };
};

export type PassRow = Selectable<PassTables['dipper.access_pass']>;
