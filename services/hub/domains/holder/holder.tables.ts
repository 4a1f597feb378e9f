import type { ColumnType, Generated, Selectable } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;

/** Of migration 0018: who may have credentials, and what they have. */
export type HolderTables = {
  readonly 'dipper.access_holder': {
    id: Fixed<string>;
    ordinal: Generated<string>;
    estate: Fixed<string>;
    kind: Fixed<'resident' | 'vehicle' | 'visitor'>;
    owner: Fixed<string | null>;
    name: string;
    unit: string | null;
    blocked_at: Date | null;
    blocked_by: string | null;
    block_reason: string | null;
    ended_at: Date | null;
    version: Generated<number>;
    created_at: Fixed<Date>;
    changed_at: Date;
    changed_by: string;
  };
  readonly 'dipper.access_credential': {
    id: Fixed<string>;
    ordinal: Generated<string>;
    holder: Fixed<string>;
    estate: Fixed<string>;
    factor: Fixed<'plate' | 'card' | 'pin' | 'qr'>;
    plate: string | null;
    sealed: Buffer | null;
    fingerprint: Buffer | null;
    hint: Fixed<string | null>;
    duress: Fixed<boolean>;
    blocked_at: Date | null;
    blocked_by: string | null;
    block_reason: string | null;
    ended_at: Date | null;
    created_at: Fixed<Date>;
    created_by: Fixed<string>;
  };
  readonly 'dipper.access_permit': {
    id: Fixed<string>;
    ordinal: Generated<string>;
    holder: Fixed<string>;
    estate: Fixed<string>;
    access_points: Fixed<string[]>;
    schedule: Fixed<string | null>;
    credential: Fixed<string | null>;
    valid_from: Fixed<Date>;
    valid_until: Date | null;
    uses: Fixed<number | null>;
    ended_at: Date | null;
    ended_by: string | null;
    created_at: Fixed<Date>;
    created_by: Fixed<string>;
  };
};

export type HolderRow = Selectable<HolderTables['dipper.access_holder']>;
export type CredentialRow = Selectable<HolderTables['dipper.access_credential']>;
export type PermitRow = Selectable<HolderTables['dipper.access_permit']>;
