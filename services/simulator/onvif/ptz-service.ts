import type { Device } from '../device/device.ts';
import { durationMs } from './iso-duration.ts';
import { MAX_SIMULATED_PRESETS, type PtzDrive } from './ptz-drive.ts';
import { type OnvifService, SERVICE_PATHS } from './service.ts';
import { invalidArgument, SoapFault } from './soap.ts';
import { child, escapeXml, text, type XmlNode } from './xml.ts';

export const PTZ_NODE_TOKEN = 'ptz-node';
export const PTZ_CONFIGURATION_TOKEN = 'ptz-configuration';
const MAX_TIMEOUT_SEC = 10;
const SPACES = 'http://www.onvif.org/ver10/tptz';

/** The PTZ service (ONVIF PTZ Service, 5), for the camera's main profile. */
export function createPtzService(device: Device, drive: PtzDrive): OnvifService {
  return {
    path: SERVICE_PATHS.ptz,
    operations: {
      GetServiceCapabilities: () =>
        '<tptz:GetServiceCapabilitiesResponse><tptz:Capabilities EFlip="false" Reverse="false" MoveStatus="true" StatusPosition="true"/></tptz:GetServiceCapabilitiesResponse>',
      GetNodes: () => `<tptz:GetNodesResponse>${nodeXml()}</tptz:GetNodesResponse>`,
      GetNode: (body) => {
        if (text(body, 'NodeToken') !== PTZ_NODE_TOKEN) throw invalidArgument('ter:NoEntity', 'No such PTZ node');
        return `<tptz:GetNodeResponse>${nodeXml()}</tptz:GetNodeResponse>`;
      },
      GetConfigurationOptions: () =>
        `<tptz:GetConfigurationOptionsResponse><tptz:PTZConfigurationOptions><tt:Spaces/><tt:PTZTimeout><tt:Min>PT1S</tt:Min><tt:Max>PT${MAX_TIMEOUT_SEC}S</tt:Max></tt:PTZTimeout></tptz:PTZConfigurationOptions></tptz:GetConfigurationOptionsResponse>`,
      GetStatus: () => `<tptz:GetStatusResponse>${statusXml(device, drive)}</tptz:GetStatusResponse>`,
      ContinuousMove: (body) => {
        requireProfile(body);
        drive.move(velocityFrom(body), timeoutMsFrom(body, device));
        return '<tptz:ContinuousMoveResponse/>';
      },
      Stop: (body) => {
        requireProfile(body);
        drive.stop();
        return '<tptz:StopResponse/>';
      },
      GetPresets: () =>
        `<tptz:GetPresetsResponse>${drive.presets
          .map(
            ({ token, name }) =>
              `<tptz:Preset token="${escapeXml(token)}"><tt:Name>${escapeXml(name)}</tt:Name></tptz:Preset>`,
          )
          .join('')}</tptz:GetPresetsResponse>`,
      GotoPreset: (body) => {
        if (!drive.goTo(text(body, 'PresetToken') ?? '')) throw noPreset();
        return '<tptz:GotoPresetResponse/>';
      },
      SetPreset: (body) => {
        const token = drive.setPreset(text(body, 'PresetName') ?? '');
        if (token === undefined) {
          throw new SoapFault({ subcodes: ['ter:Action', 'ter:TooManyPresets'], reason: 'No more presets' });
        }
        return `<tptz:SetPresetResponse><tptz:PresetToken>${token}</tptz:PresetToken></tptz:SetPresetResponse>`;
      },
      RemovePreset: (body) => {
        if (!drive.removePreset(text(body, 'PresetToken') ?? '')) throw noPreset();
        return '<tptz:RemovePresetResponse/>';
      },
    },
  };
}

const noPreset = () => invalidArgument('ter:NoToken', 'The requested preset token does not exist');

function requireProfile(body: XmlNode): void {
  if (text(body, 'ProfileToken') === 'profile-main') return;
  throw invalidArgument('ter:NoProfile', 'The requested profile token does not exist');
}

function velocityFrom(body: XmlNode) {
  const axis = (element: string, name: string): number => {
    const value = child(body, 'Velocity', element, `@${name}`);
    const speed = value === undefined ? 0 : Number(value);
    if (!Number.isFinite(speed) || Math.abs(speed) > 1) throw invalidArgument('ter:InvalidVelocity', 'Out of bounds');
    return speed;
  };
  return { pan: axis('PanTilt', 'x'), tilt: axis('PanTilt', 'y'), zoom: axis('Zoom', 'x') };
}

function timeoutMsFrom(body: XmlNode, device: Device): number | undefined {
  const told = text(body, 'Timeout');
  if (told === undefined) return undefined;
  if (device.hasFault('ptz-no-timeout')) throw invalidArgument('ter:InvalidArgs', 'Timeout is an unsupported field');
  const forMs = durationMs(told);
  if (forMs === undefined || forMs < 1_000 || forMs > MAX_TIMEOUT_SEC * 1_000) {
    throw invalidArgument('ter:TimeoutNotSupported', 'The timeout is not within the supported range');
  }
  return forMs;
}

function nodeXml(): string {
  const range = (element: string, min: number, max: number): string =>
    `<tt:${element}><tt:Min>${min}</tt:Min><tt:Max>${max}</tt:Max></tt:${element}>`;
  return (
    `<tptz:PTZNode token="${PTZ_NODE_TOKEN}" FixedHomePosition="true"><tt:Name>drive</tt:Name><tt:SupportedPTZSpaces>` +
    `<tt:ContinuousPanTiltVelocitySpace><tt:URI>${SPACES}/PanTiltSpaces/VelocityGenericSpace</tt:URI>${range('XRange', -1, 1)}${range('YRange', -1, 1)}</tt:ContinuousPanTiltVelocitySpace>` +
    `<tt:ContinuousZoomVelocitySpace><tt:URI>${SPACES}/ZoomSpaces/VelocityGenericSpace</tt:URI>${range('XRange', -1, 1)}</tt:ContinuousZoomVelocitySpace>` +
    `</tt:SupportedPTZSpaces><tt:MaximumNumberOfPresets>${MAX_SIMULATED_PRESETS}</tt:MaximumNumberOfPresets><tt:HomeSupported>false</tt:HomeSupported></tptz:PTZNode>`
  );
}

function statusXml(device: Device, drive: PtzDrive): string {
  const { pan, tilt, zoom } = drive.position;
  const state = drive.isMoving ? 'MOVING' : 'IDLE';
  return (
    `<tptz:PTZStatus><tt:Position><tt:PanTilt x="${pan}" y="${tilt}"/><tt:Zoom x="${zoom}"/></tt:Position>` +
    `<tt:MoveStatus><tt:PanTilt>${state}</tt:PanTilt><tt:Zoom>${state}</tt:Zoom></tt:MoveStatus>` +
    `<tt:UtcTime>${new Date(device.clock.nowMs()).toISOString()}</tt:UtcTime></tptz:PTZStatus>`
  );
}
