import { type Static, Type } from 'typebox';
import { Timestamp } from '../identifiers.ts';
import { MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS } from './account.ts';

const strict = { additionalProperties: false };
const NewPassword = Type.String({ minLength: MIN_PASSWORD_CHARACTERS, maxLength: MAX_PASSWORD_CHARACTERS });

/** Body of `POST /api/v1/password`: of one's own account. */
export const PasswordChange = Type.Object(
  { current: Type.String({ minLength: 1, maxLength: MAX_PASSWORD_CHARACTERS }), password: NewPassword },
  strict,
);
export type PasswordChange = Static<typeof PasswordChange>;

/** What an administrator hands to whoever the account is for; told once. */
export const PasswordCode = Type.Object({ code: Type.String(), expiresAt: Timestamp }, strict);
export type PasswordCode = Static<typeof PasswordCode>;

/** 80 random bits in base 32 (RFC 4648). */
export const PASSWORD_CODE_PATTERN = '^[a-z2-7]{4}(-[a-z2-7]{4}){3}$';

/** Body of `POST /api/v1/password/by-code`, without an account. */
export const PasswordByCode = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    code: Type.String({ pattern: PASSWORD_CODE_PATTERN, examples: ['abcd-efgh-2345-mnop'] }),
    password: NewPassword,
  },
  strict,
);
export type PasswordByCode = Static<typeof PasswordByCode>;
