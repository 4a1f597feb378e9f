/**
 * `npm run edge -- probe URL …`: asks one ONVIF device everything, and prints what it can do, what it answers wrongly and its
 * configuration. No password is printed.
 *
 * Exit codes: 0 it answered (whatever it answered), 1 it did not, 2 the command line cannot be used.
 */
import { ProbeHopelessError, probeDevice } from '../../onvif/probe.ts';
import { configFor } from './config-for.ts';
import { printReport } from './print-report.ts';
import { ProbeUsageError, probeArguments } from './probe-arguments.ts';

/** @returns the exit code */
export async function runProbe(args: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<number> {
  try {
    const { isJson, ...options } = probeArguments(args, env);
    const report = await probeDevice({ ...options, signal });
    const config = configFor(report, options);
    process.stdout.write(
      isJson ? `${JSON.stringify({ ...report, config }, undefined, 2)}\n` : printReport(report, config),
    );
    return 0;
  } catch (error) {
    if (error instanceof ProbeUsageError) {
      process.stderr.write(`${error.message}\n`);
      return 2;
    }
    if (error instanceof ProbeHopelessError) {
      process.stderr.write(`${error.code}: ${error.message}\n`);
      return 1;
    }
    if (signal.aborted) return 1;
    throw error;
  }
}
