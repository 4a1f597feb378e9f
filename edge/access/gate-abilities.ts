import { DOOR_ACTIONS, type DoorAction } from '@dipper/contract/door-action';
import type { GateCapabilities } from './driver.ts';
import { idleOfLock } from './fail-mode.ts';
import { DEFAULT_DOOR_CLOSE_AFTER_MS, type GateConfig } from './gate-config.ts';

type Wiring = Pick<
  GateConfig,
  | 'kind'
  | 'driver'
  | 'actions'
  | 'failMode'
  | 'relay'
  | 'closeRelayToken'
  | 'door'
  | 'contactToken'
  | 'inputs'
  | 'safety'
  | 'closeAfterMs'
>;

/** Something that this gate cannot do, found in its configuration before anything is asked of the gate. */
export interface AbilityProblem {
  readonly code:
    | 'GATE_COMMAND_UNSUPPORTED'
    | 'GATE_HOLD_OPEN_MONOSTABLE'
    | 'GATE_LOCK_FEEDBACK_MISSING'
    | 'GATE_CONTACT_MISSING'
    | 'GATE_CLEARANCE_MISSING'
    | 'GATE_SAFETY_UNDECLARED'
    | 'GATE_RELAY_MISMATCH'
    | 'GATE_INPUT_TWICE'
    | 'GATE_KEY_OF_OTHER_DRIVER';
  /** Path of the key below the gate. */
  readonly key: readonly (string | number)[];
  /** What is wrong and what would be right. */
  readonly what: string;
}

type Finding = Omit<AbilityProblem, 'key'>;

const isBarrier = (wiring: Wiring) => (wiring.kind ?? 'barrier') === 'barrier';
const isRelay = (wiring: Wiring) => (wiring.driver ?? 'relay') === 'relay';
const isBistable = (wiring: Wiring) => wiring.relay?.mode === 'bistable';
const hasInput = (wiring: Wiring, role: string) => wiring.inputs?.some((input) => input.role === role) === true;

/** What a barrier needs before anything may bring its arm down. */
function closingProblem(wiring: Wiring): Finding | undefined {
  if (!isBarrier(wiring)) return undefined;
  if (!hasInput(wiring, 'arm-loop')) {
    return {
      code: 'GATE_CLEARANCE_MISSING',
      what: 'brings the arm down, for which an input with the role arm-loop has to tell that nothing is under it',
    };
  }
  if (wiring.safety?.antiCrush === undefined || wiring.safety.fireRelease === undefined) {
    return {
      code: 'GATE_SAFETY_UNDECLARED',
      what: 'brings the arm down: declare under safety that antiCrush and fireRelease are hardwired',
    };
  }
  return undefined;
}

/**
 * What a door needs before it may be kept locked. A fail-safe lock holds people in as well as out for as long as it has
 * current, so something has to take that away in a fire; behind a fail-secure one there is a handle. (GB 50016-2014,
 * 6.4.11 (4): what access control keeps shut opens from inside without a key in a fire.)
 */
function lockingProblem(wiring: Wiring): Finding | undefined {
  if (isBarrier(wiring) || wiring.failMode !== 'fail-safe' || wiring.safety?.fireRelease !== undefined)
    return undefined;
  return {
    code: 'GATE_SAFETY_UNDECLARED',
    what: 'keeps a fail-safe lock shut, which may keep people in: declare under safety that fireRelease is hardwired',
  };
}

function relayProblem(action: DoorAction, wiring: Wiring): Finding | undefined {
  const unsupported = (what: string): Finding => ({ code: 'GATE_COMMAND_UNSUPPORTED', what });
  switch (action) {
    case 'open':
      return undefined;
    case 'hold-open':
      if (!isBistable(wiring)) {
        return {
          code: 'GATE_HOLD_OPEN_MONOSTABLE',
          what: 'needs a relay that stays where it is: relay.mode bistable, if the relay is',
        };
      }
      return closingProblem(wiring);
    case 'close':
      if (isBarrier(wiring) ? !isBistable(wiring) && wiring.closeRelayToken === undefined : !isBistable(wiring)) {
        return unsupported('needs a bistable relay or, of a barrier, closeRelayToken: this relay falls back by itself');
      }
      return closingProblem(wiring);
    case 'lock':
      if (isBarrier(wiring)) return unsupported('is nothing that a barrier with a relay can do');
      if (!hasInput(wiring, 'lock')) {
        return {
          code: 'GATE_LOCK_FEEDBACK_MISSING',
          what: 'needs an input with the role lock: without it nobody sees whether the bolt is shot',
        };
      }
      return lockingProblem(wiring);
    case 'block':
      return unsupported('is nothing that a relay can do: it needs driver: door');
    case 'release':
      return relayProblem('hold-open', wiring) === undefined || relayProblem('lock', wiring) === undefined
        ? undefined
        : unsupported('has nothing to release: this gate can be neither held open nor locked');
  }
}

/** ONVIF door control can do all of it; what this door of it cannot is known once it is met. Ending a block locks the door. */
function doorProblem(action: DoorAction, wiring: Wiring): Finding | undefined {
  if (action === 'open') return undefined;
  return closingProblem(wiring) ?? (action === 'lock' || action === 'block' ? lockingProblem(wiring) : undefined);
}

const problemOf = (action: DoorAction, wiring: Wiring): Finding | undefined =>
  isRelay(wiring) ? relayProblem(action, wiring) : doorProblem(action, wiring);

function wiringProblems(wiring: Wiring): AbilityProblem[] {
  const problems: AbilityProblem[] = [];
  const foreign = (key: string, driver: string) =>
    problems.push({ code: 'GATE_KEY_OF_OTHER_DRIVER', key: [key], what: `belongs to driver: ${driver}` });
  if (isRelay(wiring) && wiring.door !== undefined) foreign('door', 'door');
  if (!isRelay(wiring) && wiring.relay !== undefined) foreign('relay', 'relay');
  if (!isRelay(wiring) && wiring.closeRelayToken !== undefined) foreign('closeRelayToken', 'relay');
  const { idle } = wiring.relay ?? {};
  const wanted = idleOfLock(wiring);
  if (idle !== undefined && wanted !== undefined && idle !== wanted) {
    const what = `is ${idle}, and a ${wiring.failMode} lock that hangs on this contact needs it ${wanted} at rest: or say relay.drives: board`;
    problems.push({ code: 'GATE_RELAY_MISMATCH', key: ['relay', 'idle'], what });
  }
  const roles = new Set<string>();
  for (const [index, { role }] of (wiring.inputs ?? []).entries()) {
    if (roles.has(role)) {
      problems.push({ code: 'GATE_INPUT_TWICE', key: ['inputs', index], what: `is a second input as ${role}` });
    }
    roles.add(role);
  }
  const isActedOn = wiring.actions === undefined || wiring.actions.length > 0;
  if (isRelay(wiring) && isActedOn && roles.size > 0 && wiring.contactToken === undefined) {
    problems.push({
      code: 'GATE_CONTACT_MISSING',
      key: ['inputs'],
      what: 'are named and contactToken is not: which of them tells that the gate has opened? Without one nothing can be commanded',
    });
  }
  for (const key of ['closeRelayToken', 'closeAfterMs'] as const) {
    const problem = wiring[key] === undefined ? undefined : closingProblem(wiring);
    if (problem !== undefined) problems.push({ ...problem, key: [key] });
  }
  return problems;
}

/** Everything that a gate's configuration asks of it and that it cannot do; empty when all is well. */
export function abilityProblems(wiring: Wiring): AbilityProblem[] {
  const asked = (wiring.actions ?? []).flatMap((action, index) => {
    const problem = problemOf(action, wiring);
    return problem === undefined ? [] : [{ ...problem, key: ['actions', index], what: `'${action}' ${problem.what}` }];
  });
  return [...asked, ...wiringProblems(wiring)];
}

/** When a gate is closed by itself after it has opened, milliseconds; undefined where Dipper does not. */
export function closeAfterMsOf(wiring: Wiring): number | undefined {
  if (!isRelay(wiring)) return undefined;
  if (wiring.closeAfterMs !== undefined) return wiring.closeAfterMs;
  return isBistable(wiring) && !isBarrier(wiring) ? DEFAULT_DOOR_CLOSE_AFTER_MS : undefined;
}

/** What a gate can do by its configuration, which has no problems. */
export function capabilitiesFrom(wiring: Wiring): GateCapabilities {
  const kind = wiring.kind ?? 'barrier';
  const actions = DOOR_ACTIONS.filter(
    (action) => problemOf(action, wiring) === undefined && (wiring.actions?.includes(action) ?? true),
  );
  const hasLock = hasInput(wiring, 'lock');
  return {
    kind,
    actions,
    feedback: isRelay(wiring) ? ['contact', 'relay', ...(hasLock ? (['lock'] as const) : [])] : ['contact', 'mode'],
    closesItself: closeAfterMsOf(wiring) !== undefined,
    seesPassage: kind === 'barrier' && hasInput(wiring, 'arm-loop'),
  };
}
