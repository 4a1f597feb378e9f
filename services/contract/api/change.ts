import { type Static, Type } from 'typebox';
import { ChangeItem } from './feed.ts';

/** Changes behind a cursor, oldest first. */
export const ChangeList = Type.Object(
  {
    items: Type.Array(ChangeItem),
    /** Pass it back as `after`. */
    nextCursor: Type.String(),
    /** Whether there is something behind `nextCursor` already. */
    hasMore: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type ChangeList = Static<typeof ChangeList>;
