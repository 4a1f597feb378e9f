import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

export const PROBE_USAGE =
  'npm run edge -- probe URL [--username NAME (--password-file FILE | --password-env VARIABLE)] [--ca-file FILE] [--timeout-sec N] [--json]';

/** The command line cannot be used. */
export class ProbeUsageError extends Error {
  readonly code = 'PROBE_USAGE';
  constructor(problem: string) {
    super(`${problem}\nUsage: ${PROBE_USAGE}`);
    this.name = 'ProbeUsageError';
  }
}

export interface ProbeArguments {
  readonly url: string;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  /** Where the password came from, for the configuration that is printed. */
  readonly passwordKey: { readonly passwordFile: string } | { readonly passwordEnv: string } | undefined;
  readonly caPem: string | undefined;
  readonly timeoutMs: number;
  readonly isJson: boolean;
}

const DEFAULT_TIMEOUT_SEC = 10;
const MAX_TIMEOUT_SEC = 120;
/** Where most devices have it; added to an address that is a host and nothing else. */
const USUAL_PATH = '/onvif/device_service';

function read(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ProbeUsageError(`The ${what} cannot be read: ${(cause as Error).message}`);
  }
}

function addressFrom(text: string): string {
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new ProbeUsageError('The address of a device service is http://HOST[:PORT]/PATH or https://…');
  }
  if (url.username !== '' || url.password !== '') {
    throw new ProbeUsageError('Credentials do not belong in the address: use --username and --password-file');
  }
  if (url.pathname === '/') url.pathname = USUAL_PATH;
  return url.href;
}

/**
 * @param args what follows `probe`
 * @throws ProbeUsageError, which never repeats a password
 */
export function probeArguments(args: readonly string[], env: NodeJS.ProcessEnv): ProbeArguments {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (cause) {
    throw new ProbeUsageError((cause as Error).message);
  }
  const { values, positionals } = parsed;
  const [address, ...more] = positionals;
  if (address === undefined || more.length > 0) throw new ProbeUsageError('One address is needed.');
  const { username } = values;
  const passwordFile = values['password-file'];
  const passwordEnv = values['password-env'];
  const isPasswordNamed = passwordFile !== undefined || passwordEnv !== undefined;
  if ((username === undefined) === isPasswordNamed || (passwordFile !== undefined && passwordEnv !== undefined)) {
    throw new ProbeUsageError('--username goes with exactly one of --password-file and --password-env.');
  }
  const password =
    passwordFile !== undefined ? read(passwordFile, 'password file').replace(/\r?\n$/, '') : env[passwordEnv ?? ''];
  if (username !== undefined && password === undefined) {
    throw new ProbeUsageError(`The variable ${passwordEnv} is not set.`);
  }
  const timeoutSec = Number(values['timeout-sec'] ?? DEFAULT_TIMEOUT_SEC);
  if (!(timeoutSec > 0 && timeoutSec <= MAX_TIMEOUT_SEC)) {
    throw new ProbeUsageError(`--timeout-sec is a number up to ${MAX_TIMEOUT_SEC}.`);
  }
  const caFile = values['ca-file'];
  return {
    url: addressFrom(address),
    credentials: username === undefined || password === undefined ? undefined : { username, password },
    passwordKey:
      passwordFile !== undefined ? { passwordFile } : passwordEnv !== undefined ? { passwordEnv } : undefined,
    caPem: caFile === undefined ? undefined : read(caFile, 'certificate file'),
    timeoutMs: timeoutSec * 1_000,
    isJson: values.json ?? false,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      username: { type: 'string' },
      'password-file': { type: 'string' },
      'password-env': { type: 'string' },
      'ca-file': { type: 'string' },
      'timeout-sec': { type: 'string' },
      json: { type: 'boolean' },
    },
  });
}
