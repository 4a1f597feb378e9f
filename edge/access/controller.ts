import { GateError, printable } from './gate-error.ts';
import { type Credentials, createSoapClient, type SoapClient } from './soap-client.ts';
import { attributeOf, children, descend, textOf, type XmlNode } from './xml-node.ts';

export interface ControllerOptions {
  readonly url: URL;
  readonly credentials: Credentials | undefined;
  readonly allowedHosts: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A gate's controller, as it presents itself over ONVIF. */
export interface Controller {
  readonly send: SoapClient;
  readonly eventsUrl: URL;
  readonly timeoutMs: number;
  /** An address of a reply, led back to the configured host unless it may lead elsewhere. */
  resolve(address: string): URL;
  /** Measures the controller's clock, by which credentials are dated. */
  measureClock(): Promise<void>;
  listRelays(): Promise<string[]>;
  listInputs(): Promise<string[]>;
}

const DEVICE = 'http://www.onvif.org/ver10/device/wsdl';
const DEVICE_IO = 'http://www.onvif.org/ver10/deviceIO/wsdl';
const EVENTS = 'http://www.onvif.org/ver10/events/wsdl';

function resolveAddress(address: string, options: ControllerOptions): URL {
  const url = URL.parse(address.trim());
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new GateError('GATE_REPLY_INVALID', `The controller gave "${printable(address)}" where an address was due.`);
  }
  url.username = '';
  url.password = '';
  if (url.hostname === options.url.hostname || options.allowedHosts.includes(url.hostname)) return url;
  const own = new URL(options.url);
  own.pathname = url.pathname;
  own.search = url.search;
  return own;
}

/** Date and time in a GetSystemDateAndTime reply, milliseconds since 1970; undefined when it is not there. */
function timeFrom(body: XmlNode): number | undefined {
  const utc = descend(body, 'GetSystemDateAndTimeResponse', 'SystemDateAndTime', 'UTCDateTime');
  const number = (part: string, name: string) => Number(textOf(descend(utc, part, name)) ?? Number.NaN);
  const atMs = Date.UTC(
    number('Date', 'Year'),
    number('Date', 'Month') - 1,
    number('Date', 'Day'),
    number('Time', 'Hour'),
    number('Time', 'Minute'),
    number('Time', 'Second'),
  );
  return Number.isFinite(atMs) ? atMs : undefined;
}

function addressesFrom(body: XmlNode): Map<string, string> {
  const addresses = new Map<string, string>();
  for (const service of children(descend(body, 'GetServicesResponse'), 'Service')) {
    const namespace = textOf(descend(service, 'Namespace'));
    const address = textOf(descend(service, 'XAddr'));
    if (namespace !== undefined && address !== undefined) addresses.set(namespace, address);
  }
  return addresses;
}

/** Devices older than GetServices tell their addresses as capabilities. */
function capabilitiesFrom(body: XmlNode): Map<string, string> {
  const capabilities = descend(body, 'GetCapabilitiesResponse', 'Capabilities');
  const events = textOf(descend(capabilities, 'Events', 'XAddr'));
  const deviceIo = textOf(descend(capabilities, 'Extension', 'DeviceIO', 'XAddr'));
  return new Map([
    ...(events ? [[EVENTS, events] as const] : []),
    ...(deviceIo ? [[DEVICE_IO, deviceIo] as const] : []),
  ]);
}

/**
 * Gets to know a controller: its clock, and where its events and its relays are. Relays are looked for on DeviceIO only:
 * a controller that has them there may answer the Device service with success and do nothing.
 *
 * @throws GateError
 */
export async function meetController(options: ControllerOptions): Promise<Controller> {
  const { credentials, timeoutMs, signal, url } = options;
  // Anchored to the monotonic clock: a step of our own wall clock must not make our credentials old.
  let deviceAnchorMs = Date.now() - performance.now();
  const deviceNowMs = () => deviceAnchorMs + performance.now();
  const send = createSoapClient({ credentials, deviceNowMs });
  async function ask(target: URL, namespace: string, operation: string, content = '', isAnonymous = false) {
    const body = `<${operation} xmlns="${namespace}">${content}</${operation}>`;
    const action = `${namespace}/${operation}`;
    return (await send({ url: target, action, body, timeoutMs, signal, isAnonymous })).body;
  }

  async function measureClock(): Promise<void> {
    const sentAtMs = performance.now();
    const body = await ask(url, DEVICE, 'GetSystemDateAndTime', '', true).catch((error: unknown) => {
      // Open to all by the Core Specification §5.12.1; a few devices want credentials all the same.
      if (error instanceof GateError && error.code === 'GATE_REFUSED' && credentials !== undefined) {
        return ask(url, DEVICE, 'GetSystemDateAndTime');
      }
      throw error;
    });
    const toldMs = timeFrom(body);
    // Whole seconds: the middle of the second is the best guess. No time told: taken to have ours.
    if (toldMs !== undefined) deviceAnchorMs = toldMs + 500 - (sentAtMs + performance.now()) / 2;
  }

  async function discover(): Promise<Map<string, string>> {
    try {
      return addressesFrom(await ask(url, DEVICE, 'GetServices', '<IncludeCapability>false</IncludeCapability>'));
    } catch (error) {
      if (!(error instanceof GateError) || (error.code !== 'GATE_NOT_SUPPORTED' && error.code !== 'GATE_FAULT'))
        throw error;
      return capabilitiesFrom(await ask(url, DEVICE, 'GetCapabilities', '<Category>All</Category>'));
    }
  }

  await measureClock();
  const addresses = await discover();
  const addressOf = (namespace: string, what: string) => {
    const address = addresses.get(namespace);
    if (address === undefined) throw new GateError('GATE_NOT_SUPPORTED', `The controller has no ${what}.`);
    return resolveAddress(address, options);
  };
  const eventsUrl = addressOf(EVENTS, 'event service');
  const ioUrl = addressOf(DEVICE_IO, 'DeviceIO service');

  return {
    send,
    eventsUrl,
    timeoutMs,
    resolve: (address) => resolveAddress(address, options),
    measureClock,
    async listRelays() {
      const body = await ask(ioUrl, DEVICE_IO, 'GetRelayOutputs');
      return children(descend(body, 'GetRelayOutputsResponse'), 'RelayOutputs').flatMap(
        (node) => attributeOf(node, 'token') ?? [],
      );
    },
    async listInputs() {
      const body = await ask(ioUrl, DEVICE_IO, 'GetDigitalInputs');
      return children(descend(body, 'GetDigitalInputsResponse'), 'DigitalInputs').flatMap(
        (node) => attributeOf(node, 'token') ?? [],
      );
    },
  };
}
