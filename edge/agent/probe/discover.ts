/**
 * `npm run edge -- discover [--interface ADDRESS] [--wait-sec N]`: lists the ONVIF devices that answer on the local network.
 *
 * Exit codes: 0 asked (whoever answered), 1 nothing could be sent, 2 the command line cannot be used.
 */
import { isIPv4 } from 'node:net';
import { parseArgs } from 'node:util';
import { type DiscoveredDevice, discoverDevices } from '../../onvif/discover.ts';
import { OnvifError } from '../../onvif/errors.ts';

const USAGE = 'npm run edge -- discover [--interface ADDRESS] [--wait-sec N]';
const DEFAULT_WAIT_SEC = 3;
const MAX_WAIT_SEC = 60;

/** What a person reads, in the order of addresses. */
export function printDiscovered(devices: readonly DiscoveredDevice[]): string {
  if (devices.length === 0) {
    return 'No device answered. Cameras answer within their own network only; --interface names the card towards it.\n';
  }
  const entries = devices.map(({ endpoint, urls, name, hardware, from, isElsewhere }) => {
    const about = [name, hardware].filter((part) => part !== undefined).join(', ') || 'no name';
    const warning = isElsewhere ? `  (answered from ${from})` : '';
    const isTwin = devices.filter((each) => each.endpoint === endpoint).length > 1;
    return `  ${urls.join(' ')}  ${about}${warning}${isTwin ? '  (another says that it is the same device)' : ''}`;
  });
  return `${entries.toSorted().join('\n')}\n\nnpm run edge -- probe ADDRESS tells more of one.\n`;
}

/** @returns the exit code */
export async function runDiscover(args: readonly string[], signal: AbortSignal): Promise<number> {
  const complain = (problem: string): number => {
    process.stderr.write(`${problem}\nUsage: ${USAGE}\n`);
    return 2;
  };
  let values: { readonly interface?: string; readonly 'wait-sec'?: string };
  try {
    const options = { interface: { type: 'string' }, 'wait-sec': { type: 'string' } } as const;
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    return complain((error as Error).message);
  }
  const interfaceAddress = values.interface;
  const waitSec = Number(values['wait-sec'] ?? DEFAULT_WAIT_SEC);
  if (interfaceAddress !== undefined && !isIPv4(interfaceAddress)) return complain('--interface is an IPv4 address.');
  if (!(waitSec > 0 && waitSec <= MAX_WAIT_SEC)) return complain(`--wait-sec is a number up to ${MAX_WAIT_SEC}.`);
  try {
    process.stdout.write(printDiscovered(await discoverDevices({ interfaceAddress, waitMs: waitSec * 1_000, signal })));
    return 0;
  } catch (error) {
    if (!(error instanceof OnvifError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    return 1;
  }
}
