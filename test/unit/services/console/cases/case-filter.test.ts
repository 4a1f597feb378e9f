import { CASE_STATES } from '@dipper/contract/api/case';
import { describe, expect, it } from 'vitest';
import { caseFilterFrom, casePathsOf, parametersOf } from '../../../../../services/console/cases/case-filter.ts';

describe('filter of the case list', () => {
  it('comes back from the address as it went there', () => {
    for (const state of ['open', 'any', ...CASE_STATES] as const) {
      const filter = { state, isMine: true, isOverdueOnly: true };
      expect(caseFilterFrom(parametersOf(filter))).toEqual(filter);
    }
  });

  it('is what most people want when the address says nothing, or nonsense', () => {
    const usual = { state: 'open', isMine: false, isOverdueOnly: false };
    expect(caseFilterFrom(new URLSearchParams())).toEqual(usual);
    expect(caseFilterFrom(new URLSearchParams('state=nonsense&scope=1'))).toEqual(usual);
    expect(parametersOf(caseFilterFrom(new URLSearchParams())).size).toBe(0);
  });

  it('asks for every state that is not finished, one by one', () => {
    const paths = casePathsOf({ state: 'open', isMine: true, isOverdueOnly: false });
    expect(paths).toContain('/api/v1/cases?state=handled&assignee=me');
    expect(paths).toHaveLength(CASE_STATES.length - 3);
    expect(paths.some((path) => /closed|voided|merged/.test(path))).toBe(false);
  });

  it('asks once for what is overdue, which is open whatever its state', () => {
    for (const state of ['open', 'any'] as const) {
      expect(casePathsOf({ state, isMine: false, isOverdueOnly: true })).toEqual(['/api/v1/cases?overdue=true']);
    }
    expect(casePathsOf({ state: 'handled', isMine: true, isOverdueOnly: true })).toEqual([
      '/api/v1/cases?state=handled&assignee=me&overdue=true',
    ]);
  });

  it('asks once for everything', () => {
    expect(casePathsOf({ state: 'any', isMine: false, isOverdueOnly: false })).toEqual(['/api/v1/cases']);
  });
});
