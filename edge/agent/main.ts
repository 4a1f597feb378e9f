/**
 * The edge agent as a process: `npm run edge -- --config FILE`; `npm run edge -- enrol …` brings it in (enrol/main.ts),
 * `npm run edge -- probe URL …` asks a device what it can do (probe/main.ts), `npm run edge -- discover` finds devices.
 *
 * Exit codes: 0 stopped as asked, 1 failed, 2 the configuration or the command line cannot be used.
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { type FailedMessage, tellParent } from '@dipper/contract/lifecycle';
import pino from 'pino';
import { systemClock } from '../link/clock.ts';
import { startAgent } from './agent.ts';
import { ConfigInvalidError } from './config/config-error.ts';
import { type EdgeConfig, readEdgeConfig } from './config/read-config.ts';
import { watchConfig } from './config/watch-config.ts';
import { runEnrol } from './enrol/main.ts';
import { runDiscover } from './probe/discover.ts';
import { runProbe } from './probe/main.ts';

const log = pino({ name: 'edge', level: process.env['LOG_LEVEL'] ?? 'info' });
/** Whoever does not come to an end by then is left behind. */
const STOP_LIMIT_MS = 4_800;
/** `process.exit` waits for all threads, and one that hangs in native code comes to no end. */
const leaveAtOnce = (): void => void process.kill(process.pid, 'SIGKILL');

/**
 * What is freed by the megabyte here are pictures, and V8 collects its whole heap, which hardly changes, each time that they
 * have come to a third of it: every four seconds for one camera, half of what an idle agent costs. Now they may come to three
 * times the heap, some 100 MB.
 */
setFlagsFromString('--heap-growing-percent=300');

const stop = new AbortController();
const asked = Promise.withResolvers<Error | undefined>();
const end = (error?: Error): void => {
  stop.abort();
  setTimeout(leaveAtOnce, STOP_LIMIT_MS).unref();
  asked.resolve(error);
};
// `disconnect`: the process that started us is gone, however it went.
for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, () => end());

/** A signal that comes before there is an agent asks for what is about to be read anyway. */
let reload = (): void => undefined;
process.on('SIGHUP', () => reload());

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  if (values.config === undefined) throw new ConfigInvalidError('the command line', ['--config FILE is missing']);
  const path = values.config;
  const read = (): EdgeConfig => readEdgeConfig(path, process.env);
  const agent = await startAgent({
    config: read(),
    env: process.env,
    log,
    onProgress(message) {
      log.info(message);
      tellParent({ type: 'progress', part: 'edge', message });
    },
    onFatal: end,
    signal: stop.signal,
  });
  const watch = watchConfig({
    ...{ path, read, apply: (config) => agent.reload(config), onRefused: (error) => agent.refuse(error) },
    ...{ clock: systemClock, log, signal: stop.signal },
  });
  reload = () => void watch.reload();
  log.info('ready');
  tellParent({ type: 'ready', part: 'edge', addresses: {} });
  const error = await asked.promise;
  await agent.stop();
  if (error !== undefined) throw error;
  log.info('stopped');
}

if (process.argv[2] === 'discover') process.exit(await runDiscover(process.argv.slice(3), stop.signal));
if (process.argv[2] === 'probe') process.exit(await runProbe(process.argv.slice(3), process.env, stop.signal));
if (process.argv[2] === 'enrol') process.exit(await runEnrol(process.argv.slice(3), stop.signal));
main().then(
  () => process.exit(0),
  (error: Error & { code?: string }) => {
    if (stop.signal.aborted && error.name === 'AbortError') process.exit(0);
    const code = error.code ?? 'EDGE_FAILED';
    log.fatal({ code, err: error }, error.message);
    const leave = (): void => {
      if (code === 'INFERENCE_HUNG') leaveAtOnce();
      process.exit(error instanceof ConfigInvalidError ? 2 : 1);
    };
    const failed: FailedMessage = { type: 'failed', part: 'edge', code, message: error.message };
    if (process.send === undefined || !process.connected) leave();
    else process.send(failed, leave);
  },
);
