import type { Barrier, BarrierInput } from '../barrier/barrier.ts';
import type { Device } from '../device/device.ts';
import type { Operation } from './service.ts';
import { actionNotSupported, invalidArgument } from './soap.ts';
import { text } from './xml.ts';

export const RELAY_TOKEN = 'relay-open';
export const CLOSE_RELAY_TOKEN = 'relay-close';
export const CONTACT_TOKEN = 'input-arm-down';
/** The token of what a barrier is wired to besides its contact: `input-arm-loop`. */
export const inputToken = (input: BarrierInput): string => `input-${input}`;

export interface RelayOperationsOptions {
  /** Of the service's messages: `tds`, the Device service (ONVIF Core, 8.6), or `tmd`, DeviceIO (DeviceIO Service, 5). */
  readonly prefix: 'tds' | 'tmd';
  readonly barrier: Barrier;
  readonly device: Device;
  /** A quirk of real devices: where it is not, the service answers with success and moves nothing. */
  readonly isReal: boolean;
}

/** The relay operations of a barrier's controller, by one of the two services that have some. */
export function createRelayOperations(options: RelayOperationsOptions): Record<string, Operation> {
  const { prefix, barrier, device, isReal } = options;
  const { relayMode = 'monostable', relayPulseMs, hasCloseRelay = false } = barrier.options;
  const tokens = [RELAY_TOKEN, ...(hasCloseRelay ? [CLOSE_RELAY_TOKEN] : [])];
  // A service without relays of its own says of them what it says of any.
  const isBistable = (token: string) => !isReal || (relayMode === 'bistable' && token === RELAY_TOKEN);
  const relay = (token: string) =>
    `<${prefix}:RelayOutputs token="${token}"><tt:Properties><tt:Mode>${isBistable(token) ? 'Bistable' : 'Monostable'}</tt:Mode>` +
    `<tt:DelayTime>PT${isBistable(token) ? 0 : relayPulseMs / 1_000}S</tt:DelayTime><tt:IdleState>open</tt:IdleState></tt:Properties></${prefix}:RelayOutputs>`;
  return {
    GetRelayOutputs: () =>
      `<${prefix}:GetRelayOutputsResponse>${tokens.map(relay).join('')}</${prefix}:GetRelayOutputsResponse>`,
    SetRelayOutputState: (body) => {
      const token = text(body, 'RelayOutputToken');
      const state = text(body, 'LogicalState');
      if (token === undefined || !tokens.includes(token)) {
        throw invalidArgument('ter:RelayToken', 'Unknown relay token reference');
      }
      if (state !== 'active' && state !== 'inactive') {
        throw invalidArgument('ter:ModeError', 'The logical state is active or inactive');
      }
      if (isReal && !device.hasFault('lie')) {
        if (token === RELAY_TOKEN) barrier.setRelay(state);
        else barrier.setCloseRelay(state);
      }
      return `<${prefix}:SetRelayOutputStateResponse/>`;
    },
    SetRelayOutputSettings: () => {
      throw actionNotSupported('SetRelayOutputSettings');
    },
  };
}
