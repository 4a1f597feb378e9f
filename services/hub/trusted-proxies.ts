import { isIP } from 'node:net';

/** A proxy on this machine may say whom it speaks for; nobody else. */
export const DEFAULT_TRUSTED_PROXIES: readonly string[] = ['loopback'];

/**
 * Reads a list of addresses and networks: `127.0.0.1, 172.30.7.0/24, fd00::/8`. The word `loopback` stands for this
 * machine. Names are none: whom they mean is decided elsewhere.
 *
 * @throws RangeError naming the entry that is none; trusting everybody (`/0`) is refused as well
 */
export function readTrustedProxies(text: string): readonly string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  const wrong = entries.find((entry) => entry !== 'loopback' && !isNetwork(entry));
  if (wrong !== undefined) throw new RangeError(`'${wrong}' is neither an address nor a network (address/bits)`);
  return entries;
}

/**
 * Reads a list of addresses and networks, e.g. `10.8.0.0/16, fd00::/8`.
 * @throws RangeError naming the entry that is none
 */
export function readNetworks(text: string): readonly string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  const wrong = entries.find((entry) => !isNetwork(entry));
  if (wrong !== undefined) throw new RangeError(`'${wrong}' is neither an address nor a network (address/bits)`);
  return entries;
}

function isNetwork(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^[1-9][0-9]{0,2}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}
