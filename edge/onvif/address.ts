import { OnvifReplyInvalidError, printable } from './errors.ts';

/** Where replies may send us: the host that was configured, and those that were allowed by name. */
export interface AddressPolicy {
  readonly configured: URL;
  readonly allowedHosts: readonly string[];
  /** The device names its own port, which is another from outside (quirk `own-port`): the configured one is taken. */
  readonly isPortConfigured?: boolean;
}

function parse(address: string, protocols: readonly string[]): URL {
  const url = URL.parse(address);
  if (url === null || !protocols.includes(url.protocol) || url.hostname === '') {
    throw new OnvifReplyInvalidError(`The device gave "${printable(address)}" where an address was due.`);
  }
  // A device that writes credentials into an address would have them in logs and process lists.
  url.username = '';
  url.password = '';
  return url;
}

function isOwnHost(url: URL, policy: AddressPolicy): boolean {
  return url.hostname === policy.configured.hostname || policy.allowedHosts.includes(url.hostname);
}

/** Some cameras leave their own host out, `http:///onvif/events`, which a parser takes for a host named `onvif`. */
function withHost(address: string, policy: AddressPolicy): string {
  return address.trim().replace(/^(https?):\/\/\//i, `$1://${policy.configured.host}/`);
}

/**
 * The address of a service as the device gave it. One that leads to another host (a device behind NAT, a wrong setting,
 * or a hostile device that would like our credentials sent elsewhere) is rewritten to the configured host and port,
 * its path kept.
 */
export function serviceAddress(address: string, policy: AddressPolicy): URL {
  const url = parse(withHost(address, policy), ['http:', 'https:']);
  if (isOwnHost(url, policy)) {
    if (policy.isPortConfigured === true) url.port = policy.configured.port;
    return url;
  }
  const rewritten = new URL(policy.configured);
  rewritten.pathname = url.pathname;
  rewritten.search = url.search;
  return rewritten;
}

/** The address of a stream; another host is rewritten to the configured one, port and path kept. */
export function streamAddress(address: string, policy: AddressPolicy): string {
  const url = parse(address, ['rtsp:', 'rtsps:']);
  if (!isOwnHost(url, policy)) url.hostname = policy.configured.hostname;
  return url.href;
}
