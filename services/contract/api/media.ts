import { type Static, Type } from 'typebox';

/** Why somebody wants to see a captured face; kept in the audit trail, refused or not. */
export const MediaViewRequest = Type.Object(
  { reason: Type.String({ minLength: 4, maxLength: 512 }) },
  { additionalProperties: false },
);
export type MediaViewRequest = Static<typeof MediaViewRequest>;
