import { type Static, Type } from 'typebox';
import { Code } from '../identifiers.ts';

/** RFC 9457 problem details; `code` is ours and stable, `requestId` finds the log lines. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    code: Code,
    requestId: Type.String(),
    problems: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
  },
  { additionalProperties: false },
);
export type Problem = Static<typeof Problem>;
