import type { PasswordByCode, PasswordChange, PasswordCode } from '@dipper/contract/api/password';
import { DipperError } from '@dipper/contract/errors';
import type { Principal } from '../../plugins/principal.ts';
import type { AccountRepository } from '../account/account.repository.ts';
import { hashPassword, isPassword } from '../account/password.ts';
import type { LoginThrottle } from '../session/login-throttle.ts';
import { generateRecoveryCode } from '../totp/one-time-code.ts';
import type { PasswordCodes } from './password-code.repository.ts';

/** Long enough to be handed over on paper, short enough not to lie about. */
const CODE_LIFE_MS = 7 * 86_400_000;

export interface PasswordService {
  /** Ends every other session and every token of the account. @throws DipperError CREDENTIALS_WRONG, TOO_MANY_ATTEMPTS */
  change(asked: PasswordChange, by: Principal, address: string): Promise<void>;
  /** @throws DipperError NOT_FOUND */
  makeCode(accountId: string): Promise<PasswordCode>;
  /** @throws DipperError CREDENTIALS_WRONG, TOO_MANY_ATTEMPTS */
  setByCode(asked: PasswordByCode, address: string): Promise<void>;
}

export interface PasswordServiceOptions {
  readonly accounts: AccountRepository;
  readonly codes: PasswordCodes;
  readonly throttle: LoginThrottle;
  /** Ends sessions and tokens of an account, but for one session. */
  readonly endAllBut: (accountId: string, sessionId: string | undefined) => Promise<void>;
  readonly now?: () => number;
}

export function createPasswordService(options: PasswordServiceOptions): PasswordService {
  const { accounts, codes, throttle, endAllBut, now = Date.now } = options;
  return {
    async change({ current, password }, { name, sessionId, isToken }, address) {
      if (isToken === true) throw new DipperError('FORBIDDEN');
      await throttle.begin(name, address);
      const account = await accounts.findByName(name);
      if (account === undefined || !(await isPassword(account.password_hash, current))) {
        throw new DipperError('CREDENTIALS_WRONG');
      }
      await throttle.succeeded(name, address);
      await accounts.updatePassword(account.id, await hashPassword(password));
      await endAllBut(account.id, sessionId);
    },
    async makeCode(accountId) {
      const code = generateRecoveryCode();
      const expiresAt = new Date(now() + CODE_LIFE_MS);
      if (!(await codes.put(accountId, code, expiresAt))) throw new DipperError('NOT_FOUND');
      return { code, expiresAt: expiresAt.toISOString() };
    },
    async setByCode({ name, code, password }, address) {
      await throttle.begin(name, address);
      const account = await accounts.findByName(name);
      // Hashed before the code is looked at: a name that does not exist takes as long.
      const hash = await hashPassword(password);
      const isRight = account?.disabled_at === null && (await codes.take(account.id, code, new Date(now())));
      if (account === undefined || !isRight) throw new DipperError('CREDENTIALS_WRONG');
      await throttle.succeeded(name, address);
      await accounts.updatePassword(account.id, hash);
      await endAllBut(account.id, undefined);
    },
  };
}
