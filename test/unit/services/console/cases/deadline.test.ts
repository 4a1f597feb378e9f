import { describe, expect, it } from 'vitest';
import { deadlineStandingOf } from '../../../../../services/console/cases/deadline.ts';

const CASE = { openedAt: '2026-11-24T00:00:00.000Z', deadlineAt: '2026-11-24T09:00:00.000Z', closedAt: null };

function at(time: string): number {
  return Date.parse(`2026-11-${time}.000Z`);
}

describe('deadline of a case', () => {
  it('counts down', () => {
    expect(deadlineStandingOf(CASE, at('24T01:00:00'))).toEqual({ kind: 'left', ms: 8 * 3_600_000 });
  });

  it('warns in the last third', () => {
    expect(deadlineStandingOf(CASE, at('24T05:59:59')).kind).toBe('left');
    expect(deadlineStandingOf(CASE, at('24T06:00:00')).kind).toBe('near');
  });

  it('warns six hours before at the earliest, however long there was', () => {
    const long = { ...CASE, deadlineAt: '2026-11-30T00:00:00.000Z' };
    expect(deadlineStandingOf(long, at('29T17:59:59')).kind).toBe('left');
    expect(deadlineStandingOf(long, at('29T18:00:00')).kind).toBe('near');
  });

  it('counts up when it is over, from the very next moment', () => {
    expect(deadlineStandingOf(CASE, at('24T09:00:00')).kind).toBe('near');
    expect(deadlineStandingOf(CASE, at('24T09:00:01'))).toEqual({ kind: 'overdue', ms: 1_000 });
  });

  it('judges a closed case by when it was closed, not by now', () => {
    const now = at('30T00:00:00');
    expect(deadlineStandingOf({ ...CASE, closedAt: '2026-11-24T09:00:00.000Z' }, now)).toEqual({ kind: 'in-time' });
    expect(deadlineStandingOf({ ...CASE, closedAt: '2026-11-24T09:00:00.001Z' }, now)).toEqual({ kind: 'too-late' });
  });
});
