import type { ColumnType } from 'kysely';

type Fixed<T> = ColumnType<T, T, T>;

/** Of migration 0010. */
export type IdempotencyTables = {
  readonly 'dipper.idempotency_key': {
    account: Fixed<string>;
    route: Fixed<string>;
    key: Fixed<string>;
    fingerprint: Buffer;
    attempt: string;
    lease_until: Date;
    carried_out_at: Date | null;
    status: number | null;
    location: string | null;
    answer: Buffer | null;
    created_at: Date;
  };
};
