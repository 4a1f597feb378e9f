import { type Static, Type } from 'typebox';
import { Timestamp, Uuid } from '../identifiers.ts';
import { AccountScope } from './account.ts';
import { nullable } from './nullable.ts';
import { ROLES, Role } from './session.ts';

const strict = { additionalProperties: false };

/** A year and a day: nobody renews what never ends. */
export const MAX_TOKEN_LIFE_DAYS = 366;

/** A token of a program, as its account sees it. */
export const ApiTokenView = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    /** What it may at most; never more than its account may now. */
    roles: Type.Array(Role),
    /** Null: the scope of its account. */
    scope: nullable(AccountScope),
    createdAt: Timestamp,
    expiresAt: Timestamp,
    /** To the minute; null while it was never used. */
    lastUsedAt: nullable(Timestamp),
    /** Since when it waits for its owner to say that it still counts, after a restore; null while it is in force. */
    heldAt: nullable(Timestamp),
  },
  strict,
);
export type ApiTokenView = Static<typeof ApiTokenView>;

/** Body of `POST /api/v1/tokens`. */
export const NewApiToken = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    roles: Type.Array(Role, { minItems: 1, maxItems: ROLES.length, uniqueItems: true }),
    /** Only for accounts whose own scope is everywhere. */
    scope: Type.Optional(nullable(AccountScope)),
    expiresAt: Timestamp,
  },
  strict,
);
export type NewApiToken = Static<typeof NewApiToken>;

/** The only time that the token is told. */
export const CreatedApiToken = Type.Object({ token: Type.String(), view: ApiTokenView }, strict);
export type CreatedApiToken = Static<typeof CreatedApiToken>;
