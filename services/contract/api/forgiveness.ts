import { type Static, Type } from 'typebox';
import { Code, Slug } from '../identifiers.ts';
import { nullable } from './nullable.ts';
import { Reason } from './reason.ts';

const strict = { additionalProperties: false };

/** Has edges forget where somebody is, or who is in an area. */
export const ForgiveRequest = Type.Object({ reason: Reason }, strict);
export type ForgiveRequest = Static<typeof ForgiveRequest>;

/** What each edge that keeps anti-passback or counts occupants made of it. */
export const Forgiveness = Type.Object(
  {
    edges: Type.Array(
      Type.Object(
        {
          agent: Slug,
          /** Of how many holders it knew where they are, and knows no more; null where it was not reached. */
          forgotten: nullable(Type.Integer({ minimum: 0 })),
          /** Why it was not, e.g. AGENT_OFFLINE: such an edge goes on as before. */
          problem: nullable(Code),
        },
        strict,
      ),
    ),
  },
  { ...strict, examples: [{ edges: [{ agent: 'lanting-edge-1', forgotten: 1, problem: null }] }] },
);
export type Forgiveness = Static<typeof Forgiveness>;
