import { randomBytes } from 'node:crypto';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import type { OwnSession, SignIn } from '@dipper/contract/api/session';
import { DipperError } from '@dipper/contract/errors';
import type { Principal } from '../../plugins/principal.ts';
import type { AccountService } from '../account/account.service.ts';
import { pageByOrdinal } from '../account/ordinal-page.ts';
import type { AuditRecord, AuditTrail } from '../audit/audit.service.ts';
import type { TotpService } from '../totp/totp.service.ts';
import type { LoginThrottle } from './login-throttle.ts';
import type { ListedSessionRow, SessionRepository } from './session.repository.ts';
import type { SessionView } from './session.schema.ts';
import type { SessionSockets } from './session-sockets.ts';

/** A shift in the security room, and its handover. Not extended by use: whoever stays on signs in again. */
const SESSION_LIFE_MS = 13 * 3_600_000;
/** How long ended sessions stay in the table; the audit trail keeps what was done in them. */
const KEEP_ENDED_MS = 30 * 86_400_000;
/** A session in use is written to this often at the most. */
const TOUCH_EVERY_MS = 60_000;
const MAX_USER_AGENT_CHARACTERS = 256;

/** Where a request comes from, for the record. */
export interface RequestOrigin {
  readonly address: string;
  readonly userAgent: string | undefined;
  readonly requestId: string;
}

export interface NewSession {
  readonly principal: Principal;
  /** 256 random bits. Handed out once; only its digest is stored. */
  readonly token: string;
}

export interface SessionService {
  /** @throws DipperError CREDENTIALS_WRONG, TOTP_REQUIRED, TOTP_WRONG, TOO_MANY_ATTEMPTS */
  create(credentials: SignIn, from: RequestOrigin): Promise<NewSession>;
  find(token: string): Promise<Principal | undefined>;
  /** Those of these sessions that are alive, with what they may now. */
  findByIds(ids: readonly string[]): Promise<Principal[]>;
  list(query: PageQuery): Promise<Page<SessionView>>;
  listOwn(query: PageQuery, by: Principal): Promise<Page<OwnSession>>;
  /** Ends a session of one's own. @throws DipperError NOT_FOUND */
  revokeOwn(id: string, by: Principal): Promise<void>;
  /** Ends a session and closes its WebSockets. @throws DipperError NOT_FOUND */
  revoke(id: string): Promise<void>;
  /** @param but a session that stays */
  revokeAllOf(accountId: string, but?: string): Promise<void>;
}

export interface SessionServiceOptions {
  readonly sessions: SessionRepository;
  readonly accounts: AccountService;
  readonly audit: AuditTrail;
  readonly throttle: LoginThrottle;
  readonly totp: Pick<TotpService, 'isAsked' | 'isMissing' | 'take'>;
  readonly sockets: SessionSockets;
}

export function createSessionService(options: SessionServiceOptions): SessionService {
  const { sessions, accounts, audit, throttle, sockets, totp } = options;
  const recorded = (from: RequestOrigin, entry: Omit<AuditRecord, 'address' | 'requestId' | 'reason'>) =>
    audit.record({ ...entry, reason: null, address: from.address, requestId: from.requestId });
  const held = async (principal: Principal): Promise<Principal> => {
    const { accountId: id, roles } = principal;
    return (await totp.isMissing({ id, roles })) ? { ...principal, mustEnrol: true } : principal;
  };

  return {
    async create({ name, password, code }, from) {
      await throttle.begin(name, from.address);
      const account = await accounts.findByPassword(name, password);
      if (account === undefined) {
        // A name that is nobody's may be a password typed into the wrong field: it is not put on record.
        const target = (await accounts.findName(name)) ?? null;
        await recorded(from, { action: 'session.create', target, outcome: 'CREDENTIALS_WRONG', principal: undefined });
        throw new DipperError('CREDENTIALS_WRONG');
      }
      if (await totp.isAsked(account.id)) {
        if (code === undefined) {
          await throttle.takenBack(name, from.address);
          throw new DipperError('TOTP_REQUIRED');
        }
        if (!(await totp.take(account.id, code))) {
          const by = { accountId: account.id, name: account.name };
          await recorded(from, {
            action: 'session.create',
            target: account.name,
            outcome: 'TOTP_WRONG',
            principal: by,
          });
          throw new DipperError('TOTP_WRONG');
        }
      }
      await throttle.succeeded(name, from.address);
      const token = randomBytes(32).toString('base64url');
      const expiresAt = new Date(Date.now() + SESSION_LIFE_MS);
      const userAgent = from.userAgent?.slice(0, MAX_USER_AGENT_CHARACTERS).replaceAll('\0', '') ?? null;
      await sessions.removeEnded(new Date(Date.now() - KEEP_ENDED_MS));
      const sessionId = await sessions.insert({
        accountId: account.id,
        token,
        expiresAt,
        address: from.address,
        userAgent,
      });
      const principal: Principal = {
        sessionId,
        accountId: account.id,
        name: account.name,
        displayName: account.display_name,
        roles: account.roles,
        scope: await sessions.scopeOf(account),
        expiresAt,
      };
      await recorded(from, { action: 'session.create', target: account.name, outcome: 'granted', principal });
      return { principal, token };
    },
    async find(token) {
      const now = new Date();
      const found = await sessions.findLive(token, now);
      if (found === undefined) return undefined;
      const { principal, lastSeenAt } = found;
      if (now.getTime() - (lastSeenAt?.getTime() ?? 0) >= TOUCH_EVERY_MS)
        await sessions.touch(principal.sessionId, now);
      return held(principal);
    },
    async findByIds(ids) {
      return Promise.all((await sessions.findLiveByIds(ids, new Date())).map(held));
    },
    list: (query) =>
      pageByOrdinal(
        query,
        (behind, limit) => sessions.listLive(new Date(), behind, limit),
        ({ ordinal }) => ordinal,
        sessionFromRow,
      ),
    listOwn: (query, { accountId, sessionId }) =>
      pageByOrdinal(
        query,
        (behind, limit) => sessions.listLive(new Date(), behind, limit, accountId),
        ({ ordinal }) => ordinal,
        (row) => ({ ...ownSessionFromRow(row), isCurrent: row.id === sessionId }),
      ),
    async revokeOwn(id, { accountId }) {
      if (!(await sessions.revoke(id, new Date(), accountId))) throw new DipperError('NOT_FOUND');
      sockets.close(id);
    },
    async revoke(id) {
      if (!(await sessions.revoke(id, new Date()))) throw new DipperError('NOT_FOUND');
      sockets.close(id);
    },
    async revokeAllOf(accountId, but) {
      for (const id of await sessions.revokeAllOf(accountId, new Date(), but)) sockets.close(id);
    },
  };
}

function sessionFromRow(row: ListedSessionRow): SessionView {
  return {
    id: row.id,
    account: row.account_name,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    address: row.address,
    userAgent: row.user_agent,
  };
}

function ownSessionFromRow(row: ListedSessionRow): Omit<OwnSession, 'isCurrent'> {
  const { account: _, ...view } = sessionFromRow(row);
  return { ...view, lastSeenAt: row.last_seen_at?.toISOString() ?? null };
}
