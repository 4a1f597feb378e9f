import { CASE_ACTIONS, type CaseAction, type CaseState } from '@dipper/contract/api/case';
import type { Role } from '@dipper/contract/api/session';
import { DipperError } from '@dipper/contract/errors';
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

const DESK: readonly Role[] = ['dispatcher', 'supervisor', 'admin'];
const CHIEF: readonly Role[] = ['supervisor', 'admin'];
const FIELD: readonly Role[] = ['grid-worker', 'admin'];

/**
 * 上报 → 立案 → 交办 → 接收 → 处置 → 核查 → 结案. Returned cases go back to the desk, rejected work goes back to
 * whoever did it, and only a chief gives a case up or takes one up again.
 */
const TRANSITIONS: Readonly<Record<CaseAction, Transition>> = {
  establish: { from: ['reported'], to: 'established', roles: DESK },
  dispatch: { from: ['established'], to: 'dispatched', roles: DESK },
  accept: { from: ['dispatched'], to: 'accepted', roles: [], assigneeRoles: FIELD },
  return: { from: ['dispatched', 'accepted'], to: 'established', roles: DESK, assigneeRoles: FIELD },
  handle: { from: ['accepted'], to: 'handled', roles: [], assigneeRoles: FIELD },
  verify: { from: ['handled'], to: 'verified', roles: DESK, notHandler: true },
  reject: { from: ['handled'], to: 'accepted', roles: DESK, notHandler: true },
  close: { from: ['verified'], to: 'closed', roles: DESK },
  void: { from: ['reported', 'established'], to: 'voided', roles: CHIEF },
  reopen: { from: ['closed', 'voided'], to: 'established', roles: CHIEF },
  comment: {
    from: ['reported', 'established', 'dispatched', 'accepted', 'handled', 'verified'],
    roles: ['guard', ...DESK],
    assigneeRoles: FIELD,
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
