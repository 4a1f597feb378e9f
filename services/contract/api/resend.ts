import { type Static, Type } from 'typebox';
import { Code, ShortText, Slug, Timestamp, Uuid } from '../identifiers.ts';
import { nullable } from './nullable.ts';

const strict = { additionalProperties: false };

/** Something that was refused: what it hashes to and why. What it said is kept nowhere but at its edge. */
export const DeadLetterView = Type.Object(
  {
    id: Type.String(),
    agent: nullable(Type.String()),
    topic: Type.String(),
    reason: Code,
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    bytes: Type.Integer({ minimum: 0 }),
    /** With `sequence` its position; null where none could be read: then it cannot be sent again either. */
    epoch: nullable(Uuid),
    sequence: nullable(Type.Integer()),
    /** How often the same bytes came. */
    times: Type.Integer({ minimum: 1 }),
    firstAt: Timestamp,
    lastAt: Timestamp,
    /** When its edge said that it will send it again. */
    resentAt: nullable(Timestamp),
  },
  strict,
);
export type DeadLetterView = Static<typeof DeadLetterView>;

export const NewResend = Type.Union([
  Type.Object(
    {
      what: Type.Literal('dead-letters'),
      /** Only those refused for this reason, e.g. EVENT_TYPE_UNKNOWN before the hub was brought up to date. */
      code: Type.Optional(Code),
      reason: Type.String({ minLength: 1, maxLength: 512 }),
    },
    strict,
  ),
  Type.Object(
    {
      what: Type.Literal('everything'),
      /** That was receipted since this instant by the edge's clock: a little before the backup was made. */
      receiptedSince: Timestamp,
      reason: Type.String({ minLength: 1, maxLength: 512 }),
    },
    strict,
  ),
]);
export type NewResend = Static<typeof NewResend>;

/** One command to an edge to send events again, and how far that has come. */
export const ResendView = Type.Object(
  {
    id: Uuid,
    agent: Slug,
    what: Type.Enum(['dead-letters', 'everything']),
    /** Of dead letters: the epoch they lie in. */
    epoch: nullable(Uuid),
    receiptedSince: nullable(Timestamp),
    reason: ShortText,
    requestedBy: Type.String(),
    requestedAt: Timestamp,
    /** `granted`, or the code with which it failed; null while the edge has not answered. */
    outcome: nullable(Type.String()),
    /** How many events the edge said it will send; it keeps what was receipted for seven days. */
    events: nullable(Type.Integer()),
    /** Of dead letters: how many of those have come, stored or refused again. Otherwise see `waiting` of the agent. */
    arrived: nullable(Type.Integer()),
  },
  strict,
);
export type ResendView = Static<typeof ResendView>;
