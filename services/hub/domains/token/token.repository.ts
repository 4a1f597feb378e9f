import { createHash, randomUUID } from 'node:crypto';
import type { NewApiToken } from '@dipper/contract/api/token';
import type { Kysely, Selectable } from 'kysely';
import type { AccountTables } from '../account/account.tables.ts';
import { noteCarriedOut } from '../idempotency/idempotent-attempt.ts';
import type { TokenTables } from './token.tables.ts';

export type TokenRow = Selectable<TokenTables['dipper.api_token']>;
export type TokenDb = Kysely<AccountTables & TokenTables>;

/** A token is alive until it expires or is revoked, or its account is disabled; one that is held is not in force. */
export interface TokenRepository {
  insert(accountId: string, token: string, asked: NewApiToken): Promise<TokenRow>;
  findLive(token: string, now: Date): Promise<LiveTokenRow | undefined>;
  touch(id: string, now: Date): Promise<void>;
  /** Those of these tokens that are alive and in force. */
  findLiveByIds(ids: readonly string[], now: Date): Promise<LiveTokenRow[]>;
  /** Lets one that is held count again; undefined when the account has none. */
  confirm(id: string, accountId: string, now: Date): Promise<TokenRow | undefined>;
  /** Whether the account had one to revoke. */
  revoke(id: string, accountId: string, now: Date): Promise<boolean>;
  /** @returns ids of those that were alive */
  revokeAllOf(accountId: string, now: Date): Promise<string[]>;
  /** Live ones of an account, newest first. */
  listLive(accountId: string, now: Date, behind: string | undefined, limit: number): Promise<TokenRow[]>;
}

export function createTokenRepository(db: TokenDb): TokenRepository {
  return {
    insert: (accountId, token, { name, roles, scope = null, expiresAt }) =>
      db.transaction().execute(async (tx) => {
        const row = await tx
          .insertInto('dipper.api_token')
          .values({
            ...{ id: randomUUID(), account_id: accountId, name, roles: [...roles] },
            token_sha256: digestOf(token),
            scope: scope === null ? null : JSON.stringify(scope),
            expires_at: new Date(expiresAt),
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        await noteCarriedOut(tx);
        return row;
      }),
    findLive: (token, now) =>
      liveWithAccounts(db, now).where('token.token_sha256', '=', digestOf(token)).executeTakeFirst(),
    async touch(id, now) {
      await db.updateTable('dipper.api_token').set({ last_used_at: now }).where('id', '=', id).execute();
    },
    findLiveByIds: (ids, now) => liveWithAccounts(db, now).where('token.id', 'in', ids).execute(),
    confirm: (id, accountId, now) =>
      db
        .updateTable('dipper.api_token')
        .set({ held_at: null })
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .where('held_at', 'is not', null)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now)
        .returningAll()
        .executeTakeFirst(),
    async revoke(id, accountId, now) {
      const { numUpdatedRows } = await db
        .updateTable('dipper.api_token')
        .set({ revoked_at: now })
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async revokeAllOf(accountId, now) {
      const rows = await db
        .updateTable('dipper.api_token')
        .set({ revoked_at: now })
        .where('account_id', '=', accountId)
        .where('revoked_at', 'is', null)
        .returning('id')
        .execute();
      return rows.map(({ id }) => id);
    },
    listLive(accountId, now, behind, limit) {
      const newest = liveTokens(db, now)
        .where('token.account_id', '=', accountId)
        .selectAll('token')
        .orderBy('token.ordinal', 'desc')
        .limit(limit);
      return (behind === undefined ? newest : newest.where('token.ordinal', '<', behind)).execute();
    },
  };
}

function liveTokens(db: TokenDb, now: Date) {
  return db
    .selectFrom('dipper.api_token as token')
    .innerJoin('dipper.account as account', 'account.id', 'token.account_id')
    .where('token.revoked_at', 'is', null)
    .where('token.expires_at', '>', now)
    .where('account.disabled_at', 'is', null);
}

function liveWithAccounts(db: TokenDb, now: Date) {
  return liveTokens(db, now)
    .where('token.held_at', 'is', null)
    .select(['token.id', 'token.roles', 'token.scope', 'token.expires_at', 'token.last_used_at'])
    .select(['account.id as account_id', 'account.name as account_name', 'account.display_name'])
    .select(['account.roles as account_roles', 'account.scope as account_scope']);
}

/** A token that is alive, with its account. */
export type LiveTokenRow = Awaited<ReturnType<ReturnType<typeof liveWithAccounts>['execute']>>[number];

/** A random token of 256 bits needs no salt and no slow hash: there is nothing to guess. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
