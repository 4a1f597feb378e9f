import { nullable } from '@dipper/contract/api/nullable';
import { Timestamp, Uuid } from '@dipper/contract/identifiers';
import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false };

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
