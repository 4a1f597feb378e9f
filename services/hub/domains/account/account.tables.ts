import type { AccountScope } from '@dipper/contract/api/account';
import type { Role } from '@dipper/contract/api/session';
import type { ColumnType, Generated } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;

/** Columns of migration 0002: who may use the hub, who is signed in. */
export type AccountTables = {
  readonly 'dipper.account': AccountTable;
  readonly 'dipper.session': SessionTable;
};

export type AccountTable = {
  id: Fixed<string>;
  ordinal: Generated<string>;
  name: Fixed<string>;
  name_key: Fixed<string>;
  display_name: string;
  password_hash: string;
  roles: Role[];
  /** Null: everywhere. */
  scope: ColumnType<AccountScope | null, string | null | undefined, string | null>;
  created_at: Generated<Date>;
  disabled_at: Date | null;
};

export type SessionTable = {
  id: Fixed<string>;
  ordinal: Generated<string>;
  account_id: Fixed<string>;
  token_sha256: Fixed<Buffer>;
  created_at: Generated<Date>;
  expires_at: Fixed<Date>;
  revoked_at: Date | null;
  address: Fixed<string>;
  user_agent: Fixed<string | null>;
  last_seen_at: ColumnType<Date | null, never, Date>;
};
