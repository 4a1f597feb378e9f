import { expect, it } from 'vitest';
import { ROLES_OF_ACTION } from '../../../../../../services/hub/domains/device-command/device-roles.ts';
import { GATE_OPERATORS } from '../../../../../../services/hub/plugins/roles.ts';
import { EXPECTED_DEVICE_ACTIONS } from '../../../../../support/expected-device-actions.ts';

it('every action of a device is for whom it was decided to be', () => {
  expect(ROLES_OF_ACTION).toEqual(EXPECTED_DEVICE_ACTIONS);
});

it('the route lets everybody in who may do something', () => {
  const everybody = new Set(Object.values(ROLES_OF_ACTION).flat());
  expect([...everybody].sort()).toEqual([...GATE_OPERATORS].sort());
});
