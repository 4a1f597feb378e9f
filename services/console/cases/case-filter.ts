import { CASE_STATES, type CaseState, ENDED_CASE_STATES } from '@dipper/contract/api/case';

/** `open`: everything that is not finished. */
export type StateFilter = 'open' | 'any' | CaseState;

export interface CaseFilter {
  readonly state: StateFilter;
  readonly isMine: boolean;
  readonly isOverdueOnly: boolean;
}

export const FINISHED: readonly CaseState[] = ENDED_CASE_STATES;
export const OPEN_STATES: readonly CaseState[] = CASE_STATES.filter((state) => !FINISHED.includes(state));

function isStateFilter(value: string | null): value is StateFilter {
  return value === 'any' || value === 'open' || CASE_STATES.some((state) => state === value);
}

/** The filter is part of the page's address: it survives "back", and can be passed on. */
export function caseFilterFrom(parameters: URLSearchParams): CaseFilter {
  const state = parameters.get('state');
  return {
    state: isStateFilter(state) ? state : 'open',
    isMine: parameters.get('scope') === 'mine',
    isOverdueOnly: parameters.get('overdue') === 'true',
  };
}

/** The reverse of `caseFilterFrom`; what is as usual is left out. */
export function parametersOf({ state, isMine, isOverdueOnly }: CaseFilter): URLSearchParams {
  const parameters = new URLSearchParams();
  if (isMine) parameters.set('scope', 'mine');
  if (state !== 'open') parameters.set('state', state);
  if (isOverdueOnly) parameters.set('overdue', 'true');
  return parameters;
}

/**
 * What to ask the hub. It filters by one state, so what is open is asked state by state; what is overdue is open
 * whatever its state. Paths without paging.
 */
export function casePathsOf({ state, isMine, isOverdueOnly }: CaseFilter): readonly string[] {
  const isOneList = state === 'any' || (state === 'open' && isOverdueOnly);
  const states: readonly (CaseState | undefined)[] = isOneList ? [undefined] : state === 'open' ? OPEN_STATES : [state];
  return states.map((each) => {
    const parameters = new URLSearchParams();
    if (each !== undefined) parameters.set('state', each);
    if (isMine) parameters.set('assignee', 'me');
    if (isOverdueOnly) parameters.set('overdue', 'true');
    const query = parameters.toString();
    return query === '' ? '/api/v1/cases' : `/api/v1/cases?${query}`;
  });
}

/** Where the hub gives out the same cases as a file; all that are open in one. */
export function exportPathOf({ state, isMine, isOverdueOnly }: CaseFilter): string {
  const parameters = new URLSearchParams({ format: 'csv' });
  if (state === 'open') parameters.set('open', 'true');
  else if (state !== 'any') parameters.set('state', state);
  if (isMine) parameters.set('assignee', 'me');
  if (isOverdueOnly) parameters.set('overdue', 'true');
  return `/api/v1/cases/export?${parameters}`;
}
