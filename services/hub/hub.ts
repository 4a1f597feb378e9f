import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { createApp } from './app.ts';
import { compose } from './composition.ts';
import type { HubConfig } from './config.ts';
import { createData } from './data.ts';
import { openDatabasePool } from './database/pool.ts';
import type { AccountTables } from './domains/account/account.tables.ts';
import type { AuditTables } from './domains/audit/audit.tables.ts';
import { createAuditHeads } from './domains/audit/audit-heads.ts';
import { readCalendarFile } from './domains/case/calendar.file.ts';
import { createConsentIntake } from './domains/consent/consent-intake.ts';
import { createDeviceMetrics } from './domains/device/device-metrics.ts';
import type { EnrolmentTables } from './domains/enrolment/enrolment.tables.ts';
import type { HubKeyTables } from './domains/hub-key/hub-key.tables.ts';
import { createHubKeyring } from './domains/hub-key/hub-keyring.ts';
import type { IdempotencyTables } from './domains/idempotency/idempotency.tables.ts';
import { createCredentialKeys } from './domains/policy/credential-keys.ts';
import type { TokenTables } from './domains/token/token.tables.ts';
import type { WebhookTables } from './domains/webhook/webhook.tables.ts';
import { loadSealer } from './sealer.ts';
import { loadSigningKey } from './signing-key.ts';

export interface RunningHub {
  /** Where it listens, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly app: FastifyInstance;
  /** A password that was made up for the first account `admin`; told once, stored nowhere. */
  readonly firstPassword: string | undefined;
  /** Ends every socket, loop and connection; takes less than five seconds. */
  stop(): Promise<void>;
}

/** Addresses that mean every interface; nobody can dial them. */
const WILDCARDS: readonly string[] = ['0.0.0.0', '::'];
const UPLINK_PATH = '/edge/v1/uplink';

/**
 * Starts the hub: listens first, so that `/readyz` can say what it waits for, then brings the database up to date, then
 * serves. Waits for a database that is not up yet.
 *
 * @throws ConfigInvalidError, MigrationError, RouteUndeclaredError, or what `listen` throws, e.g. EADDRINUSE
 */
export async function startHub(
  config: HubConfig,
  logger: Logger,
  onProgress: (message: string, fraction?: number) => void,
  signal: AbortSignal,
): Promise<RunningHub> {
  const registry = new Registry();
  const sealer = loadSealer(config.secretsKeyFile);
  const database = openDatabasePool(config.databaseUrl, logger);
  const keyring = createHubKeyring({
    db: database.db.$extendTables<HubKeyTables>(),
    sealer,
    signingKey: await loadSigningKey(config.signingKeyFile),
    keyFile: config.signingKeyFile,
    log: logger,
  });
  const credentialKeys = createCredentialKeys(sealer, config.credentialKeysFile);
  const data = createData({
    ...{ config, database, signingKey: keyring.signer, log: logger, metrics: registry },
    followers: [createConsentIntake(credentialKeys)],
  });
  let url = '';
  let isPrepared = false;
  const composition = await compose({
    services: data.services,
    database: database.db.$extendTables<
      AccountTables & AuditTables & EnrolmentTables & HubKeyTables & IdempotencyTables & TokenTables & WebhookTables
    >(),
    sealer,
    requireTotp: config.requireTotp,
    webhookAllowedNetworks: config.webhookAllowedNetworks,
    publicUrl: config.publicUrl,
    keyring,
    enrolment: {
      passwordsFile: config.brokerPasswordsFile,
      broker:
        config.brokerPasswordsFile === undefined
          ? undefined
          : { url: config.agentMqttUrl, protocolVersion: config.mqtt.protocol, ca: config.mqtt.ca ?? null },
    },
    hubUrl: () => config.publicUrl ?? config.uplinkUrl?.replace(/^ws/, 'http') ?? url,
    credentialKeys,
    withdrawalsFile: config.withdrawalsFile,
    calendar: readCalendarFile(config.calendarFile),
    uplinkUrl: () => `${config.uplinkUrl ?? (config.publicUrl ?? url).replace(/^http/, 'ws')}${UPLINK_PATH}`,
    logger,
    registry,
  });
  createDeviceMetrics({ db: database.db, registry, log: logger });
  const app = await createApp({
    services: data.services,
    composition,
    readiness: data.readiness,
    isPrepared: () => isPrepared,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    consoleDir: config.consoleDir,
    logger,
    registry,
  });
  const heads = createAuditHeads({
    db: database.db.$extendTables<AuditTables>(),
    signingKey: keyring.signer,
    file: config.auditHeadsFile,
    log: logger,
    now: Date.now,
  });
  const stopping = new AbortController();
  let loops: Promise<unknown> = Promise.resolve();
  const stop = async (): Promise<void> => {
    stopping.abort();
    await app.close();
    await loops;
    await data.stop();
    await database.close();
  };
  try {
    await app.listen({
      host: config.host,
      port: config.port,
      listenTextResolver: (address) => `listening on ${address}`,
    });
    url = urlOf(config.host, app);
    await data.migrate(onProgress, signal);
    signal.throwIfAborted();
    await keyring.adopt();
    await composition.access.adoptKeys();
    const firstPassword = await composition.ensureAdmin(config.adminPassword);
    data.start();
    const { webhooks, brokerPasswords, hubKeyAnnouncer } = composition;
    loops = Promise.all(
      [
        webhooks,
        composition.resends.resends,
        brokerPasswords,
        keyring,
        hubKeyAnnouncer,
        heads,
        composition.access.publisher,
        composition.access.passKeeping,
        composition.consentKeeping,
      ].map((part) => part.run(stopping.signal)),
    );
    isPrepared = true;
    return { url, app, firstPassword, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function urlOf(host: string, app: FastifyInstance): string {
  const { port } = app.server.address() as AddressInfo;
  const name = WILDCARDS.includes(host) ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
