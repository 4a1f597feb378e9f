import { createHash } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import { noteCarriedOut } from '../idempotency/idempotent-attempt.ts';

/** One-time codes that set a password, at most one of an account. */
export interface PasswordCodes {
  /** The code before it counts no longer. False when there is no such account. */
  put(accountId: string, code: string, expiresAt: Date): Promise<boolean>;
  /** Uses the code up; false when it is another, was used or is over. */
  take(accountId: string, code: string, now: Date): Promise<boolean>;
}

// biome-ignore lint/suspicious/noExplicitAny: its one table is named here alone
export function createPasswordCodes(db: Kysely<any>): PasswordCodes {
  return {
    put: (accountId, code, expiresAt) =>
      db.transaction().execute(async (tx) => {
        if (!(await putPasswordCode(tx, accountId, code, expiresAt))) return false;
        await noteCarriedOut(tx);
        return true;
      }),
    async take(accountId, code, now) {
      const { numAffectedRows } = await sql`
        delete from dipper.password_code
         where account_id = ${accountId}::uuid and code_sha256 = ${digestOf(code)} and expires_at > ${now}`.execute(db);
      return numAffectedRows === 1n;
    },
  };
}

/** The same in the transaction of a caller, who notes himself what was carried out. */
export async function putPasswordCode(
  // biome-ignore lint/suspicious/noExplicitAny: its one table is named here alone
  tx: Transaction<any>,
  accountId: string,
  code: string,
  expiresAt: Date,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into dipper.password_code (account_id, code_sha256, expires_at)
    select id, ${digestOf(code)}, ${expiresAt} from dipper.account where id = ${accountId}::uuid
    on conflict (account_id) do update
      set code_sha256 = excluded.code_sha256, expires_at = excluded.expires_at`.execute(tx);
  return numAffectedRows === 1n;
}

function digestOf(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}
