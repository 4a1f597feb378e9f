import { lookup as systemLookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { DipperError } from '@dipper/contract/errors';

/**
 * What is not on the public Internet, or is not one machine: IANA's special-purpose registries for IPv4 and IPv6
 * (RFC 6890), multicast, and the IPv6 prefixes inside which an IPv4 address travels (RFC 6052, RFC 3056, RFC 4380).
 */
const NOT_PUBLIC = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
  ...['::/128', '::1/128', '::/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32'],
  ...['2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];

/** Resolves a name to addresses; the system's resolver outside of tests. */
export type Resolve = (name: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

export interface AddressGuard {
  /**
   * Whether a request may be made to an address at all, by what it says.
   * @throws DipperError WEBHOOK_ADDRESS_REFUSED
   */
  check(url: URL): void;
  /** Whether an address may be connected to. Plain http goes only to networks that were allowed by name. */
  isAllowed(address: string, protocol: string): boolean;
  /**
   * The addresses of a name that may be connected to. The connection is made to one of these and none is asked for
   * again, so a name that is resolved to something else a moment later (DNS rebinding) gains nothing.
   * @throws DipperError WEBHOOK_ADDRESS_REFUSED when there is none
   */
  resolve(name: string, protocol: string): Promise<readonly { readonly address: string; readonly family: number }[]>;
}

/**
 * Keeps requests that somebody else chose the address of out of the hub's own network.
 *
 * @param allowedNetworks addresses and networks (CIDR) inside that may be reached all the same
 */
export function createAddressGuard(
  allowedNetworks: readonly string[],
  resolve: Resolve = (name) => systemLookup(name, { all: true }),
): AddressGuard {
  const refused = blockListOf(NOT_PUBLIC);
  const allowed = blockListOf(allowedNetworks);
  const isAllowed = (address: string, protocol: string): boolean => {
    const family = familyOf(address);
    if (family === undefined) return false;
    if (allowed.check(address, family)) return true;
    return protocol === 'https:' && !refused.check(address, family);
  };
  const refuse = (why: string): never => {
    throw new DipperError('WEBHOOK_ADDRESS_REFUSED', { message: `The address is refused: ${why}.` });
  };
  return {
    isAllowed,
    check(url) {
      if (url.protocol !== 'https:' && url.protocol !== 'http:') refuse('it is not https');
      if (url.username !== '' || url.password !== '') refuse('it holds a user name or password');
      const host = hostOf(url);
      if (isIP(host) !== 0 && !isAllowed(host, url.protocol)) refuse('it is not public and not allowed');
      if (isIP(host) === 0 && url.protocol === 'http:' && allowedNetworks.length === 0) refuse('it is not https');
    },
    async resolve(name, protocol) {
      const addresses = isIP(name) === 0 ? await resolve(name) : [{ address: name, family: isIP(name) }];
      // One private answer among public ones is refused as a whole: it is no accident.
      if (addresses.length > 0 && addresses.every(({ address }) => isAllowed(address, protocol))) return addresses;
      return refuse('it leads into a network that is not allowed');
    },
  };
}

/** The host of a URL without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6';
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = familyOf(address) ?? 'ipv4';
    list.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family);
  }
  return list;
}
