import { type Static, Type } from 'typebox';

/** What the feed tells about. Its `value` is what `GET` of the same noun answers. */
export const FEED_KINDS = ['event', 'alarm', 'incident', 'case', 'device', 'agent'] as const;
export type FeedKind = (typeof FEED_KINDS)[number];

/**
 * One change on `GET /api/v1/feed` (WebSocket). Resume without a gap with `?after=<cursor>`.
 * `{kind:'hello'}` comes first and names the cursor that the stream starts behind.
 */
export const FeedMessage = Type.Union([
  Type.Object({ kind: Type.Literal('hello'), cursor: Type.String() }, { additionalProperties: false }),
  Type.Object(
    {
      kind: Type.Enum(FEED_KINDS),
      cursor: Type.String(),
      change: Type.Enum(['created', 'updated']),
      id: Type.String(),
      value: Type.Unknown(),
    },
    { additionalProperties: false },
  ),
]);
export type FeedMessage = Static<typeof FeedMessage>;
