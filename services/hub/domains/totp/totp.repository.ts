import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { noteCarriedOut } from '../idempotency/idempotent-attempt.ts';

export interface TotpRow {
  readonly secret: Buffer;
  readonly confirmed_at: Date | null;
  readonly codes_left: number;
}

/** Second factors, one of an account. */
export interface TotpRepository {
  find(accountId: string): Promise<TotpRow | undefined>;
  /** False when there is one that is confirmed: that one stays. */
  begin(accountId: string, secret: Buffer): Promise<boolean>;
  /** False when it is confirmed already. */
  confirm(accountId: string, step: number, codes: readonly string[]): Promise<boolean>;
  /** False when a code of this step, or of a later one, was taken already. */
  takeStep(accountId: string, step: number): Promise<boolean>;
  /** Uses up a recovery code; false when there is no such one. */
  takeRecoveryCode(accountId: string, code: string): Promise<boolean>;
  /** False when there was none. */
  remove(accountId: string): Promise<boolean>;
}

// biome-ignore lint/suspicious/noExplicitAny: its two tables are named here alone
export function createTotpRepository(db: Kysely<any>): TotpRepository {
  const changes = async (query: ReturnType<typeof sql>, on: typeof db = db): Promise<boolean> =>
    Number((await query.execute(on)).numAffectedRows ?? 0n) > 0;
  return {
    async find(accountId) {
      const { rows } = await sql<TotpRow>`
        select secret, confirmed_at,
               (select count(*)::int from dipper.totp_recovery_code c where c.account_id = t.account_id) as codes_left
          from dipper.totp t where account_id = ${accountId}::uuid`.execute(db);
      return rows[0];
    },
    begin: (accountId, secret) =>
      db.transaction().execute(async (tx) => {
        const begun = await changes(
          sql`insert into dipper.totp as known (account_id, secret) values (${accountId}::uuid, ${secret})
              on conflict (account_id) do update set secret = excluded.secret, created_at = now()
              where known.confirmed_at is null`,
          tx,
        );
        if (begun) await noteCarriedOut(tx);
        return begun;
      }),
    confirm: (accountId, step, codes) =>
      db.transaction().execute(async (tx) => {
        const confirmed = await changes(
          sql`update dipper.totp set confirmed_at = now(), last_step = ${step}
               where account_id = ${accountId}::uuid and confirmed_at is null`,
          tx,
        );
        if (!confirmed) return false;
        await sql`insert into dipper.totp_recovery_code (account_id, code_sha256)
          select ${accountId}::uuid, unnest(${codes.map(digestOf)}::bytea[])`.execute(tx);
        await noteCarriedOut(tx);
        return true;
      }),
    takeStep: (accountId, step) =>
      changes(sql`update dipper.totp set last_step = ${step}
        where account_id = ${accountId}::uuid and last_step < ${step}`),
    takeRecoveryCode: (accountId, code) =>
      changes(sql`delete from dipper.totp_recovery_code
        where account_id = ${accountId}::uuid and code_sha256 = ${digestOf(code)}`),
    remove: (accountId) => changes(sql`delete from dipper.totp where account_id = ${accountId}::uuid`),
  };
}

function digestOf(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}
