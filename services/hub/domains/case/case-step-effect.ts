import type { CaseRequestAction, CaseState, CaseStepRequest } from '@dipper/contract/api/case';
import type { Actor } from '../../services.ts';
import type { GridCaseRow, PendingRequest } from './case.tables.ts';
import { isEnded } from './case-states.ts';
import type { CaseTerms, TimeAllowed } from './case-terms.ts';
import type { HandledCaseRow } from './grid-case.repository.ts';

export type CaseChange = Partial<
  Pick<
    GridCaseRow,
    | 'assignee'
    | 'first_handler'
    | 'leader'
    | 'round'
    | 'deadline_at'
    | 'suspended_at'
    | 'supervised_at'
    | 'closed_at'
    | 'merged_into'
    | 'satisfaction'
  >
> & { readonly request?: PendingRequest | null };

/** What a step changes of a case, besides its state. */
export function caseAfter(
  step: CaseStepRequest,
  row: HandledCaseRow,
  to: CaseState,
  actor: Actor,
  now: Date,
  terms: CaseTerms,
): CaseChange {
  const closed_at = isEnded(to) ? (row.closed_at ?? now) : null;
  // Whatever comes back to the desk is nobody's; one that was merged is found again as it was left.
  const isBackAtDesk = (to === 'established' || to === 'reported') && step.action !== 'unmerge';
  return {
    closed_at,
    ...(isBackAtDesk ? { assignee: null } : {}),
    ...specificChange(step, row, actor, now, terms),
  };
}

function specificChange(
  step: CaseStepRequest,
  row: HandledCaseRow,
  actor: Actor,
  now: Date,
  terms: CaseTerms,
): CaseChange {
  switch (step.action) {
    case 'dispatch':
      return { assignee: step.assignee ?? null, first_handler: row.first_handler ?? step.assignee ?? null };
    case 'return':
    case 'void':
    case 'suspend':
    case 'extend':
      return { request: requestFrom(step, step.action, actor, now) };
    case 'approve':
      return { request: null, ...approved(row.request, now) };
    case 'refuse':
    case 'withdraw':
      return { request: null };
    case 'resume':
      return { suspended_at: null, deadline_at: deadlineAfterResuming(row, now, terms) };
    case 'supervise':
      return { supervised_at: row.supervised_at ?? now };
    case 'entrust':
      return { leader: step.assignee ?? null };
    case 'merge':
      return { merged_into: step.into ?? null };
    case 'unmerge':
      return { merged_into: null };
    case 'reopen':
      // A new round with a deadline of its own; what was done and who is responsible stays.
      return {
        round: row.round + 1,
        deadline_at: terms.deadlineFrom(now, allowedOf(row)),
        supervised_at: null,
        satisfaction: null,
      };
    default:
      return {};
  }
}

function requestFrom(step: CaseStepRequest, action: CaseRequestAction, actor: Actor, now: Date): PendingRequest {
  return { action, by: actor.name, at: now.toISOString(), note: step.note ?? null, until: step.until ?? null };
}

function approved(request: PendingRequest | null, now: Date): CaseChange {
  if (request?.action === 'suspend') return { suspended_at: now };
  if (request?.action === 'extend' && request.until !== null) return { deadline_at: new Date(request.until) };
  return {};
}

function deadlineAfterResuming(row: HandledCaseRow, now: Date, terms: CaseTerms): Date {
  if (row.suspended_at === null) return row.deadline_at;
  return terms.deadlineAfterSuspension(row.deadline_at, allowedOf(row), row.suspended_at, now);
}

/** The time that was allowed for a case when it was opened. */
export function allowedOf({ allowed_days: workingDays, allowed_hours: hours }: GridCaseRow): TimeAllowed {
  return workingDays !== null ? { workingDays } : { hours: hours ?? 0 };
}
