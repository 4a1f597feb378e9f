import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import type { Db } from '../../database/pool.ts';

export interface DeviceMetricsOptions {
  readonly db: Db;
  readonly registry: Registry;
  readonly log: Logger;
}

/** Devices of an agent that are connected alike, and what their states count. */
interface StandingRow {
  readonly agent: string;
  readonly connection: string;
  readonly cause: string;
  readonly devices: number;
  readonly capture: number;
  readonly live: number;
  readonly recording: number;
  readonly blips: number;
}

/** Whoever asks for metrics has other figures to read: a database that is slow to answer leaves these out. */
const PATIENCE_MS = 1_000;

/** Counts at each look what edges tell of their devices: an edge listens on no port, so it is here that they are asked for. */
export function createDeviceMetrics({ db, registry, log }: DeviceMetricsOptions): void {
  let asked: Promise<readonly StandingRow[]> | undefined;

  async function ask(): Promise<readonly StandingRow[]> {
    const late = new AbortController();
    const query = selectStandings(db).catch((error: unknown) => {
      log.warn({ err: error }, 'the devices could not be counted');
      return [];
    });
    try {
      const none = delay(PATIENCE_MS, [], { signal: late.signal }).catch(() => []);
      return await Promise.race([query, none]);
    } finally {
      late.abort();
    }
  }

  /** One query for the gauges of one look. */
  function standings(): Promise<readonly StandingRow[]> {
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    return asked;
  }

  new Gauge({
    name: 'dipper_hub_devices',
    help: 'Devices as their edge last told, by agent, connection and cause.',
    labelNames: ['agent', 'connection', 'cause'],
    registers: [registry],
    async collect() {
      const rows = await standings();
      this.reset();
      for (const { agent, connection, cause, devices } of rows) this.set({ agent, connection, cause }, devices);
    },
  });
  new Gauge({
    name: 'dipper_hub_camera_pictures_shed',
    help: 'Pictures that edges gave up since they started because they had too much to do, by what was not done with them.',
    labelNames: ['agent', 'what'],
    registers: [registry],
    async collect() {
      const rows = await standings();
      this.reset();
      for (const row of rows) {
        for (const what of ['capture', 'live', 'recording'] as const) this.inc({ agent: row.agent, what }, row[what]);
      }
    },
  });
  new Gauge({
    name: 'dipper_hub_camera_blips',
    help: 'Times that cameras were gone for less than an outage since their edge started.',
    labelNames: ['agent'],
    registers: [registry],
    async collect() {
      const rows = await standings();
      this.reset();
      for (const { agent, blips } of rows) this.inc({ agent }, blips);
    },
  });
}

async function selectStandings(db: Db): Promise<readonly StandingRow[]> {
  const { rows } = await sql<StandingRow>`
    select device.agent, state.message ->> 'connection' as connection, coalesce(state.message ->> 'cause', '') as cause,
           count(*)::int as devices,
           coalesce(sum((state.message #>> '{shed,capture}')::bigint), 0)::float8 as capture,
           coalesce(sum((state.message #>> '{shed,live}')::bigint), 0)::float8 as live,
           coalesce(sum((state.message #>> '{shed,recording}')::bigint), 0)::float8 as recording,
           coalesce(sum((state.message ->> 'blips')::bigint), 0)::float8 as blips
      from dipper.device_state as state join dipper.device as device on device.id = state.device
     group by 1, 2, 3`.execute(db);
  return rows;
}
