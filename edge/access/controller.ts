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

export interface AskOptions {
  /** One request, start to end. Default: the controller's. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A gate's controller, as it presents itself over ONVIF. */
export interface Controller {
  readonly send: SoapClient;
  readonly eventsUrl: URL;
  readonly timeoutMs: number;
  /** An address of a reply, led back to the configured host unless it may lead elsewhere. */
  resolve(address: string): URL;
  /** Where one of its services is, by its namespace; undefined when it has none. */
  serviceUrl(namespace: string): URL | undefined;
  /** Asks a service one thing. @param content of the request's element @returns the body of the reply @throws GateError */
  ask(url: URL, namespace: string, operation: string, content?: string, options?: AskOptions): Promise<XmlNode>;
  /** Measures the controller's clock, by which credentials are dated. */
  measureClock(): Promise<void>;
  /** Its digital inputs; undefined when it has no service that lists them. */
  listInputs(): Promise<string[] | undefined>;
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
 * Gets to know a controller: its clock, and where its services are.
 *
 * @throws GateError
 */
export async function meetController(options: ControllerOptions): Promise<Controller> {
  const { credentials, timeoutMs, signal, url } = options;
  // Anchored to the monotonic clock: a step of our own wall clock must not make our credentials old.
  let deviceAnchorMs = Date.now() - performance.now();
  const deviceNowMs = () => deviceAnchorMs + performance.now();
  const send = createSoapClient({ credentials, deviceNowMs });
  async function request(
    target: URL,
    [namespace, operation]: readonly [string, string],
    content: string,
    given: AskOptions & { readonly isAnonymous?: boolean } = {},
  ) {
    const body = `<${operation} xmlns="${namespace}">${content}</${operation}>`;
    const action = `${namespace}/${operation}`;
    const stop = given.signal === undefined ? signal : AbortSignal.any([signal, given.signal]);
    return (await send({ timeoutMs, ...given, url: target, action, body, signal: stop })).body;
  }
  const ask: Controller['ask'] = (target, namespace, operation, content = '', given = {}) =>
    request(target, [namespace, operation], content, given);

  async function measureClock(): Promise<void> {
    const sentAtMs = performance.now();
    const anonymous = request(url, [DEVICE, 'GetSystemDateAndTime'], '', { isAnonymous: true });
    const body = await anonymous.catch((error: unknown) => {
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
  addresses.set(DEVICE, url.href);
  const serviceUrl = (namespace: string) => {
    const address = addresses.get(namespace);
    return address === undefined ? undefined : resolveAddress(address, options);
  };
  const eventsUrl = serviceUrl(EVENTS);
  if (eventsUrl === undefined) throw new GateError('GATE_NOT_SUPPORTED', 'The controller has no event service.');

  return {
    send,
    eventsUrl,
    timeoutMs,
    resolve: (address) => resolveAddress(address, options),
    serviceUrl,
    ask,
    measureClock,
    async listInputs() {
      const ioUrl = serviceUrl(DEVICE_IO);
      if (ioUrl === undefined) return undefined;
      const body = await ask(ioUrl, DEVICE_IO, 'GetDigitalInputs');
      return children(descend(body, 'GetDigitalInputsResponse'), 'DigitalInputs').flatMap(
        (node) => attributeOf(node, 'token') ?? [],
      );
    },
  };
}
