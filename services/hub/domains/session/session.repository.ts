import { createHash, randomUUID } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import type { Principal } from '../../plugins/principal.ts';
import { resolveScope, resolveScopes } from '../../scope/account-scope.ts';
import { NOWHERE, type Scope } from '../../scope/scope.ts';
import type { AccountRow } from '../account/account.repository.ts';
import type { AccountTables, SessionTable } from '../account/account.tables.ts';

export interface NewSessionRow {
  readonly accountId: string;
  readonly token: string;
  readonly expiresAt: Date;
  readonly address: string;
  readonly userAgent: string | null;
}

export type ListedSessionRow = Omit<Selectable<SessionTable>, 'token_sha256'> & { readonly account_name: string };

export interface LiveSession {
  readonly principal: Principal;
  readonly lastSeenAt: Date | null;
}

/** A session is alive until it expires or is revoked, or its account is disabled. */
export interface SessionRepository {
  insert(session: NewSessionRow): Promise<string>;
  /** What an account's places stand for now. */
  scopeOf(account: Pick<AccountRow, 'scope'>): Promise<Scope>;
  findLive(token: string, now: Date): Promise<LiveSession | undefined>;
  /** Those of these sessions that are alive. */
  findLiveByIds(ids: readonly string[], now: Date): Promise<Principal[]>;
  /** Puts down that a session was used. */
  touch(id: string, now: Date): Promise<void>;
  /**
   * Whether there was one to revoke.
   * @param of the account that it has to be of
   */
  revoke(id: string, now: Date, of?: string): Promise<boolean>;
  /** @param but a session that stays */
  revokeAllOf(accountId: string, now: Date, but?: string): Promise<string[]>;
  /**
   * Live ones, newest first.
   * @param of the account that they have to be of
   */
  listLive(now: Date, behind: string | undefined, limit: number, of?: string): Promise<ListedSessionRow[]>;
  /** Forgets sessions that ended before an instant. */
  removeEnded(before: Date): Promise<void>;
}

export function createSessionRepository(database: Kysely<AccountTables>): SessionRepository {
  const live = (now: Date) =>
    database
      .selectFrom('dipper.session as session')
      .innerJoin('dipper.account as account', 'account.id', 'session.account_id')
      .where('session.revoked_at', 'is', null)
      .where('session.expires_at', '>', now)
      .where('account.disabled_at', 'is', null);
  const livePrincipals = (now: Date) =>
    live(now)
      .select(['session.id as session_id', 'session.expires_at', 'session.last_seen_at'])
      .select(['account.id', 'account.name', 'account.display_name', 'account.roles', 'account.scope']);
  return {
    async insert({ accountId, token, expiresAt, address, userAgent }) {
      const id = randomUUID();
      await database
        .insertInto('dipper.session')
        .values({
          id,
          account_id: accountId,
          token_sha256: digestOf(token),
          expires_at: expiresAt,
          address,
          user_agent: userAgent,
        })
        .execute();
      return id;
    },
    scopeOf: ({ scope }) => resolveScope(database, scope),
    async findLive(token, now) {
      const row = await livePrincipals(now).where('session.token_sha256', '=', digestOf(token)).executeTakeFirst();
      if (row === undefined) return undefined;
      return {
        principal: principalFromRow(row, await resolveScope(database, row.scope)),
        lastSeenAt: row.last_seen_at,
      };
    },
    async findLiveByIds(ids, now) {
      const rows = await livePrincipals(now).where('session.id', 'in', ids).execute();
      const scopes = await resolveScopes(
        database,
        rows.map(({ scope }) => scope),
      );
      return rows.map((row, index) => principalFromRow(row, scopes[index] ?? NOWHERE));
    },
    async touch(id, now) {
      await database.updateTable('dipper.session').set({ last_seen_at: now }).where('id', '=', id).execute();
    },
    async revoke(id, now, of) {
      const { numUpdatedRows } = await database
        .updateTable('dipper.session')
        .set({ revoked_at: now })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .$if(of !== undefined, (query) => query.where('account_id', '=', of ?? ''))
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async revokeAllOf(accountId, now, but) {
      const rows = await database
        .updateTable('dipper.session')
        .set({ revoked_at: now })
        .where('account_id', '=', accountId)
        .where('revoked_at', 'is', null)
        .$if(but !== undefined, (query) => query.where('id', '!=', but ?? ''))
        .returning('id')
        .execute();
      return rows.map(({ id }) => id);
    },
    listLive(now, behind, limit, of) {
      const newest = live(now)
        .select(['session.id', 'session.ordinal', 'session.account_id', 'session.created_at', 'session.expires_at'])
        .select(['session.revoked_at', 'session.address', 'session.user_agent', 'account.name as account_name'])
        .select('session.last_seen_at')
        .$if(of !== undefined, (query) => query.where('session.account_id', '=', of ?? ''))
        .orderBy('session.ordinal', 'desc')
        .limit(limit);
      return (behind === undefined ? newest : newest.where('session.ordinal', '<', behind)).execute();
    },
    async removeEnded(before) {
      await database
        .deleteFrom('dipper.session')
        .where(({ or, eb }) => or([eb('expires_at', '<', before), eb('revoked_at', '<', before)]))
        .execute();
    },
  };
}

type LivePrincipalRow = Pick<AccountRow, 'id' | 'name' | 'display_name' | 'roles'> &
  Pick<Selectable<SessionTable>, 'expires_at'> & { readonly session_id: string };

function principalFromRow(row: LivePrincipalRow, scope: Scope): Principal {
  return {
    sessionId: row.session_id,
    accountId: row.id,
    name: row.name,
    displayName: row.display_name,
    roles: row.roles,
    scope,
    expiresAt: row.expires_at,
  };
}

/** A random token of 256 bits needs no salt and no slow hash: there is nothing to guess. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
