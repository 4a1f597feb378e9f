import { nullable } from '@dipper/contract/api/nullable';
import { ROLES, Role } from '@dipper/contract/api/session';
import { Timestamp, Uuid } from '@dipper/contract/identifiers';
import { type Static, Type } from 'typebox';
import { MIN_PASSWORD_CHARACTERS } from './password.ts';

const strict = { additionalProperties: false };

/** Letters of any script, digits, and a few signs; unique regardless of case. */
const AccountName = Type.String({ pattern: '^[\\p{L}\\p{N}][\\p{L}\\p{N}._-]{0,63}$' });

export const AccountView = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    displayName: Type.String(),
    roles: Type.Array(Role),
    createdAt: Timestamp,
    disabledAt: nullable(Timestamp),
  },
  strict,
);
export type AccountView = Static<typeof AccountView>;

export const NewAccount = Type.Object(
  {
    name: AccountName,
    displayName: Type.String({ minLength: 1, maxLength: 64 }),
    password: Type.String({ minLength: MIN_PASSWORD_CHARACTERS, maxLength: 256 }),
    roles: Type.Array(Role, { minItems: 1, maxItems: ROLES.length, uniqueItems: true }),
  },
  strict,
);
export type NewAccount = Static<typeof NewAccount>;

/** A session as an admin sees it. */
export const SessionView = Type.Object(
  {
    id: Uuid,
    account: Type.String(),
    createdAt: Timestamp,
    expiresAt: Timestamp,
    address: Type.String(),
    userAgent: nullable(Type.String()),
  },
  strict,
);
export type SessionView = Static<typeof SessionView>;
