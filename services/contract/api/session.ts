import { type Static, Type } from 'typebox';
import { Timestamp, Uuid } from '../identifiers.ts';
import { nullable } from './nullable.ts';
import { OneTimeCode } from './totp.ts';

const strict = { additionalProperties: false };

export const ROLES = ['guard', 'grid-worker', 'dispatcher', 'supervisor', 'admin', 'auditor'] as const;
export const Role = Type.Enum(ROLES);
export type Role = (typeof ROLES)[number];

export const SignIn = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    password: Type.String({ minLength: 1, maxLength: 256 }),
    /** For accounts with a second factor: TOTP_REQUIRED asks for it. */
    code: Type.Optional(OneTimeCode),
  },
  strict,
);
export type SignIn = Static<typeof SignIn>;

/** A session of one's own: where one is signed in. */
export const OwnSession = Type.Object(
  {
    id: Uuid,
    createdAt: Timestamp,
    /** To the minute; null before the first request after the sign-in. */
    lastSeenAt: nullable(Timestamp),
    expiresAt: Timestamp,
    address: Type.String(),
    userAgent: nullable(Type.String()),
    /** Whether it is the one that asks. */
    isCurrent: Type.Boolean(),
  },
  strict,
);
export type OwnSession = Static<typeof OwnSession>;

export const Session = Type.Object(
  {
    id: Uuid,
    account: Type.Object(
      { id: Uuid, name: Type.String(), displayName: Type.String(), roles: Type.Array(Role) },
      strict,
    ),
    expiresAt: Timestamp,
    /** For API clients: send as `Authorization: Bearer`. Only in the answer to the sign-in, never again. */
    token: Type.Optional(Type.String()),
    /** For the page: send as `X-CSRF-Token` with every change. */
    csrfToken: Type.String(),
  },
  strict,
);
export type Session = Static<typeof Session>;
