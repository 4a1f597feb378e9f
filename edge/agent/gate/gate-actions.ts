import type { DeviceStateMessage } from '@dipper/contract/device-state';
import { capabilitiesFrom } from '../../access/gate-abilities.ts';
import type { GateConfig } from '../../access/gate-config.ts';

/** Puts beside a gate's state what it can be told, so that nobody is offered what would be refused. */
export function createActionsTeller(gates: readonly GateConfig[]): (state: DeviceStateMessage) => DeviceStateMessage {
  const actions = new Map(gates.map((gate) => [gate.device, [...capabilitiesFrom(gate).actions]]));
  return (state) => {
    const known = actions.get(state.device);
    return state.kind === 'gate' && known !== undefined ? { ...state, actions: known } : state;
  };
}
