/**
 * Brings an edge into a running deployment: `npm run edge -- enrol --hub URL --code CODE --config FILE [--ca FILE]`.
 *
 * Exit codes: 0 enrolled, 1 not, or not let in by the broker yet, 2 the configuration or the command line cannot be used.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ConfigInvalidError } from '../config/config-error.ts';
import { enrol } from './enrol.ts';

/** Whom a code may be told without TLS: this machine. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** @param args of the command line, behind `enrol` */
export async function runEnrol(args: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    const { hub, code, config, ca } = readArguments(args);
    if (hub.protocol === 'http:' && !LOOPBACK.test(hub.hostname)) {
      say(`warning: ${hub.origin} is not TLS: whoever is on the way can put himself in the place of the hub`);
    }
    await enrol({
      hub: { url: hub.origin, ...(ca !== undefined && { caFile: ca, ca: readCertificate(ca) }) },
      code,
      configFile: config,
      onProgress: say,
      signal,
    });
    return 0;
  } catch (error) {
    if (signal.aborted) return 1;
    const { code = 'ENROLMENT_FAILED', message } = error as Error & { code?: string };
    process.stderr.write(`${code}: ${message}\n`);
    return error instanceof ConfigInvalidError ? 2 : 1;
  }
}

function readArguments(args: readonly string[]): { hub: URL; code: string; config: string; ca: string | undefined } {
  const text = { type: 'string' } as const;
  const problems: string[] = [];
  const values = ((): Readonly<Partial<Record<'hub' | 'code' | 'config' | 'ca', string>>> => {
    try {
      return parseArgs({ args: [...args], options: { hub: text, code: text, config: text, ca: text } }).values;
    } catch (error) {
      throw new ConfigInvalidError('the command line', [(error as Error).message]);
    }
  })();
  for (const name of ['hub', 'code', 'config'] as const) {
    if (values[name] === undefined) problems.push(`--${name} is missing`);
  }
  const hub = URL.parse(values.hub ?? '');
  if (values.hub !== undefined && !/^https?:$/.test(hub?.protocol ?? '')) {
    problems.push('--hub has to be the address of the hub, e.g. https://dipper.example.cn');
  }
  const code = (values.code ?? '').trim().toLowerCase();
  if (values.code !== undefined && !/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/.test(code)) {
    problems.push('--code has to be four groups of four letters and digits, e.g. abcd-efgh-2345-mnop');
  }
  if (problems.length > 0 || hub === null) throw new ConfigInvalidError('the command line', problems);
  return { hub, code, config: values.config ?? '', ca: values.ca };
}

function readCertificate(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigInvalidError('the command line', [`--ca cannot be read: ${(cause as Error).message}`], { cause });
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
