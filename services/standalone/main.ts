/**
 * `npm start`: the whole of Dipper on one machine, with a simulated estate. Ends cleanly on Ctrl-C, and when the
 * process that started it is gone.
 */
import { fileURLToPath } from 'node:url';
import { readStandaloneConfig } from './config.ts';
import { type Demo, startDemo } from './demo.ts';
import { watchParent } from './parent-watch.ts';
import { createTerminal } from './terminal.ts';

const OLDEST_NODE = 24;

const terminal = createTerminal(process.stdout);
const stopping = new AbortController();
let starting: Promise<Demo> | undefined;

async function main(): Promise<void> {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    throw new Error(
      `Dipper needs Node ${OLDEST_NODE} or newer, this is ${process.versions.node}; on Linux 'npm ci' brings it`,
    );
  }
  const config = readStandaloneConfig(process.env, process.cwd());
  terminal.say('', `Dipper prepares; everything it writes is in ${config.dataDir}`);
  starting = startDemo(config, fileURLToPath(new URL('../..', import.meta.url)), terminal, stopping.signal);
  const demo = await starting;
  const password =
    demo.adminPassword ?? '(the password shown at the first start; DIPPER_ADMIN_PASSWORD sets a new one)';
  terminal.say(
    '',
    'Dipper is running.',
    `  Open      ${demo.url}`,
    `  Sign in   admin / ${password}`,
    '  Stop      Ctrl-C',
    '',
  );
}

async function end(exitCode: number): Promise<void> {
  if (stopping.signal.aborted) return;
  stopping.abort();
  // A start that is under way gives up and stops what it had started; then there is no demo to stop.
  const demo = await starting?.catch(() => undefined);
  await demo?.stop();
  terminal.say('', 'Dipper has stopped.');
  process.exit(exitCode);
}

// A terminal and npm may both pass on one Ctrl-C: being asked again changes nothing.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0));
watchParent(() => void end(1), stopping.signal);

main().catch((error: Error & { code?: string }) => {
  if (stopping.signal.aborted) return; // `end` is at it
  terminal.say('', `${error.code ?? 'START_FAILED'}: ${error.message}`);
  process.exit(1);
});
