/**
 * The embedded database as a process of its own: PostgreSQL occupies the JavaScript thread while it works.
 *
 *   node services/standalone/database/main.ts --data DIR [--port N] [--password-file FILE] [--idle-in-transaction-ms N]
 *
 * Port 0, the default, takes a free one. Listens on 127.0.0.1 only.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tellParent } from '@dipper/contract/lifecycle';
import { pino } from 'pino';
import { stopSignal, whenAborted } from '../stop-signal.ts';
import { claimDataDirectory } from './data-directory.ts';
import { openDatabaseServer } from './server.ts';

const log = pino({ name: 'database', level: process.env['LOG_LEVEL'] ?? 'info' });
const stop = stopSignal();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      port: { type: 'string', default: '0' },
      'password-file': { type: 'string' },
      'idle-in-transaction-ms': { type: 'string', default: '30000' },
    },
  });
  if (values.data === undefined) throw new TypeError('--data DIR is missing');
  const passwordFile = values['password-file'];
  const giveUp = claimDataDirectory(values.data);

  tellParent({ type: 'progress', part: 'database', message: 'opening PostgreSQL with TimescaleDB' });
  const server = await openDatabaseServer({
    clusterDir: join(values.data, 'cluster'),
    port: Number(values.port),
    password: passwordFile === undefined ? undefined : readFileSync(passwordFile, 'utf8').trim(),
    idleInTransactionMs: Number(values['idle-in-transaction-ms']),
    log,
    onCrash(error) {
      log.fatal({ err: error }, 'PostgreSQL crashed; what was committed is on disk');
      process.exit(70);
    },
  });
  const postgres = `postgres://dipper@127.0.0.1:${server.port}/postgres`;
  log.info({ postgres }, 'ready');
  tellParent({ type: 'ready', part: 'database', addresses: { postgres } });

  await whenAborted(stop);
  await server.close();
  giveUp();
  log.info('stopped');
}

main().then(
  () => process.exit(0),
  (error: Error & { code?: string }) => {
    log.fatal({ err: error }, 'the database did not start');
    const failed = { type: 'failed', part: 'database', code: error.code ?? 'DATABASE_FAILED', message: error.message };
    if (process.send === undefined) process.exit(1);
    process.send(failed, () => process.exit(1));
  },
);
