import {
  CASE_ACTIONS,
  type CaseAction,
  type CaseRequestAction,
  type CaseState,
  ENDED_CASE_STATES,
} from '@dipper/contract/api/case';
import type { Role } from '@dipper/contract/api/session';
import { DipperError } from '@dipper/contract/errors';
import { CASE_DISPATCHERS, CASE_HANDLERS, CASE_WORKERS } from '../../plugins/roles.ts';
import type { Actor } from '../../services.ts';

interface Transition {
  readonly from: readonly CaseState[];
  /** Undefined: the state stays, or follows from what is decided on. */
  readonly to?: CaseState;
  /** Who may do it in whatever case. */
  readonly roles: readonly Role[];
  /** Who may do it in a case that is assigned to him or her. */
  readonly assigneeRoles?: readonly Role[];
  /** Not for whoever handled the case, or a case that was merged into it. */
  readonly notHandler?: true;
  /** `needed`: only while a request waits. `free`: whether or not one does. Undefined: only while none does. */
  readonly request?: 'needed' | 'free';
  /** `needed`: only while the case is suspended. `free`: whether or not it is. Undefined: only while it is not. */
  readonly suspension?: 'needed' | 'free';
  /** Has to be explained. */
  readonly note?: true;
}

const CHIEF: readonly Role[] = ['supervisor', 'admin'];
const REPORTED: readonly CaseState[] = ['reported', 'established'];
const UNHANDLED: readonly CaseState[] = ['established', 'dispatched', 'accepted'];
const OPEN: readonly CaseState[] = [...REPORTED, 'dispatched', 'accepted', 'handled', 'verified'];
/** Asked for by whoever works on it or gives it out; see APPROVALS for who decides. */
const ASK = { roles: CASE_DISPATCHERS, assigneeRoles: CASE_HANDLERS, note: true } as const;
/** Nothing of it decides anything, so nothing stands in its way. */
const ALWAYS = { request: 'free', suspension: 'free' } as const;

/**
 * 上报 → 立案 → 交办 → 接收 → 处置 → 核查 → 结案. Returned cases go back to the desk, rejected work goes back to
 * whoever did it, and only a chief takes up again what has ended.
 */
const TRANSITIONS: Readonly<Record<CaseAction, Transition>> = {
  establish: { from: ['reported'], to: 'established', roles: CASE_DISPATCHERS },
  dispatch: { from: ['established'], to: 'dispatched', roles: CASE_DISPATCHERS },
  recall: { from: ['dispatched'], to: 'established', roles: CASE_DISPATCHERS },
  accept: { from: ['dispatched'], to: 'accepted', roles: [], assigneeRoles: CASE_HANDLERS },
  handle: { from: ['accepted'], to: 'handled', roles: [], assigneeRoles: CASE_HANDLERS },
  verify: { from: ['handled'], to: 'verified', roles: CASE_DISPATCHERS, notHandler: true },
  reject: { from: ['handled'], to: 'accepted', roles: CASE_DISPATCHERS, notHandler: true },
  close: { from: ['verified'], to: 'closed', roles: CASE_DISPATCHERS },
  return: { from: ['dispatched', 'accepted'], ...ASK },
  void: { from: REPORTED, roles: CASE_DISPATCHERS, note: true },
  suspend: { from: UNHANDLED, ...ASK },
  extend: { from: UNHANDLED, ...ASK },
  approve: { from: OPEN, roles: CASE_DISPATCHERS, request: 'needed' },
  refuse: { from: OPEN, roles: CASE_DISPATCHERS, request: 'needed', note: true },
  withdraw: { from: OPEN, roles: CASE_DISPATCHERS, assigneeRoles: CASE_HANDLERS, request: 'needed' },
  resume: { from: UNHANDLED, roles: CASE_DISPATCHERS, assigneeRoles: CASE_HANDLERS, suspension: 'needed' },
  supervise: { from: OPEN, roles: CHIEF, note: true, ...ALWAYS },
  entrust: { from: OPEN, roles: CHIEF, ...ALWAYS },
  merge: { from: OPEN, to: 'merged', roles: CASE_DISPATCHERS },
  unmerge: { from: ['merged'], roles: CASE_DISPATCHERS },
  reopen: { from: ['closed', 'voided'], to: 'established', roles: CHIEF },
  comment: { from: OPEN, roles: ['guard', ...CASE_DISPATCHERS], assigneeRoles: CASE_HANDLERS, ...ALWAYS },
};

/** What each request leads to once it is approved, and by whom. Never by whoever asked. */
const APPROVALS: Readonly<Record<CaseRequestAction, { readonly to?: CaseState; readonly roles: readonly Role[] }>> = {
  return: { to: 'established', roles: CASE_DISPATCHERS },
  void: { to: 'voided', roles: CHIEF },
  suspend: { roles: CHIEF },
  extend: { roles: CHIEF },
};

/** What a decision about a case depends on. */
export interface CaseSituation {
  readonly state: CaseState;
  readonly assignee: string | null;
  /** Everybody who ever took the step `handle` in it, or in a case that was merged into it. */
  readonly handlers: readonly string[];
  readonly request: { readonly action: CaseRequestAction; readonly by: string } | null;
  readonly suspended_at: Date | null;
  /** In which state a merged case was before. */
  readonly state_before_merge: CaseState | null;
}

/**
 * The state that an action leads to.
 * @throws DipperError FORBIDDEN, STEP_NOT_ALLOWED, CASE_REQUEST_PENDING, CASE_SUSPENDED, HANDLER_CANNOT_VERIFY,
 *   ASKER_CANNOT_APPROVE
 */
export function stateAfter(action: CaseAction, situation: CaseSituation, actor: Actor): CaseState {
  const transition = TRANSITIONS[action];
  const { request, state, suspended_at: suspendedAt } = situation;
  const has = (roles: readonly Role[]): boolean => roles.some((role) => actor.roles.includes(role));
  const isAssignee = situation.assignee === actor.name && has(transition.assigneeRoles ?? []);
  if (!has(transition.roles) && !isAssignee) throw new DipperError('FORBIDDEN');
  const isFittingTime =
    (transition.request !== 'needed' || request !== null) &&
    (transition.suspension !== 'needed' || suspendedAt !== null);
  if (!transition.from.includes(state) || !isFittingTime) {
    throw new DipperError('STEP_NOT_ALLOWED', { detail: { action, state } });
  }
  if (request !== null && transition.request === undefined) throw new DipperError('CASE_REQUEST_PENDING');
  if (suspendedAt !== null && transition.suspension === undefined) throw new DipperError('CASE_SUSPENDED');
  if (transition.notHandler === true && situation.handlers.includes(actor.name)) {
    throw new DipperError('HANDLER_CANNOT_VERIFY');
  }
  if (request !== null && transition.request === 'needed') {
    const isAsker = request.by === actor.name;
    if (action === 'withdraw' && !isAsker) throw new DipperError('FORBIDDEN');
    if (action !== 'withdraw' && isAsker) throw new DipperError('ASKER_CANNOT_APPROVE');
    if (action !== 'withdraw' && !has(APPROVALS[request.action].roles)) throw new DipperError('FORBIDDEN');
    return action === 'approve' ? (APPROVALS[request.action].to ?? state) : state;
  }
  if (action === 'unmerge') return situation.state_before_merge ?? 'reported';
  return transition.to ?? state;
}

/** What an actor may do next. */
export function actionsFor(situation: CaseSituation, actor: Actor): CaseAction[] {
  return CASE_ACTIONS.filter((action) => {
    try {
      stateAfter(action, situation, actor);
      return true;
    } catch {
      return false;
    }
  });
}

/** Whether a step has to be explained. */
export function needsNote(action: CaseAction): boolean {
  return TRANSITIONS[action].note === true;
}

/** Whether somebody may add to a case what decides nothing: words, pictures. */
export function mayComment(situation: Pick<CaseSituation, 'assignee'>, actor: Actor): boolean {
  const { roles, assigneeRoles = [] } = TRANSITIONS.comment;
  const has = (some: readonly Role[]): boolean => some.some((role) => actor.roles.includes(role));
  return has(roles) || (situation.assignee === actor.name && has(assigneeRoles));
}

/** Whether nobody works on it any more. */
export function isEnded(state: CaseState): boolean {
  return ENDED_CASE_STATES.some((ended) => ended === state);
}

/** Who may bring a case in: workers what they see on patrol, dispatchers whatever reaches them. */
export function mayReport(source: string, actor: Actor): boolean {
  const roles = source === 'patrol' ? CASE_WORKERS : CASE_DISPATCHERS;
  return roles.some((role) => actor.roles.includes(role));
}
