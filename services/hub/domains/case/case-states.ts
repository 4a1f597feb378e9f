import { CASE_ACTIONS, type CaseAction, type CaseState } from '@dipper/contract/api/case';
import type { Role } from '@dipper/contract/api/session';
import { DipperError } from '@dipper/contract/errors';
import { CASE_DISPATCHERS, CASE_HANDLERS } from '../../plugins/roles.ts';
import type { Actor } from '../../services.ts';

interface Transition {
  readonly from: readonly CaseState[];
  /** Undefined: the state stays. */
  readonly to?: CaseState;
  /** Who may do it in whatever case. */
  readonly roles: readonly Role[];
  /** Who may do it in a case that is assigned to him or her. */
  readonly assigneeRoles?: readonly Role[];
  /** Not for whoever handled the case. */
  readonly notHandler?: true;
}

const CHIEF: readonly Role[] = ['supervisor', 'admin'];

/**
 * 上报 → 立案 → 交办 → 接收 → 处置 → 核查 → 结案. Returned cases go back to the desk, rejected work goes back to
 * whoever did it, and only a chief gives a case up or takes one up again.
 */
const TRANSITIONS: Readonly<Record<CaseAction, Transition>> = {
  establish: { from: ['reported'], to: 'established', roles: CASE_DISPATCHERS },
  dispatch: { from: ['established'], to: 'dispatched', roles: CASE_DISPATCHERS },
  accept: { from: ['dispatched'], to: 'accepted', roles: [], assigneeRoles: CASE_HANDLERS },
  return: {
    from: ['dispatched', 'accepted'],
    to: 'established',
    roles: CASE_DISPATCHERS,
    assigneeRoles: CASE_HANDLERS,
  },
  handle: { from: ['accepted'], to: 'handled', roles: [], assigneeRoles: CASE_HANDLERS },
  verify: { from: ['handled'], to: 'verified', roles: CASE_DISPATCHERS, notHandler: true },
  reject: { from: ['handled'], to: 'accepted', roles: CASE_DISPATCHERS, notHandler: true },
  close: { from: ['verified'], to: 'closed', roles: CASE_DISPATCHERS },
  void: { from: ['reported', 'established'], to: 'voided', roles: CHIEF },
  reopen: { from: ['closed', 'voided'], to: 'established', roles: CHIEF },
  comment: {
    from: ['reported', 'established', 'dispatched', 'accepted', 'handled', 'verified'],
    roles: ['guard', ...CASE_DISPATCHERS],
    assigneeRoles: CASE_HANDLERS,
  },
};

/** What a decision about a case depends on. */
export interface CaseSituation {
  readonly state: CaseState;
  readonly assignee: string | null;
  /** Everybody who ever took the step `handle` in it. */
  readonly handlers: readonly string[];
}

/**
 * The state that an action leads to.
 * @throws DipperError FORBIDDEN, STEP_NOT_ALLOWED, HANDLER_CANNOT_VERIFY
 */
export function stateAfter(action: CaseAction, situation: CaseSituation, actor: Actor): CaseState {
  const transition = TRANSITIONS[action];
  const has = (roles: readonly Role[]): boolean => roles.some((role) => actor.roles.includes(role));
  const isAssignee = situation.assignee === actor.name && has(transition.assigneeRoles ?? []);
  if (!has(transition.roles) && !isAssignee) throw new DipperError('FORBIDDEN');
  if (!transition.from.includes(situation.state)) {
    throw new DipperError('STEP_NOT_ALLOWED', { detail: { action, state: situation.state } });
  }
  if (transition.notHandler === true && situation.handlers.includes(actor.name)) {
    throw new DipperError('HANDLER_CANNOT_VERIFY');
  }
  return transition.to ?? situation.state;
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
