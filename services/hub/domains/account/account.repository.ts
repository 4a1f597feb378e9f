import { randomUUID } from 'node:crypto';
import type { Role } from '@dipper/contract/api/session';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { AccountTable, AccountTables } from './account.tables.ts';

export type AccountRow = Selectable<AccountTable>;

export interface NewAccountRow {
  readonly name: string;
  readonly displayName: string;
  readonly passwordHash: string;
  readonly roles: readonly Role[];
}

export interface AccountRepository {
  findByName(name: string): Promise<AccountRow | undefined>;
  /** Undefined when the name is taken. */
  insert(account: NewAccountRow): Promise<AccountRow | undefined>;
  updatePassword(id: string, passwordHash: string): Promise<void>;
  isEmpty(): Promise<boolean>;
  /** Newest first, behind an ordinal. */
  list(behind: string | undefined, limit: number): Promise<AccountRow[]>;
  /** Those of them that are not disabled and have one of these roles. */
  listActive(roles: readonly Role[], behind: string | undefined, limit: number): Promise<AccountRow[]>;
}

export function createAccountRepository(database: Kysely<AccountTables>): AccountRepository {
  const newestBehind = (behind: string | undefined, limit: number) => {
    const newest = database.selectFrom('dipper.account').selectAll().orderBy('ordinal', 'desc').limit(limit);
    return behind === undefined ? newest : newest.where('ordinal', '<', behind);
  };
  return {
    findByName: (name) =>
      database.selectFrom('dipper.account').selectAll().where('name_key', '=', nameKeyOf(name)).executeTakeFirst(),
    insert: ({ name, displayName, passwordHash, roles }) =>
      database
        .insertInto('dipper.account')
        .values({
          id: randomUUID(),
          name: name.normalize('NFKC'),
          name_key: nameKeyOf(name),
          display_name: displayName,
          password_hash: passwordHash,
          roles: [...roles],
        })
        .onConflict((conflict) => conflict.column('name_key').doNothing())
        .returningAll()
        .executeTakeFirst(),
    async updatePassword(id, passwordHash) {
      await database.updateTable('dipper.account').set({ password_hash: passwordHash }).where('id', '=', id).execute();
    },
    async isEmpty() {
      return (await database.selectFrom('dipper.account').select('id').limit(1).executeTakeFirst()) === undefined;
    },
    list: (behind, limit) => newestBehind(behind, limit).execute(),
    listActive: (roles, behind, limit) =>
      newestBehind(behind, limit)
        .where('disabled_at', 'is', null)
        .where(sql<boolean>`roles && ${roles}::text[]`)
        .execute(),
  };
}

/** Two names that look alike are one name. */
export function nameKeyOf(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
