import { abilityProblems, capabilitiesFrom } from '@dipper/edge/access/gate-abilities';
import { expect, test } from 'vitest';

type Wiring = Parameters<typeof abilityProblems>[0];
const SAFETY = { antiCrush: 'hardwired', fireRelease: 'hardwired' } as const;
const ARM: NonNullable<Wiring['inputs']> = [{ role: 'arm-loop', token: 'a' }];
const found = (wiring: Wiring) => abilityProblems(wiring).map(({ code, key }) => `${key.join('.')} ${code}`);

test.each<[string, Wiring, string[]]>([
  ['a barrier with a pulse', {}, []],
  ['held open by a pulse', { actions: ['open', 'hold-open'] }, ['actions.1 GATE_HOLD_OPEN_MONOSTABLE']],
  ['closed by a pulse', { actions: ['close'] }, ['actions.0 GATE_COMMAND_UNSUPPORTED']],
  ['blocked by a relay', { actions: ['block'] }, ['actions.0 GATE_COMMAND_UNSUPPORTED']],
  ['a barrier that is locked', { actions: ['lock'] }, ['actions.0 GATE_COMMAND_UNSUPPORTED']],
  ['a lock that nobody sees', { kind: 'door', actions: ['lock'] }, ['actions.0 GATE_LOCK_FEEDBACK_MISSING']],
  ['nothing to release', { actions: ['open', 'release'] }, ['actions.1 GATE_COMMAND_UNSUPPORTED']],
  [
    'an arm that comes down without a sensor',
    { relay: { mode: 'bistable' }, actions: ['hold-open', 'close'], safety: SAFETY },
    ['actions.0 GATE_CLEARANCE_MISSING', 'actions.1 GATE_CLEARANCE_MISSING'],
  ],
  [
    'an arm that comes down and nothing declared',
    { closeRelayToken: 'c', inputs: ARM, contactToken: 'k' },
    ['closeRelayToken GATE_SAFETY_UNDECLARED'],
  ],
  ['closed by itself without a sensor', { closeAfterMs: 5_000 }, ['closeAfterMs GATE_CLEARANCE_MISSING']],
  ['an arm of ONVIF door control', { driver: 'door', actions: ['lock'] }, ['actions.0 GATE_CLEARANCE_MISSING']],
  [
    'a fail-safe lock that is kept shut, and nothing declared that opens it in a fire',
    { driver: 'door', kind: 'door', failMode: 'fail-safe', actions: ['open', 'lock', 'block'] },
    ['actions.1 GATE_SAFETY_UNDECLARED', 'actions.2 GATE_SAFETY_UNDECLARED'],
  ],
  [
    'the same, declared',
    { driver: 'door', kind: 'door', failMode: 'fail-safe', actions: ['lock'], safety: { fireRelease: 'hardwired' } },
    [],
  ],
  ['a fail-secure one', { driver: 'door', kind: 'door', failMode: 'fail-secure', actions: ['lock', 'block'] }, []],
  [
    'an arm whose crushing is prevented by nothing',
    {
      relay: { mode: 'bistable' },
      inputs: ARM,
      contactToken: 'k',
      actions: ['close'],
      safety: { fireRelease: 'hardwired' },
    },
    ['actions.0 GATE_SAFETY_UNDECLARED'],
  ],
  [
    'a fail-safe lock on a contact that is open at rest',
    { kind: 'door', failMode: 'fail-safe', relay: { idle: 'open' } },
    ['relay.idle GATE_RELAY_MISMATCH'],
  ],
  [
    'a fail-secure lock on one that is closed',
    { kind: 'door', failMode: 'fail-secure', relay: { idle: 'closed' } },
    ['relay.idle GATE_RELAY_MISMATCH'],
  ],
  ['a fail-safe lock on one that is closed', { kind: 'door', failMode: 'fail-safe', relay: { idle: 'closed' } }, []],
  [
    'a board between lock and contact',
    { kind: 'door', failMode: 'fail-safe', relay: { idle: 'open', drives: 'board' } },
    [],
  ],
  ['a barrier, which is all board', { failMode: 'fail-safe', relay: { idle: 'open' } }, []],
  ['inputs, and none of them the contact', { inputs: ARM }, ['inputs GATE_CONTACT_MISSING']],
  ['inputs of a gate that is only watched', { inputs: ARM, actions: [] }, []],
  ['two of one kind', { inputs: [...ARM, ...ARM], contactToken: 'k' }, ['inputs.1 GATE_INPUT_TWICE']],
  ['keys of the other driver', { driver: 'door', relay: {} }, ['relay GATE_KEY_OF_OTHER_DRIVER']],
  ['and the other way round', { door: {} }, ['door GATE_KEY_OF_OTHER_DRIVER']],
  [
    'a barrier with everything',
    { relay: { mode: 'bistable' }, contactToken: 'k', inputs: ARM, safety: SAFETY, actions: ['hold-open', 'release'] },
    [],
  ],
])('%s', (_, wiring, problems) => {
  expect(found(wiring)).toEqual(problems);
});

test('what is left out is whatever the wiring can do', () => {
  expect(capabilitiesFrom({}).actions).toEqual(['open']);
  expect(capabilitiesFrom({ driver: 'door' }).actions).toEqual(['open']);
  expect(capabilitiesFrom({ driver: 'door', kind: 'door' }).actions).toHaveLength(6);
  expect(capabilitiesFrom({ kind: 'door', relay: { mode: 'bistable' } })).toMatchObject({
    actions: ['open', 'hold-open', 'close', 'release'],
    closesItself: true,
  });
  expect(capabilitiesFrom({ relay: { mode: 'bistable' } })).toMatchObject({ actions: ['open'], closesItself: false });
});
