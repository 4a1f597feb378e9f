import { randomBytes, randomUUID } from 'node:crypto';
import type { Priority } from '@dipper/contract/api/alarm';
import { migrate, readMigrations } from '@dipper/hub/database/migrate';
import { type DatabasePool, openDatabasePool } from '@dipper/hub/database/pool';
import { createChangeFeed } from '@dipper/hub/domains/change/change-reader';
import type { WebhookTables } from '@dipper/hub/domains/webhook/webhook.tables';
import { createWebhooks, type Webhooks } from '@dipper/hub/domains/webhook/webhooks';
import type { Resolve } from '@dipper/hub/outbound/address-guard';
import { createSealer } from '@dipper/hub/sealer';
import { pino } from 'pino';
import { Registry } from 'prom-client';

export interface WebhookGround {
  readonly pool: DatabasePool;
  /** The clock of every copy, ms since 1970. */
  nowMs: number;
  /** Another copy of the part that tells webhooks, on the same database. */
  copy(resolve?: Resolve): Webhooks;
  /** Writes an alarm and the change that tells of it. @returns its id */
  raise(priority?: Priority): Promise<string>;
  /** Writes that an alarm changed: another occurrence, or somebody acknowledged it. */
  touch(alarm: string, how?: 'occurred' | 'acknowledged'): Promise<void>;
  rows<T>(sql: string): Promise<T[]>;
  stop(): Promise<void>;
}

/** The part that tells webhooks on a real database, without hub and broker, its clock in the test's hand. */
export async function startWebhookGround(databaseUrl: string): Promise<WebhookGround> {
  const log = pino({ level: 'silent' });
  const pool = openDatabasePool(databaseUrl, log);
  await migrate(pool.pool, readMigrations(), () => undefined);
  const sealer = createSealer(randomBytes(32));
  const changed = (alarm: string, change: string): Promise<unknown> =>
    pool.pool.query(`insert into dipper.change (kind, target, change, at) values ('alarm', $1, $2, now())`, [
      alarm,
      change,
    ]);
  const ground: WebhookGround = {
    pool,
    nowMs: Date.UTC(2026, 10, 24, 4),
    copy: (resolve) =>
      createWebhooks({
        db: pool.db.$extendTables<WebhookTables>(),
        sealer,
        changes: createChangeFeed(pool.db, log),
        allowedNetworks: ['127.0.0.1'],
        publicUrl: 'https://dipper.example.cn',
        registry: new Registry(),
        log,
        housekeep: async () => undefined,
        now: () => ground.nowMs,
        random: () => 0.5,
        ...(resolve === undefined ? {} : { resolve }),
      }),
    async raise(priority = 'high') {
      const id = randomUUID();
      await pool.pool.query(
        `insert into dipper.alarm (id, rule, key, priority, title_zh, title_en, active, late, estate, agent, raised_at, last_occurred_at)
         values ($1::uuid, 'a-rule', $1::text, $2, '东门<@all>有人', 'Somebody', true, false, 'lanting', 'edge', $3, $3)`,
        [id, priority, new Date(ground.nowMs)],
      );
      await changed(id, 'created');
      return id;
    },
    async touch(alarm, how = 'occurred') {
      const set =
        how === 'occurred' ? 'occurrences = occurrences + 1' : `acknowledged_at = now(), acknowledged_by = 'li'`;
      await pool.pool.query(`update dipper.alarm set ${set} where id = $1`, [alarm]);
      await changed(alarm, 'updated');
    },
    rows: async <T>(sql: string) => (await pool.pool.query(sql)).rows as T[],
    stop: () => pool.close(),
  };
  return ground;
}
