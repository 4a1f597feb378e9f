import type { Barrier } from '../barrier/barrier.ts';
import { type OnvifService, SERVICE_PATHS } from './service.ts';
import { invalidArgument } from './soap.ts';
import { text } from './xml.ts';

export const RELAY_TOKEN = 'relay-open';
export const CONTACT_TOKEN = 'input-arm-down';

/**
 * The DeviceIO service of a barrier (ONVIF DeviceIO Service, 5): one monostable relay that opens it and one digital input,
 * the contact that is closed (idle) while the arm is down.
 */
export function createDeviceIoService(barrier: Barrier): OnvifService {
  const delay = `PT${barrier.options.relayPulseMs / 1_000}S`;
  return {
    path: SERVICE_PATHS.deviceIo,
    operations: {
      GetServiceCapabilities: () =>
        '<tmd:GetServiceCapabilitiesResponse><tmd:Capabilities RelayOutputs="1" DigitalInputs="1"/></tmd:GetServiceCapabilitiesResponse>',
      GetRelayOutputs: () =>
        `<tmd:GetRelayOutputsResponse><tmd:RelayOutputs token="${RELAY_TOKEN}"><tt:Properties><tt:Mode>Monostable</tt:Mode>` +
        `<tt:DelayTime>${delay}</tt:DelayTime><tt:IdleState>open</tt:IdleState></tt:Properties></tmd:RelayOutputs></tmd:GetRelayOutputsResponse>`,
      GetRelayOutputOptions: () =>
        `<tmd:GetRelayOutputOptionsResponse><tmd:RelayOutputOptions token="${RELAY_TOKEN}"><tmd:Mode>Monostable</tmd:Mode>` +
        `<tmd:DelayTimes>${barrier.options.relayPulseMs / 1_000}</tmd:DelayTimes><tmd:Discrete>true</tmd:Discrete></tmd:RelayOutputOptions></tmd:GetRelayOutputOptionsResponse>`,
      SetRelayOutputState: (body) => {
        if (text(body, 'RelayOutputToken') !== RELAY_TOKEN) {
          throw invalidArgument('ter:RelayToken', 'Unknown relay token reference');
        }
        const state = text(body, 'LogicalState');
        if (state !== 'active' && state !== 'inactive') {
          throw invalidArgument('ter:ModeError', 'The logical state is active or inactive');
        }
        barrier.setRelay(state);
        return '<tmd:SetRelayOutputStateResponse/>';
      },
      GetDigitalInputs: () =>
        `<tmd:GetDigitalInputsResponse><tmd:DigitalInputs token="${CONTACT_TOKEN}" IdleState="closed"/></tmd:GetDigitalInputsResponse>`,
      GetVideoSources: () => '<tmd:GetVideoSourcesResponse/>',
      GetVideoOutputs: () => '<tmd:GetVideoOutputsResponse/>',
      GetAudioSources: () => '<tmd:GetAudioSourcesResponse/>',
      GetAudioOutputs: () => '<tmd:GetAudioOutputsResponse/>',
    },
  };
}
