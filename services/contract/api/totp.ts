import { type Static, Type } from 'typebox';
import { Timestamp } from '../identifiers.ts';
import { nullable } from './nullable.ts';

const strict = { additionalProperties: false };

/** Six digits of an authenticator, or one of the recovery codes. */
export const ONE_TIME_CODE_PATTERN = '^([0-9]{6}|[a-z2-7]{4}(-[a-z2-7]{4}){3})$';
export const OneTimeCode = Type.String({
  pattern: ONE_TIME_CODE_PATTERN,
  examples: ['123456'],
});

export const TotpStatus = Type.Object(
  {
    /** Since when a code is asked for at sign-in; null when none is. */
    confirmedAt: nullable(Timestamp),
    recoveryCodesLeft: Type.Integer(),
    /** Whether this account may do nothing else before it has one. */
    required: Type.Boolean(),
  },
  strict,
);
export type TotpStatus = Static<typeof TotpStatus>;

/** What goes into the authenticator; told once. */
export const TotpSecret = Type.Object({ secret: Type.String(), uri: Type.String() }, strict);
export type TotpSecret = Static<typeof TotpSecret>;

export const TotpCode = Type.Object({ code: OneTimeCode }, strict);
export type TotpCode = Static<typeof TotpCode>;

/** Each signs in once when the authenticator is lost; told once. */
export const RecoveryCodes = Type.Object({ recoveryCodes: Type.Array(Type.String()) }, strict);
export type RecoveryCodes = Static<typeof RecoveryCodes>;
