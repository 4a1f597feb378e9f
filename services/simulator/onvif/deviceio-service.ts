import { BARRIER_INPUTS, type Barrier } from '../barrier/barrier.ts';
import type { Device } from '../device/device.ts';
import {
  CLOSE_RELAY_TOKEN,
  CONTACT_TOKEN,
  createRelayOperations,
  inputToken,
  RELAY_TOKEN,
} from './relay-operations.ts';
import { type OnvifService, SERVICE_PATHS } from './service.ts';

/**
 * The DeviceIO service of a barrier (ONVIF DeviceIO Service, 5): its relays and its digital inputs. The contact is closed
 * (idle) while the arm is down.
 *
 * @param isReal whether its relays are here, or on the Device service
 */
export function createDeviceIoService(barrier: Barrier, device: Device, isReal: boolean): OnvifService {
  const { relayMode, relayPulseMs, hasCloseRelay = false, hasLoops = false } = barrier.options;
  const relays = [RELAY_TOKEN, ...(hasCloseRelay ? [CLOSE_RELAY_TOKEN] : [])];
  const inputs = hasLoops ? BARRIER_INPUTS : [];
  const options = (token: string) =>
    relayMode === 'bistable' && token === RELAY_TOKEN
      ? `<tmd:RelayOutputOptions token="${token}"><tmd:Mode>Bistable</tmd:Mode></tmd:RelayOutputOptions>`
      : `<tmd:RelayOutputOptions token="${token}"><tmd:Mode>Monostable</tmd:Mode>` +
        `<tmd:DelayTimes>${relayPulseMs / 1_000}</tmd:DelayTimes><tmd:Discrete>true</tmd:Discrete></tmd:RelayOutputOptions>`;
  const input = (token: string, idle: string) => `<tmd:DigitalInputs token="${token}" IdleState="${idle}"/>`;
  return {
    path: SERVICE_PATHS.deviceIo,
    operations: {
      ...createRelayOperations({ prefix: 'tmd', barrier, device, isReal }),
      GetServiceCapabilities: () =>
        `<tmd:GetServiceCapabilitiesResponse><tmd:Capabilities RelayOutputs="${relays.length}" DigitalInputs="${inputs.length + 1}"/></tmd:GetServiceCapabilitiesResponse>`,
      GetRelayOutputOptions: () =>
        `<tmd:GetRelayOutputOptionsResponse>${relays.map(options).join('')}</tmd:GetRelayOutputOptionsResponse>`,
      GetDigitalInputs: () =>
        `<tmd:GetDigitalInputsResponse>${input(CONTACT_TOKEN, 'closed')}${inputs.map((name) => input(inputToken(name), 'open')).join('')}</tmd:GetDigitalInputsResponse>`,
      GetVideoSources: () => '<tmd:GetVideoSourcesResponse/>',
      GetVideoOutputs: () => '<tmd:GetVideoOutputsResponse/>',
      GetAudioSources: () => '<tmd:GetAudioSourcesResponse/>',
      GetAudioOutputs: () => '<tmd:GetAudioOutputsResponse/>',
    },
  };
}
