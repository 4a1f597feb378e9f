import { type Static, Type } from 'typebox';
import { FEED_KINDS } from './feed.ts';

/** One thing that changed, as the account that asks may see it. */
export const ChangeItem = Type.Object(
  {
    kind: Type.Enum(FEED_KINDS),
    cursor: Type.String(),
    change: Type.Enum(['created', 'updated']),
    id: Type.String(),
    /** What `GET` of the thing answers. */
    value: Type.Unknown(),
  },
  { additionalProperties: false },
);
export type ChangeItem = Static<typeof ChangeItem>;

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
