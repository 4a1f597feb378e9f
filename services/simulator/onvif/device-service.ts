import type { Device } from '../device/device.ts';
import { type OnvifService, type Operation, SERVICE_PATHS } from './service.ts';
import { invalidArgument } from './soap.ts';
import { child, escapeXml, text, type XmlNode } from './xml.ts';

export interface DeviceServiceOptions {
  readonly device: Device;
  /** The other services this device has. */
  readonly services: readonly ('media' | 'events' | 'deviceIo' | 'ptz' | 'doorControl' | 'accessControl')[];
  /** Its own relay operations (ONVIF Core, 8.6), of a device with relays. */
  readonly relays?: Readonly<Record<string, Operation>>;
}

const SERVICES = {
  device: { namespace: 'http://www.onvif.org/ver10/device/wsdl', path: SERVICE_PATHS.device },
  media: { namespace: 'http://www.onvif.org/ver10/media/wsdl', path: SERVICE_PATHS.media },
  events: { namespace: 'http://www.onvif.org/ver10/events/wsdl', path: SERVICE_PATHS.events },
  deviceIo: { namespace: 'http://www.onvif.org/ver10/deviceIO/wsdl', path: SERVICE_PATHS.deviceIo },
  ptz: { namespace: 'http://www.onvif.org/ver20/ptz/wsdl', path: SERVICE_PATHS.ptz },
  doorControl: { namespace: 'http://www.onvif.org/ver10/doorcontrol/wsdl', path: SERVICE_PATHS.doorControl },
  accessControl: { namespace: 'http://www.onvif.org/ver10/accesscontrol/wsdl', path: SERVICE_PATHS.accessControl },
} as const;

const VERSION = '<tt:Major>2</tt:Major><tt:Minor>60</tt:Minor>';

/** The Device Management service (ONVIF Core, 8). */
export function createDeviceService({ device, services, relays }: DeviceServiceOptions): OnvifService {
  const { identity } = device;
  const has = (service: DeviceServiceOptions['services'][number]) => services.includes(service);
  const operations: Record<string, Operation> = {
    GetSystemDateAndTime: () => systemDateAndTime(new Date(device.clock.nowMs())),
    SetSystemDateAndTime: (body) => {
      const atMs = instantOf(child(body, 'UTCDateTime'));
      if (atMs === undefined) throw invalidArgument('ter:InvalidDateTime', 'The date and time are not valid');
      device.clock.offsetMs = atMs - device.trueClock();
      return '<tds:SetSystemDateAndTimeResponse/>';
    },
    GetDeviceInformation: () =>
      `<tds:GetDeviceInformationResponse><tds:Manufacturer>${escapeXml(identity.manufacturer)}</tds:Manufacturer>` +
      `<tds:Model>${escapeXml(identity.model)}</tds:Model><tds:FirmwareVersion>${escapeXml(identity.firmwareVersion)}</tds:FirmwareVersion>` +
      `<tds:SerialNumber>${escapeXml(identity.serialNumber)}</tds:SerialNumber><tds:HardwareId>simulated</tds:HardwareId></tds:GetDeviceInformationResponse>`,
    GetServices: (_, { baseUrl }) =>
      `<tds:GetServicesResponse>${(['device', ...services] as const)
        .map(
          (name) =>
            `<tds:Service><tds:Namespace>${SERVICES[name].namespace}</tds:Namespace><tds:XAddr>${baseUrl}${SERVICES[name].path}</tds:XAddr>` +
            `<tds:Version>${VERSION}</tds:Version></tds:Service>`,
        )
        .join('')}</tds:GetServicesResponse>`,
    GetServiceCapabilities: () =>
      '<tds:GetServiceCapabilitiesResponse><tds:Capabilities><tds:Network/><tds:Security UsernameToken="true" HttpDigest="true"/><tds:System/></tds:Capabilities></tds:GetServiceCapabilitiesResponse>',
    GetCapabilities: (_, { baseUrl }) => capabilities(baseUrl, has, relays === undefined ? 0 : 1),
    GetScopes: () =>
      `<tds:GetScopesResponse>${scopesOf(device, services)
        .map(
          (scope) =>
            `<tds:Scopes><tt:ScopeDef>Fixed</tt:ScopeDef><tt:ScopeItem>${escapeXml(scope)}</tt:ScopeItem></tds:Scopes>`,
        )
        .join('')}</tds:GetScopesResponse>`,
    GetHostname: () =>
      `<tds:GetHostnameResponse><tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP><tt:Name>${escapeXml(device.id)}</tt:Name></tds:HostnameInformation></tds:GetHostnameResponse>`,
    GetNetworkInterfaces: () =>
      '<tds:GetNetworkInterfacesResponse><tds:NetworkInterfaces token="lo"><tt:Enabled>true</tt:Enabled><tt:Info><tt:Name>lo</tt:Name>' +
      '<tt:HwAddress>00:00:00:00:00:00</tt:HwAddress><tt:MTU>65536</tt:MTU></tt:Info><tt:IPv4><tt:Enabled>true</tt:Enabled><tt:Config>' +
      '<tt:Manual><tt:Address>127.0.0.1</tt:Address><tt:PrefixLength>8</tt:PrefixLength></tt:Manual><tt:DHCP>false</tt:DHCP></tt:Config></tt:IPv4>' +
      '</tds:NetworkInterfaces></tds:GetNetworkInterfacesResponse>',
    GetNetworkProtocols: (_, { baseUrl }) =>
      `<tds:GetNetworkProtocolsResponse><tds:NetworkProtocols><tt:Name>HTTP</tt:Name><tt:Enabled>true</tt:Enabled><tt:Port>${new URL(baseUrl).port || 80}</tt:Port></tds:NetworkProtocols></tds:GetNetworkProtocolsResponse>`,
    GetNTP: () =>
      '<tds:GetNTPResponse><tds:NTPInformation><tt:FromDHCP>false</tt:FromDHCP></tds:NTPInformation></tds:GetNTPResponse>',
    GetDNS: () =>
      '<tds:GetDNSResponse><tds:DNSInformation><tt:FromDHCP>false</tt:FromDHCP></tds:DNSInformation></tds:GetDNSResponse>',
    GetNetworkDefaultGateway: () =>
      '<tds:GetNetworkDefaultGatewayResponse><tds:NetworkGateway/></tds:GetNetworkDefaultGatewayResponse>',
    GetUsers: () =>
      `<tds:GetUsersResponse><tds:User><tt:Username>${escapeXml(device.credentials.username)}</tt:Username><tt:UserLevel>Administrator</tt:UserLevel></tds:User></tds:GetUsersResponse>`,
    ...relays,
  };
  return { path: SERVICE_PATHS.device, operations, preAuth: ['GetSystemDateAndTime', 'GetHostname'] };
}

function instantOf(node: XmlNode): number | undefined {
  const number = (...path: readonly string[]) => Number(text(node, ...path) ?? Number.NaN);
  const atMs = Date.UTC(
    number('Date', 'Year'),
    number('Date', 'Month') - 1,
    number('Date', 'Day'),
    number('Time', 'Hour'),
    number('Time', 'Minute'),
    number('Time', 'Second'),
  );
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** Local time is UTC: the estate's devices are set so. */
function systemDateAndTime(now: Date): string {
  const time =
    `<tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute><tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time>` +
    `<tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year><tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day></tt:Date>`;
  return (
    '<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>' +
    `<tt:TimeZone><tt:TZ>UTC0</tt:TZ></tt:TimeZone><tt:UTCDateTime>${time}</tt:UTCDateTime><tt:LocalDateTime>${time}</tt:LocalDateTime>` +
    '</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>'
  );
}

function capabilities(
  baseUrl: string,
  has: (service: DeviceServiceOptions['services'][number]) => boolean,
  relays: number,
): string {
  const media = has('media')
    ? `<tt:Media><tt:XAddr>${baseUrl}${SERVICE_PATHS.media}</tt:XAddr><tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast>` +
      '<tt:RTP_TCP>true</tt:RTP_TCP><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities></tt:Media>'
    : '';
  const ptz = has('ptz') ? `<tt:PTZ><tt:XAddr>${baseUrl}${SERVICE_PATHS.ptz}</tt:XAddr></tt:PTZ>` : '';
  const deviceIo = has('deviceIo')
    ? `<tt:Extension><tt:DeviceIO><tt:XAddr>${baseUrl}${SERVICE_PATHS.deviceIo}</tt:XAddr><tt:VideoSources>0</tt:VideoSources><tt:VideoOutputs>0</tt:VideoOutputs>` +
      `<tt:AudioSources>0</tt:AudioSources><tt:AudioOutputs>0</tt:AudioOutputs><tt:RelayOutputs>${relays}</tt:RelayOutputs></tt:DeviceIO></tt:Extension>`
    : '';
  return (
    `<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Device><tt:XAddr>${baseUrl}${SERVICE_PATHS.device}</tt:XAddr>` +
    '<tt:Network><tt:IPFilter>false</tt:IPFilter><tt:ZeroConfiguration>false</tt:ZeroConfiguration><tt:IPVersion6>false</tt:IPVersion6><tt:DynDNS>false</tt:DynDNS></tt:Network>' +
    '<tt:System><tt:DiscoveryResolve>false</tt:DiscoveryResolve><tt:DiscoveryBye>false</tt:DiscoveryBye><tt:RemoteDiscovery>false</tt:RemoteDiscovery>' +
    `<tt:SystemBackup>false</tt:SystemBackup><tt:SystemLogging>false</tt:SystemLogging><tt:FirmwareUpgrade>false</tt:FirmwareUpgrade><tt:SupportedVersions>${VERSION}</tt:SupportedVersions></tt:System>` +
    `<tt:IO><tt:InputConnectors>${relays}</tt:InputConnectors><tt:RelayOutputs>${relays}</tt:RelayOutputs></tt:IO>` +
    '</tt:Device>' +
    `<tt:Events><tt:XAddr>${baseUrl}${SERVICE_PATHS.events}</tt:XAddr><tt:WSSubscriptionPolicySupport>false</tt:WSSubscriptionPolicySupport>` +
    '<tt:WSPullPointSupport>true</tt:WSPullPointSupport><tt:WSPausableSubscriptionManagerInterfaceSupport>false</tt:WSPausableSubscriptionManagerInterfaceSupport></tt:Events>' +
    `${media}${ptz}${deviceIo}</tds:Capabilities></tds:GetCapabilitiesResponse>`
  );
}

/** What a device is, for discovery and GetScopes (ONVIF Core, 7.3.3.2). */
export function scopesOf(device: Device, services: DeviceServiceOptions['services']): string[] {
  const base = 'onvif://www.onvif.org';
  return [
    `${base}/name/${encodeURIComponent(device.id)}`,
    `${base}/hardware/${encodeURIComponent(device.identity.model)}`,
    `${base}/location/country/china`,
    ...(services.includes('media') ? [`${base}/type/video_encoder`, `${base}/Profile/Streaming`] : []),
    ...(services.includes('ptz') ? [`${base}/type/ptz`] : []),
    ...(services.includes('deviceIo') ? [`${base}/type/relay_output`] : []),
    ...(services.includes('doorControl') ? [`${base}/type/access_controller`, `${base}/Profile/C`] : []),
  ];
}
