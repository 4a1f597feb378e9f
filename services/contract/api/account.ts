import { type Static, Type } from 'typebox';
import { Slug, Timestamp, Uuid } from '../identifiers.ts';
import { nullable } from './nullable.ts';
import { ROLES, Role } from './session.ts';

const strict = { additionalProperties: false };

/** NIST SP 800-63B §5.1.1.2. */
export const MIN_PASSWORD_CHARACTERS = 8;
export const MAX_PASSWORD_CHARACTERS = 256;
/** Letters of any script, digits, and a few signs; unique regardless of case. */
export const ACCOUNT_NAME_PATTERN = '^[\\p{L}\\p{N}][\\p{L}\\p{N}._-]{0,63}$';

const DisplayName = Type.String({ minLength: 1, maxLength: 64 });
const Password = Type.String({ minLength: MIN_PASSWORD_CHARACTERS, maxLength: MAX_PASSWORD_CHARACTERS });
const Roles = Type.Array(Role, { minItems: 1, maxItems: ROLES.length, uniqueItems: true });

/** Where an account's things lie: places of any level. What lies elsewhere does not exist for it. */
export const SCOPE_LEVELS = ['subdistrict', 'community', 'grid', 'estate'] as const;
export const AccountScope = Type.Array(Type.Object({ level: Type.Enum(SCOPE_LEVELS), id: Slug }, strict), {
  minItems: 1,
  maxItems: 100,
});
export type AccountScope = Static<typeof AccountScope>;

/** Somebody, or a program, that may sign in. */
export const AccountView = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    displayName: Type.String(),
    roles: Type.Array(Role),
    /** Null: everywhere. */
    scope: nullable(AccountScope),
    createdAt: Timestamp,
    /** Null while it may be used. Accounts are not deleted: steps and the audit trail name them. */
    disabledAt: nullable(Timestamp),
  },
  strict,
);
export type AccountView = Static<typeof AccountView>;

export const NewAccount = Type.Object(
  {
    name: Type.String({ pattern: ACCOUNT_NAME_PATTERN }),
    displayName: DisplayName,
    password: Password,
    roles: Roles,
    /** Null or absent: everywhere. */
    scope: Type.Optional(nullable(AccountScope)),
  },
  strict,
);
export type NewAccount = Static<typeof NewAccount>;

/** What is to be different; what is left out stays. All but the display name ends the account's sessions. */
export const AccountChange = Type.Object(
  {
    active: Type.Optional(Type.Boolean()),
    displayName: Type.Optional(DisplayName),
    password: Type.Optional(Password),
    roles: Type.Optional(Roles),
    scope: Type.Optional(nullable(AccountScope)),
  },
  { ...strict, minProperties: 1 },
);
export type AccountChange = Static<typeof AccountChange>;
