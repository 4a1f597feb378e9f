import { type Static, Type } from 'typebox';
import { Slug, Timestamp, Uuid } from '../identifiers.ts';
import { nullable } from './nullable.ts';

const strict = { additionalProperties: false };

/** What one shift leaves for the next to know. */
export const NewHandoverNote = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 2000, pattern: '\\S' }),
    /** Without it, for every estate. */
    estate: Type.Optional(Slug),
  },
  strict,
);
export type NewHandoverNote = Static<typeof NewHandoverNote>;

export const HandoverNote = Type.Object(
  {
    id: Uuid,
    estate: nullable(Slug),
    text: Type.String(),
    writtenAt: Timestamp,
    writtenBy: Type.String(),
    writtenByName: nullable(Type.String()),
  },
  strict,
);
export type HandoverNote = Static<typeof HandoverNote>;
