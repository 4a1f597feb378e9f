import type { AddressPolicy } from './address.ts';
import type { DeviceClock } from './device-clock.ts';
import { type DeviceService, discoverServices, NAMESPACES, type ServiceName } from './device-services.ts';
import { OnvifError, OnvifNotSupportedError, OnvifRefusedError } from './errors.ts';
import type { Credentials } from './http-challenge.ts';
import { readClock } from './read-clock.ts';
import { createSoapClient } from './soap-client.ts';
import type { SoapNode } from './soap-node.ts';

export interface DeviceSessionOptions {
  /** Address of the device service, without credentials. */
  readonly url: string;
  readonly credentials: Credentials | undefined;
  readonly allowedHosts: readonly string[];
  readonly caPem?: string | undefined;
  /** For each request. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Short requests to one device, without a thread: its clock and its services are found at the first, and after a loss anew. */
export interface DeviceSession {
  /** The SOAP body of the reply. @throws OnvifError; ONVIF_NOT_SUPPORTED when the device has no such service */
  ask(service: ServiceName, operation: string, content?: string): Promise<SoapNode>;
  has(service: ServiceName): Promise<boolean>;
}

/** A parser that is fed the worst of this size needs some 150 ms. */
const MAX_REPLY_BYTES = 128 * 1024;
/** Device clocks drift by seconds a day; the strictest device allows five of difference. */
const MET_FOR_MS = 10 * 60_000;

interface Met {
  readonly atMs: number;
  readonly clock: DeviceClock;
  readonly services: readonly DeviceService[];
}

export function createDeviceSession(options: DeviceSessionOptions): DeviceSession {
  const { credentials, caPem, timeoutMs, signal } = options;
  const policy: AddressPolicy = { configured: new URL(options.url), allowedHosts: options.allowedHosts };
  let met: Met | undefined;
  let clock: DeviceClock | undefined;
  const send = createSoapClient({
    ...{ credentials, caPem, maxReplyBytes: MAX_REPLY_BYTES },
    deviceNowMs: () => clock?.nowMs() ?? Date.now(),
  });

  async function meet(): Promise<Met> {
    if (met !== undefined && performance.now() - met.atMs < MET_FOR_MS) return met;
    const atMs = performance.now();
    ({ clock } = await readClock(send, { url: policy.configured, timeoutMs, signal }));
    met = { atMs, clock, services: await discoverServices({ send, policy, timeoutMs, signal }) };
    return met;
  }

  async function askOnce(service: ServiceName, operation: string, content: string): Promise<SoapNode> {
    const { services } = await meet();
    const url = services.find(({ name }) => name === service)?.url;
    if (url === undefined) throw new OnvifNotSupportedError(`The device has no ${service} service.`);
    const body = `<${operation} xmlns="${NAMESPACES[service]}">${content}</${operation}>`;
    return (await send({ url, body, timeoutMs, signal })).body;
  }

  return {
    async ask(service, operation, content = '') {
      const wasMetAtMs = met?.atMs;
      try {
        return await askOnce(service, operation, content);
      } catch (error) {
        if (!isLoss(error)) throw error;
        met = undefined;
        // Credentials that were good before are dated by a clock that has stepped since.
        if (!(error instanceof OnvifRefusedError) || wasMetAtMs === undefined) throw error;
        return askOnce(service, operation, content);
      }
    },
    has: async (service) => (await meet()).services.some(({ name }) => name === service),
  };
}

/** Whether what is known of the device may be out of date; a refusal of one request says nothing about it. */
function isLoss(error: unknown): boolean {
  return error instanceof OnvifError && error.code !== 'ONVIF_FAULT' && error.code !== 'ONVIF_NOT_SUPPORTED';
}
