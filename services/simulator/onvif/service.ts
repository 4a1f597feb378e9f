import type { XmlNode } from './xml.ts';

export interface OperationContext {
  /** `http://host:port` as the client reached the device; addresses in answers start with it. */
  readonly baseUrl: string;
  /** The last part of the path: which subscription is meant. */
  readonly resource: string;
  /** Aborts when the client hangs up or the device stops. */
  readonly signal: AbortSignal;
}

/** Answers one operation: the XML of the reply's body. @throws SoapFault */
export type Operation = (body: XmlNode, context: OperationContext) => string | Promise<string>;

/** An ONVIF service: its operations by the name of the request's element. */
export interface OnvifService {
  readonly path: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** Operations that need no credentials (ONVIF Core, 5.9.3: access class PRE_AUTH). */
  readonly preAuth?: readonly string[];
  /** WS-Addressing actions of replies, by operation, where the specification gives one. */
  readonly actions?: Readonly<Record<string, string>>;
}

export const SERVICE_PATHS = {
  device: '/onvif/device_service',
  media: '/onvif/media_service',
  events: '/onvif/event_service',
  deviceIo: '/onvif/deviceio_service',
  ptz: '/onvif/ptz_service',
  doorControl: '/onvif/door_service',
  accessControl: '/onvif/access_service',
  /** Followed by the subscription's number. */
  pullPoint: '/onvif/pullpoint/',
  snapshot: '/onvif/snapshot',
} as const;
