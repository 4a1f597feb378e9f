import { type Static, Type } from 'typebox';

/** What the feed tells about. Its `value` is what `GET` of the same noun answers. */
export const FEED_KINDS = ['event', 'alarm', 'incident', 'case', 'device', 'agent', 'shelf', 'out-of-service'] as const;
/** How often the hub says hello on a feed that has nothing else to tell, ms. */
export const FEED_HELLO_MS = 5_000;
export type FeedKind = (typeof FEED_KINDS)[number];

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

/**
 * One change on `GET /api/v1/feed` (WebSocket). Resume without a gap with `?after=<cursor>`.
 * `{kind:'hello'}` comes first and names the cursor that the stream starts behind. It is repeated with the cursor that
 * has been reached, every `FEED_HELLO_MS` at the latest, as long as the hub can read what changes: silence means that
 * it cannot, or that the connection is dead, and the reader is blind.
 */
export const FeedMessage = Type.Union([
  Type.Object({ kind: Type.Literal('hello'), cursor: Type.String() }, { additionalProperties: false }),
  ChangeItem,
]);
export type FeedMessage = Static<typeof FeedMessage>;
