import type { AccountScope } from '@dipper/contract/api/account';
import type { Role } from '@dipper/contract/api/session';
import type { ColumnType, Generated } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;

/** Tokens of migrations 0009 and 0013. */
export type TokenTables = {
  readonly 'dipper.api_token': {
    id: Fixed<string>;
    ordinal: Generated<string>;
    account_id: Fixed<string>;
    name: Fixed<string>;
    token_sha256: Fixed<Buffer>;
    roles: Fixed<Role[]>;
    scope: ColumnType<AccountScope | null, string | null, never>;
    created_at: Generated<Date>;
    expires_at: Fixed<Date>;
    last_used_at: ColumnType<Date | null, never, Date>;
    revoked_at: ColumnType<Date | null, never, Date>;
    held_at: ColumnType<Date | null, never, null>;
  };
};
