import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MqttConfig } from '@dipper/hub/config';
import { createData, type Data } from '@dipper/hub/data';
import { type DatabasePool, openDatabasePool } from '@dipper/hub/database/pool';
import type { ConditionRegistry } from '@dipper/hub/rules/conditions';
import type { HubServices } from '@dipper/hub/services';
import { loadSigningKey, type SigningKey } from '@dipper/hub/signing-key';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { EmbeddedBroker } from './embedded-broker.ts';

const config = (name: string): string => fileURLToPath(new URL(`../../config/${name}`, import.meta.url));

export interface HubDataOptions {
  readonly databaseUrl: string;
  readonly broker: Pick<EmbeddedBroker, 'url' | 'hub'>;
  readonly now?: () => number;
  /** The clock of `now` when absent: time passes, nobody sets a clock. */
  readonly monotonicNow?: () => number;
  readonly conditions?: ConditionRegistry;
  /** YAML instead of config/rules.yaml. */
  readonly rules?: string;
  readonly places?: string;
  readonly retention?: string;
  readonly categories?: string;
  readonly calendar?: string;
  /** Directory of the signing key, to be shared by hubs that stand for one. */
  readonly keyDir?: string;
  /** What differs from MQTT 3.1.1 under the name `hub`. */
  readonly mqtt?: Partial<MqttConfig>;
}

export interface HubData {
  readonly data: Data;
  readonly services: HubServices;
  readonly pool: DatabasePool;
  readonly signingKey: SigningKey;
  readonly metrics: Registry;
  stop(): Promise<void>;
}

/**
 * Starts the hub's data side inside the test, migrated, on a real database and a real broker:
 *
 *   const hub = await startHubData({ databaseUrl: database.url, broker });
 *   const { items } = await hub.services.alarms.list({});
 *   await hub.stop();
 */
export async function startHubData(options: HubDataOptions): Promise<HubData> {
  const dir = mkdtempSync(join(tmpdir(), 'dipper-hub-'));
  const file = (name: string, content: string | undefined): string => {
    if (content === undefined) return config(name);
    writeFileSync(join(dir, name), content);
    return join(dir, name);
  };
  const log = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
  const pool = openDatabasePool(options.databaseUrl, log);
  const signingKey = await loadSigningKey(join(options.keyDir ?? dir, 'signing-key.jwk'));
  const metrics = new Registry();
  const data = createData({
    config: {
      mqtt: {
        url: options.broker.url,
        protocol: 4,
        ...options.broker.hub,
        clientId: 'hub',
        isClientIdStable: true,
        sharedGroup: undefined,
        ...options.mqtt,
      },
      rulesFile: file('rules.yaml', options.rules),
      placesFile: file('places.yaml', options.places),
      retentionFile: file('retention.yaml', options.retention),
      mediaDir: join(dir, 'media'),
      categoriesFile: file('case-categories.yaml', options.categories),
      calendarFile: file('calendar.yaml', options.calendar),
    },
    database: pool,
    signingKey: () => signingKey.privateKey,
    log,
    metrics,
    ...(options.now === undefined ? {} : { now: options.now, monotonicNow: options.monotonicNow ?? options.now }),
    ...(options.conditions === undefined ? {} : { conditions: options.conditions }),
  });
  await data.migrate(() => undefined, new AbortController().signal);
  data.start();
  return {
    data,
    services: data.services,
    pool,
    signingKey,
    metrics,
    async stop() {
      await data.stop();
      await pool.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
