import { type Static, Type } from 'typebox';
import { Slug, Timestamp } from '../identifiers.ts';
import { Platform } from './case.ts';
import { nullable } from './nullable.ts';

const strict = { additionalProperties: false };
const Count = Type.Integer({ minimum: 0 });

/**
 * How the cases of one grid and platform were dealt with. Everything is counted from steps, which nobody can change,
 * by the hub's clock, and each against the deadline that its step recorded.
 */
export const CaseFigure = Type.Object(
  {
    grid: nullable(Slug),
    platform: Platform,
    /** Reported or reopened in this time. */
    opened: Count,
    /** Closings in this time; `onTime` of them by the deadline of then, `late` of them after it. */
    closed: Count,
    onTime: Count,
    late: Count,
    /** Open at the end of this time with a deadline that had passed, suspended ones left out. */
    overdue: Count,
    /** Approved returns, failed verifications and reopenings in this time. */
    returned: Count,
    rejected: Count,
    reopened: Count,
    /** Residents' words in this time. */
    satisfied: Count,
    neutral: Count,
    dissatisfied: Count,
  },
  strict,
);
export type CaseFigure = Static<typeof CaseFigure>;

/** Answer of `GET /api/v1/cases/figures`, by grid, then by platform; what has nothing but zeros is left out. */
export const CaseFigures = Type.Object({ from: Timestamp, until: Timestamp, items: Type.Array(CaseFigure) }, strict);
export type CaseFigures = Static<typeof CaseFigures>;
