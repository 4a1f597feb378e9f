/**
 * The embedded MQTT broker as a process of its own.
 *
 *   node services/standalone/broker/main.ts --accounts FILE [--passwords FILE] [--port N]
 *
 * `--passwords` is what the hub writes as HUB_BROKER_PASSWORDS_FILE; it is read again whenever it changes. Port 0, the
 * default, takes a free one. Listens on 127.0.0.1 only.
 */
import { parseArgs } from 'node:util';
import { tellParent } from '@dipper/contract/lifecycle';
import { pino } from 'pino';
import { stopSignal, whenAborted } from '../stop-signal.ts';
import { readBrokerAccounts } from './accounts.ts';
import { openAgentPasswords } from './agent-passwords.ts';
import { openBroker } from './server.ts';

const log = pino({ name: 'broker', level: process.env['LOG_LEVEL'] ?? 'info' });
const stop = stopSignal();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      accounts: { type: 'string' },
      passwords: { type: 'string' },
      port: { type: 'string', default: '0' },
    },
  });
  if (values.accounts === undefined) throw new TypeError('--accounts FILE is missing');
  const broker = await openBroker({
    accounts: readBrokerAccounts(values.accounts),
    ...(values.passwords !== undefined && { agents: openAgentPasswords(values.passwords) }),
    port: Number(values.port),
    log,
  });
  const mqtt = `mqtt://127.0.0.1:${broker.port}`;
  log.info({ mqtt }, 'ready');
  tellParent({ type: 'ready', part: 'broker', addresses: { mqtt } });

  await whenAborted(stop);
  await broker.close();
  log.info('stopped');
}

main().then(
  () => process.exit(0),
  (error: Error & { code?: string }) => {
    log.fatal({ err: error }, 'the broker did not start');
    const failed = { type: 'failed', part: 'broker', code: error.code ?? 'BROKER_FAILED', message: error.message };
    if (process.send === undefined) process.exit(1);
    process.send(failed, () => process.exit(1));
  },
);
