import { randomUUID } from 'node:crypto';
import type { AccountScope } from '@dipper/contract/api/account';
import type { Role } from '@dipper/contract/api/session';
import { DipperError } from '@dipper/contract/errors';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Scope } from '../../scope/scope.ts';
import { noteCarriedOut } from '../idempotency/idempotent-attempt.ts';
import type { AccountTable, AccountTables } from './account.tables.ts';
import { worksNear } from './works-near.ts';

export type AccountRow = Selectable<AccountTable>;

export interface NewAccountRow {
  readonly name: string;
  readonly displayName: string;
  readonly passwordHash: string;
  readonly roles: readonly Role[];
  /** Null: everywhere. */
  readonly scope: AccountScope | null;
}

/** What is left out stays. */
export interface AccountRowChange {
  readonly active?: boolean;
  readonly displayName?: string;
  readonly passwordHash?: string;
  readonly roles?: readonly Role[];
  readonly scope?: AccountScope | null;
}

export interface AccountRepository {
  findByName(name: string): Promise<AccountRow | undefined>;
  /** Undefined when the name is taken. */
  insert(account: NewAccountRow): Promise<AccountRow | undefined>;
  /**
   * Undefined when there is no such account.
   * @throws DipperError ACCOUNT_LAST_ADMIN when nobody would be left who can manage accounts
   */
  update(id: string, change: AccountRowChange): Promise<AccountRow | undefined>;
  updatePassword(id: string, passwordHash: string): Promise<void>;
  isEmpty(): Promise<boolean>;
  /** Newest first, behind an ordinal. */
  list(behind: string | undefined, limit: number): Promise<AccountRow[]>;
  /** Those of them that are not disabled, have one of these roles, and work where somebody of this scope does. */
  listActive(roles: readonly Role[], near: Scope, behind: string | undefined, limit: number): Promise<AccountRow[]>;
}

export function createAccountRepository(database: Kysely<AccountTables>): AccountRepository {
  const newestBehind = (behind: string | undefined, limit: number) => {
    const newest = database.selectFrom('dipper.account').selectAll().orderBy('ordinal', 'desc').limit(limit);
    return behind === undefined ? newest : newest.where('ordinal', '<', behind);
  };
  return {
    findByName: (name) =>
      database.selectFrom('dipper.account').selectAll().where('name_key', '=', nameKeyOf(name)).executeTakeFirst(),
    insert: ({ name, displayName, passwordHash, roles, scope }) =>
      database.transaction().execute(async (tx) => {
        const inserted = await tx
          .insertInto('dipper.account')
          .values({
            id: randomUUID(),
            name: name.normalize('NFKC'),
            name_key: nameKeyOf(name),
            display_name: displayName,
            password_hash: passwordHash,
            roles: [...roles],
            scope: scope === null ? null : JSON.stringify(scope),
          })
          .onConflict((conflict) => conflict.column('name_key').doNothing())
          .returningAll()
          .executeTakeFirst();
        if (inserted !== undefined) await noteCarriedOut(tx);
        return inserted;
      }),
    update: (id, change) =>
      database.transaction().execute(async (tx) => {
        await refuseToLoseTheLastAdmin(tx, id, change);
        const { active, displayName, passwordHash, roles, scope } = change;
        if (passwordHash !== undefined) await forgetPasswordCode(tx, id);
        return tx
          .updateTable('dipper.account')
          .set({
            ...(displayName === undefined ? {} : { display_name: displayName }),
            ...(passwordHash === undefined ? {} : { password_hash: passwordHash }),
            ...(roles === undefined ? {} : { roles: [...roles] }),
            ...(scope === undefined ? {} : { scope: scope === null ? null : JSON.stringify(scope) }),
            ...(active === undefined ? {} : { disabled_at: active ? null : sql<Date>`coalesce(disabled_at, now())` }),
          })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
      }),
    async updatePassword(id, passwordHash) {
      await database.transaction().execute(async (tx) => {
        await forgetPasswordCode(tx, id);
        await tx.updateTable('dipper.account').set({ password_hash: passwordHash }).where('id', '=', id).execute();
      });
    },
    async isEmpty() {
      return (await database.selectFrom('dipper.account').select('id').limit(1).executeTakeFirst()) === undefined;
    },
    list: (behind, limit) => newestBehind(behind, limit).execute(),
    listActive: (roles, near, behind, limit) =>
      newestBehind(behind, limit)
        .where('disabled_at', 'is', null)
        .where(sql<boolean>`roles && ${roles}::text[]`)
        .where(worksNear(near))
        .execute(),
  };
}

/** A code that was handed out before sets no password after another has been set. */
async function forgetPasswordCode(tx: Transaction<AccountTables>, id: string): Promise<void> {
  await sql`delete from dipper.password_code where account_id = ${id}::uuid`.execute(tx);
}

/** The admins stay locked until the change is committed: of two who disable each other at once, one is left. */
async function refuseToLoseTheLastAdmin(
  tx: Transaction<AccountTables>,
  id: string,
  { active, roles, scope }: AccountRowChange,
): Promise<void> {
  const staysAdmin = active !== false && (roles === undefined || roles.includes('admin')) && scope == null;
  if (staysAdmin) return;
  const admins = await tx
    .selectFrom('dipper.account')
    .select('id')
    .where('disabled_at', 'is', null)
    .where(sql<boolean>`'admin' = any(roles)`)
    // Accounts are managed by those whose scope is everywhere.
    .where('scope', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();
  if (admins.length === 1 && admins[0]?.id === id) throw new DipperError('ACCOUNT_LAST_ADMIN');
}

/** Two names that look alike are one name. */
export function nameKeyOf(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
