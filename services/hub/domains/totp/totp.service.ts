import type { Role } from '@dipper/contract/api/session';
import type { RecoveryCodes, TotpSecret, TotpStatus } from '@dipper/contract/api/totp';
import { DipperError } from '@dipper/contract/errors';
import type { Principal } from '../../plugins/principal.ts';
import type { Sealer } from '../../sealer.ts';
import { base32, generateRecoveryCode, generateSecret, otpauthUri, stepOf } from './one-time-code.ts';
import type { TotpRepository } from './totp.repository.ts';

const RECOVERY_CODES = 10;

export interface TotpService {
  status(by: Principal): Promise<TotpStatus>;
  /** @throws DipperError TOTP_EXISTS, or FORBIDDEN for a token */
  begin(by: Principal): Promise<TotpSecret>;
  /** @throws DipperError TOTP_WRONG, TOTP_EXISTS, NOT_FOUND when none was begun */
  confirm(code: string, by: Principal): Promise<RecoveryCodes>;
  /** Takes away one’s own. @throws DipperError TOTP_WRONG, NOT_FOUND */
  remove(code: string, by: Principal): Promise<void>;
  /** For somebody who lost authenticator and codes. @throws DipperError NOT_FOUND */
  reset(accountId: string): Promise<void>;
  /** Whether a code is asked of an account at sign-in. */
  isAsked(accountId: string): Promise<boolean>;
  /** Whether an account has to have a second factor, and has none. */
  isMissing(account: { readonly id: string; readonly roles: readonly Role[] }): Promise<boolean>;
  /** Whether a code is right; uses it up. */
  take(accountId: string, code: string): Promise<boolean>;
}

export interface TotpServiceOptions {
  readonly rows: TotpRepository;
  readonly sealer: Sealer;
  /** Whether administrators may do nothing before they have a second factor. */
  readonly isRequired: boolean;
  readonly now?: () => number;
}

export function createTotpService({ rows, sealer, isRequired, now = Date.now }: TotpServiceOptions): TotpService {
  const context = (accountId: string): string => `totp:${accountId}`;
  const secretOf = (accountId: string, sealed: Buffer): Buffer =>
    Buffer.from(sealer.open(sealed, context(accountId)), 'base64');
  const take = async (accountId: string, code: string): Promise<boolean> => {
    if (code.includes('-')) return rows.takeRecoveryCode(accountId, code);
    const row = await rows.find(accountId);
    const step = row === undefined ? undefined : stepOf(secretOf(accountId, row.secret), code, now());
    return step !== undefined && rows.takeStep(accountId, step);
  };
  const isAsked = async (accountId: string): Promise<boolean> => {
    const row = await rows.find(accountId);
    return row !== undefined && row.confirmed_at !== null;
  };
  return {
    async status({ accountId, mustEnrol }) {
      const row = await rows.find(accountId);
      return {
        confirmedAt: row?.confirmed_at?.toISOString() ?? null,
        recoveryCodesLeft: row?.codes_left ?? 0,
        required: mustEnrol === true,
      };
    },
    async begin({ accountId, name, isToken }) {
      if (isToken === true) throw new DipperError('FORBIDDEN');
      const secret = generateSecret();
      const sealed = sealer.seal(secret.toString('base64'), context(accountId));
      if (!(await rows.begin(accountId, sealed))) throw new DipperError('TOTP_EXISTS');
      return { secret: base32(secret).toUpperCase(), uri: otpauthUri(name, secret) };
    },
    async confirm(code, { accountId, isToken }) {
      if (isToken === true) throw new DipperError('FORBIDDEN');
      const row = await rows.find(accountId);
      if (row === undefined) throw new DipperError('NOT_FOUND');
      const step = stepOf(secretOf(accountId, row.secret), code, now());
      if (step === undefined) throw new DipperError('TOTP_WRONG');
      const recoveryCodes = Array.from({ length: RECOVERY_CODES }, generateRecoveryCode);
      if (!(await rows.confirm(accountId, step, recoveryCodes))) throw new DipperError('TOTP_EXISTS');
      return { recoveryCodes };
    },
    async remove(code, { accountId, isToken }) {
      if (isToken === true) throw new DipperError('FORBIDDEN');
      if ((await rows.find(accountId)) === undefined) throw new DipperError('NOT_FOUND');
      if (!(await take(accountId, code))) throw new DipperError('TOTP_WRONG');
      await rows.remove(accountId);
    },
    async reset(accountId) {
      if (!(await rows.remove(accountId))) throw new DipperError('NOT_FOUND');
    },
    isAsked,
    isMissing: async ({ id, roles }) => isRequired && roles.includes('admin') && !(await isAsked(id)),
    take,
  };
}
