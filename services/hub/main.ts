/**
 * The hub as a process: `npm run hub`, configured by HUB_… variables (config.ts says which).
 *
 * Exit codes: 0 stopped as asked, 1 could not start or did not stop in time.
 */
import { tellParent } from '@dipper/contract/lifecycle';
import { pino } from 'pino';
import { readHubConfig } from './config.ts';
import { startHub } from './hub.ts';
import { requestMixin } from './request-context.ts';

/** A stop that hangs, on a dead database or broker, ends all the same. */
const STOP_PATIENCE_MS = 4_500;

const stop = new AbortController();
// A terminal and npm may both pass on one Ctrl-C: being asked again changes nothing.
for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(event, () => stop.abort());

async function main(): Promise<void> {
  const config = readHubConfig(process.env);
  const logger = pino({ name: 'hub', level: config.logLevel, mixin: requestMixin });
  const onProgress = (message: string, fraction?: number): void => {
    logger.info({ fraction }, message);
    tellParent({ type: 'progress', part: 'hub', message, ...(fraction === undefined ? {} : { fraction }) });
  };
  const hub = await startHub(config, logger, onProgress, stop.signal);
  logger.info({ url: hub.url }, 'ready');
  const { firstPassword } = hub;
  const ready = { type: 'ready', part: 'hub', addresses: { http: hub.url } } as const;
  tellParent(firstPassword === undefined ? ready : { ...ready, firstPassword });
  if (firstPassword !== undefined && !process.connected) tellOnce(firstPassword);
  await new Promise<void>((resolve) => {
    if (stop.signal.aborted) resolve();
    stop.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  setTimeout(() => process.exit(1), STOP_PATIENCE_MS).unref();
  await hub.stop();
  logger.info('stopped');
}

/** For the person who starts the hub by hand, past the log, which others read as well. */
function tellOnce(password: string): void {
  process.stderr.write(`first start: sign in as 'admin' with the password ${password} (it is told only now)\n`);
}

main().then(
  () => process.exit(0),
  (error: Error & { code?: string }) => {
    if (stop.signal.aborted) process.exit(0);
    pino({ name: 'hub' }).fatal({ err: error }, 'the hub did not start');
    const failed = { type: 'failed', part: 'hub', code: error.code ?? 'HUB_FAILED', message: error.message };
    if (process.send === undefined) process.exit(1);
    process.send(failed, () => process.exit(1));
  },
);
