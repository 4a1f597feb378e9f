import type { ColumnType, Generated } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;
/** Filled by the database when the row is written. */
type Chained<T> = ColumnType<T, never, never>;

/** The database refuses to change a row, and deletes only what a checkpoint covers. */
export type AuditTable = {
  id: Generated<string>;
  at: Generated<Date>;
  account_id: Fixed<string | null>;
  account_name: Fixed<string | null>;
  session_id: Fixed<string | null>;
  action: Fixed<string>;
  target: Fixed<string | null>;
  reason: Fixed<string | null>;
  outcome: Fixed<string>;
  address: Fixed<string>;
  request_id: Fixed<string>;
  previous: Chained<Buffer>;
  hash: Chained<Buffer>;
};

/** Tables of migrations 0002 and 0009. */
export type AuditTables = {
  readonly 'dipper.audit': AuditTable;
  readonly 'dipper.audit_head': { readonly id: string; readonly hash: Buffer };
  readonly 'dipper.audit_checkpoint': { readonly id: string; readonly signed: string };
};
