import { randomBytes } from 'node:crypto';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import {
  type ApiTokenView,
  type CreatedApiToken,
  MAX_TOKEN_LIFE_DAYS,
  type NewApiToken,
} from '@dipper/contract/api/token';
import { DipperError } from '@dipper/contract/errors';
import { found } from '../../database/lookup.ts';
import type { Principal } from '../../plugins/principal.ts';
import { resolveScope } from '../../scope/account-scope.ts';
import { intersectScopes } from '../../scope/scope.ts';
import { pageByOrdinal } from '../account/ordinal-page.ts';
import type { SessionSockets } from '../session/session-sockets.ts';
import type { TotpService } from '../totp/totp.service.ts';
import type { LiveTokenRow, TokenDb, TokenRepository, TokenRow } from './token.repository.ts';

/** What tells a token from a session, to us and to scanners for leaked secrets. */
const PREFIX = 'dipper_';
const TOUCH_EVERY_MS = 60_000;
const DAY_MS = 86_400_000;

export interface TokenService {
  /** @throws DipperError FORBIDDEN for more than the account may, or for a token that asks; REQUEST_INVALID */
  create(asked: NewApiToken, by: Principal): Promise<CreatedApiToken>;
  /** Undefined for what is no token, or none that is alive and in force. */
  find(token: string): Promise<Principal | undefined>;
  /** Those of these tokens that are alive, with what they may now. */
  findByIds(ids: readonly string[]): Promise<Principal[]>;
  list(query: PageQuery, by: Principal): Promise<Page<ApiTokenView>>;
  /** Lets a token of one's own count again that a restore brought back. @throws DipperError NOT_FOUND, or FORBIDDEN for a token */
  confirm(id: string, by: Principal): Promise<ApiTokenView>;
  /** Ends a token of one's own and closes its WebSockets. @throws DipperError NOT_FOUND */
  revoke(id: string, by: Principal): Promise<void>;
  revokeAllOf(accountId: string): Promise<void>;
}

export interface TokenServiceOptions {
  readonly db: TokenDb;
  readonly tokens: TokenRepository;
  readonly sockets: Pick<SessionSockets, 'close'>;
  readonly totp: Pick<TotpService, 'isMissing'>;
  readonly now?: () => number;
}

export function createTokenService({ db, tokens, sockets, totp, now = Date.now }: TokenServiceOptions): TokenService {
  const principalOf = async (row: LiveTokenRow): Promise<Principal | undefined> => {
    const roles = row.roles.filter((role) => row.account_roles.includes(role));
    if (roles.length === 0) return undefined;
    return {
      sessionId: row.id,
      accountId: row.account_id,
      name: row.account_name,
      displayName: row.display_name,
      roles,
      // An account that was given a scope later keeps its tokens to that as well, and widens none.
      scope: intersectScopes(await resolveScope(db, row.account_scope), await resolveScope(db, row.scope)),
      expiresAt: row.expires_at,
      isToken: true,
      // Of the account, whatever the token may itself: whoever made it without one may not have been its owner.
      ...((await totp.isMissing({ id: row.account_id, roles: row.account_roles })) ? { mustEnrol: true } : {}),
    };
  };
  return {
    async create(asked, by) {
      refuseMoreThan(by, asked);
      const lifeMs = Date.parse(asked.expiresAt) - now();
      if (!(lifeMs > 0 && lifeMs <= MAX_TOKEN_LIFE_DAYS * DAY_MS)) {
        throw new DipperError('REQUEST_INVALID', {
          message: `/body/expiresAt: has to lie ahead, by ${MAX_TOKEN_LIFE_DAYS} days at most`,
        });
      }
      const token = `${PREFIX}${randomBytes(32).toString('base64url')}`;
      return { token, view: tokenFromRow(await tokens.insert(by.accountId, token, asked)) };
    },
    async find(token) {
      if (!token.startsWith(PREFIX)) return undefined;
      const at = new Date(now());
      const row = await tokens.findLive(token, at);
      const principal = row === undefined ? undefined : await principalOf(row);
      if (row === undefined || principal === undefined) return undefined;
      if (at.getTime() - (row.last_used_at?.getTime() ?? 0) >= TOUCH_EVERY_MS) await tokens.touch(row.id, at);
      return principal;
    },
    async findByIds(ids) {
      const rows = await tokens.findLiveByIds(ids, new Date(now()));
      return (await Promise.all(rows.map(principalOf))).filter((principal) => principal !== undefined);
    },
    list: (query, by) =>
      pageByOrdinal(
        query,
        (behind, limit) => tokens.listLive(by.accountId, new Date(now()), behind, limit),
        ({ ordinal }) => ordinal,
        tokenFromRow,
      ),
    async confirm(id, by) {
      if (by.isToken === true) throw new DipperError('FORBIDDEN');
      return tokenFromRow(found(await tokens.confirm(id, by.accountId, new Date(now()))));
    },
    async revoke(id, by) {
      if (!(await tokens.revoke(id, by.accountId, new Date(now())))) throw new DipperError('NOT_FOUND');
      sockets.close(id);
    },
    async revokeAllOf(accountId) {
      for (const id of await tokens.revokeAllOf(accountId, new Date(now()))) sockets.close(id);
    },
  };
}

/** A token that leaks must not be able to outlive itself, nor to grow. */
function refuseMoreThan(by: Principal, { roles, scope }: NewApiToken): void {
  const isMore = roles.some((role) => !by.roles.includes(role)) || (scope != null && by.scope !== 'everywhere');
  if (by.isToken === true || isMore) throw new DipperError('FORBIDDEN');
}

function tokenFromRow(row: TokenRow): ApiTokenView {
  return {
    id: row.id,
    name: row.name,
    roles: row.roles,
    scope: row.scope,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    heldAt: row.held_at?.toISOString() ?? null,
  };
}
