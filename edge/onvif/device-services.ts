import { type AddressPolicy, serviceAddress } from './address.ts';
import { OnvifError, OnvifReplyInvalidError } from './errors.ts';
import type { SoapClient } from './soap-client.ts';
import { child, children, textOf } from './soap-node.ts';

export const NAMESPACES = {
  device: 'http://www.onvif.org/ver10/device/wsdl',
  media: 'http://www.onvif.org/ver10/media/wsdl',
  media2: 'http://www.onvif.org/ver20/media/wsdl',
  events: 'http://www.onvif.org/ver10/events/wsdl',
  ptz: 'http://www.onvif.org/ver20/ptz/wsdl',
  imaging: 'http://www.onvif.org/ver20/imaging/wsdl',
  analytics: 'http://www.onvif.org/ver20/analytics/wsdl',
  deviceIo: 'http://www.onvif.org/ver10/deviceIO/wsdl',
} as const;
export type ServiceName = keyof typeof NAMESPACES;

export interface DeviceService {
  readonly name: ServiceName;
  /** Where it is asked for. */
  readonly url: URL;
  /** As the device wrote it. */
  readonly toldAddress: string;
}

export interface DiscoveryCall {
  readonly send: SoapClient;
  readonly policy: AddressPolicy;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const CAPABILITIES: Readonly<Record<string, ServiceName>> = {
  device: 'device',
  media: 'media',
  events: 'events',
  PTZ: 'ptz',
  imaging: 'imaging',
  analytics: 'analytics',
  deviceIO: 'deviceIo',
};

/** Asks which services there are: GetServices, and GetCapabilities of devices that are older than it. @throws OnvifError */
export async function discoverServices({ send, policy, timeoutMs, signal }: DiscoveryCall): Promise<DeviceService[]> {
  const url = policy.configured;
  const service = (name: ServiceName | undefined, toldAddress: string | undefined): DeviceService[] =>
    name === undefined || toldAddress === undefined
      ? []
      : [{ name, toldAddress, url: serviceAddress(toldAddress, policy) }];
  try {
    const { body } = await send({
      ...{ url, timeoutMs, signal },
      body: `<GetServices xmlns="${NAMESPACES.device}"><IncludeCapability>false</IncludeCapability></GetServices>`,
    });
    const response = child(body, 'getServicesResponse');
    if (response === undefined) throw new OnvifReplyInvalidError('The reply to GetServices is none.');
    return children(response, 'service').flatMap((node) => {
      const namespace = textOf(child(node, 'namespace'));
      const known = Object.entries(NAMESPACES).find(([, each]) => each === namespace);
      return service(known?.[0] as ServiceName | undefined, textOf(child(node, 'XAddr')));
    });
  } catch (error) {
    const isUnknown =
      error instanceof OnvifError && (error.code === 'ONVIF_NOT_SUPPORTED' || error.code === 'ONVIF_FAULT');
    if (!isUnknown) throw error;
  }
  const { body } = await send({
    ...{ url, timeoutMs, signal },
    body: `<GetCapabilities xmlns="${NAMESPACES.device}"><Category>All</Category></GetCapabilities>`,
  });
  const capabilities = child(child(body, 'getCapabilitiesResponse'), 'capabilities');
  const extension = child(capabilities, 'extension');
  return Object.entries(CAPABILITIES).flatMap(([element, name]) =>
    service(name, textOf(child(child(capabilities, element) ?? child(extension, element), 'XAddr'))),
  );
}
