import type { AccountChange, AccountView, NewAccount } from '@dipper/contract/api/account';
import type { Assignee } from '@dipper/contract/api/case';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import type { Role } from '@dipper/contract/api/session';
import { DipperError } from '@dipper/contract/errors';
import { isUuid } from '../../database/lookup.ts';
import type { Scope } from '../../scope/scope.ts';
import type { AccountRepository, AccountRow } from './account.repository.ts';
import { pageByOrdinal } from './ordinal-page.ts';
import { generatePassword, hashPassword, isPassword } from './password.ts';

export const FIRST_ADMIN = 'admin';

export interface AccountService {
  list(query: PageQuery): Promise<Page<AccountView>>;
  /** Accounts that are not disabled, have one of these roles, and work where somebody of this scope does. */
  listAssignees(roles: readonly Role[], near: Scope, query: PageQuery): Promise<Page<Assignee>>;
  /** @throws DipperError REQUEST_INVALID when the name is taken */
  create(account: NewAccount): Promise<AccountView>;
  /** @throws DipperError NOT_FOUND, ACCOUNT_LAST_ADMIN */
  change(id: string, change: AccountChange): Promise<AccountView>;
  /** The account that a name and password belong to. Takes as long for a name that does not exist. */
  findByPassword(name: string, password: string): Promise<AccountRow | undefined>;
  /** The account's own spelling of the name of somebody who is not disabled and has one of these roles. */
  findAssignee(name: string, roles: readonly Role[]): Promise<string | undefined>;
  /** The account's own spelling of a name; undefined when nobody has it, or nobody any more. */
  findName(name: string): Promise<string | undefined>;
}

/** @param decoyHash of a password that nobody knows: what the password for an unknown name is compared with */
export function createAccountService(accounts: AccountRepository, decoyHash: string): AccountService {
  return {
    list: (query) => pageByOrdinal(query, accounts.list, ({ ordinal }) => ordinal, accountFromRow),
    listAssignees: (roles, near, query) =>
      pageByOrdinal(
        query,
        (behind, limit) => accounts.listActive(roles, near, behind, limit),
        ({ ordinal }) => ordinal,
        (row) => ({ name: row.name, displayName: row.display_name, roles: row.roles }),
      ),
    async create({ name, displayName, password, roles, scope = null }) {
      const row = await accounts.insert({
        name,
        displayName,
        roles,
        scope,
        passwordHash: await hashPassword(password),
      });
      if (row === undefined) {
        const problem = { path: '/body/name', message: 'is taken' };
        throw new DipperError('REQUEST_INVALID', { message: '/body/name: is taken', detail: [problem] });
      }
      return accountFromRow(row);
    },
    async change(id, { password, ...change }) {
      if (!isUuid(id)) throw new DipperError('NOT_FOUND');
      const passwordHash = password === undefined ? undefined : await hashPassword(password);
      const row = await accounts.update(id, { ...change, ...(passwordHash === undefined ? {} : { passwordHash }) });
      if (row === undefined) throw new DipperError('NOT_FOUND');
      return accountFromRow(row);
    },
    async findByPassword(name, password) {
      const row = await accounts.findByName(name);
      const isRight = await isPassword(row?.password_hash ?? decoyHash, password);
      return row !== undefined && isRight && row.disabled_at === null ? row : undefined;
    },
    async findAssignee(name, roles) {
      const row = await accounts.findByName(name);
      return row?.disabled_at === null && roles.some((role) => row.roles.includes(role)) ? row.name : undefined;
    },
    async findName(name) {
      const row = await accounts.findByName(name);
      return row?.disabled_at === null ? row.name : undefined;
    },
  };
}

export interface FirstAdminOptions {
  readonly accounts: AccountRepository;
  /** Password to set; without one, the first start makes one up. */
  readonly password: string | undefined;
  /** Ends the sessions of an account whose password was changed. */
  readonly revokeSessionsOf: (accountId: string) => Promise<void>;
}

/**
 * Makes sure that somebody can sign in: creates `admin` where there is no account at all, and sets its password when
 * one is given.
 *
 * @returns the password that was made up, to be told once and stored nowhere; undefined when none was
 */
export async function ensureAdmin({
  accounts,
  password,
  revokeSessionsOf,
}: FirstAdminOptions): Promise<string | undefined> {
  if (password === undefined && !(await accounts.isEmpty())) return undefined;
  const chosen = password ?? generatePassword();
  const existing = await accounts.findByName(FIRST_ADMIN);
  if (existing === undefined) {
    const inserted = await accounts.insert({
      name: FIRST_ADMIN,
      displayName: 'Admin',
      roles: ['admin'],
      scope: null,
      passwordHash: await hashPassword(chosen),
    });
    // Another copy of the hub was faster: it has told the password it made up.
    return inserted !== undefined && password === undefined ? chosen : undefined;
  }
  if (password !== undefined && !(await isPassword(existing.password_hash, password))) {
    await accounts.updatePassword(existing.id, await hashPassword(password));
    await revokeSessionsOf(existing.id);
  }
  return undefined;
}

function accountFromRow(row: AccountRow): AccountView {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    roles: row.roles,
    scope: row.scope,
    createdAt: row.created_at.toISOString(),
    disabledAt: row.disabled_at?.toISOString() ?? null,
  };
}
