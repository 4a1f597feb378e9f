import { type Static, Type } from 'typebox';

/** Why somebody does something that others have to be able to understand later. */
export const Reason = Type.String({ minLength: 2, maxLength: 512, pattern: '\\S' });
export type Reason = Static<typeof Reason>;

/** An end before its time, with a word about it. */
export const EarlyEnd = Type.Object(
  { note: Type.Optional(Type.String({ maxLength: 512 })) },
  { additionalProperties: false },
);
export type EarlyEnd = Static<typeof EarlyEnd>;
