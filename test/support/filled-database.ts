import { applyMigration, type Migration, prepareSchema, readMigrations } from '@dipper/hub/database/migrate';
import type pg from 'pg';
import { withClient } from './with-client.ts';

/** The migrations that were in the field before the others were written. */
export const FIELD_MIGRATIONS = 2;

/** What lies in the database of a hub of then. `now` is when its latest event occurred. */
const CONTENT = `
  insert into dipper.subdistrict values ('old-street', '旧街道', 'Old Street');
  insert into dipper.community values ('old-community', 'old-street', '旧社区', 'Old Community');
  insert into dipper.grid values ('old-grid', 'old-community', 'residential', '旧网格', 'Old Grid');
  insert into dipper.estate values ('old-estate', 'old-community', '旧小区', 'Old Estate');
  insert into dipper.place values ('old-gate', 'old-estate', 'old-grid', 'entrance', '旧门', 'Old Gate', null);
  insert into dipper.agent values ('old-edge', 'old-estate', true, now());
  insert into dipper.device values ('old-camera', 'old-edge', 'old-gate', 'camera', '旧相机', 'Old Camera', true);
  insert into dipper.agent_epoch values
    ('old-edge', '00000000-0000-4000-8000-000000000001', '{[1,401)}', now() - interval '10 days', now());
  insert into dipper.agent_evaluation values ('old-edge', '00000000-0000-4000-8000-000000000001', '{[1,401)}', null);
  insert into dipper.event_passage
    select gen_random_uuid(), 'access.taken', 'old-estate', 'old-edge', 'old-camera', 'old-gate',
           now() - n * interval '36 minutes', null, now(), '00000000-0000-4000-8000-000000000001', n, null, '{"afterMs": 1}'
      from generate_series(1, 400) n;
  insert into dipper.incident values
    ('00000000-0000-4000-8000-0000000000a1', '旧事', 'Old', 'high', true, 'old-estate', 'old-gate', 'old-edge', now(), now());
  insert into dipper.alarm
    (id, rule, key, priority, title_zh, title_en, active, late, estate, agent, device, place, incident, raised_at, last_occurred_at)
  values ('00000000-0000-4000-8000-0000000000a2', 'camera-covered', 'old-camera', 'high', '旧警', 'Old', true, false,
          'old-estate', 'old-edge', 'old-camera', 'old-gate', '00000000-0000-4000-8000-0000000000a1', now(), now());
  insert into dipper.alarm_transition (alarm, what, at) values ('00000000-0000-4000-8000-0000000000a2', 'raised', now());
  insert into dipper.grid_case
    (id, number, title_zh, title_en, category, platform, priority, source, state, estate, place, grid, incident, opened_at, deadline_at)
  values ('00000000-0000-4000-8000-0000000000a3', '20261101-0001', '旧案', 'Old', 'facility', 'governance', 'high', 'alarm',
          'reported', 'old-estate', 'old-gate', 'old-grid', '00000000-0000-4000-8000-0000000000a1', now(), now() + interval '1 day');
  insert into dipper.case_step
    values ('00000000-0000-4000-8000-0000000000a4', '00000000-0000-4000-8000-0000000000a3', 1, 'report', null, 'reported',
            'rule:camera-covered', null, null, now());
  insert into dipper.account (id, name, name_key, display_name, password_hash, roles)
    values ('00000000-0000-4000-8000-0000000000a5', 'old-guard', 'old-guard', 'Old guard', '-', '{guard}');
  insert into dipper.audit (account_id, account_name, action, outcome, address, request_id)
    values ('00000000-0000-4000-8000-0000000000a5', 'old-guard', 'session.create', 'granted', '127.0.0.1', 'r1');
  insert into dipper.dead_letter (topic, reason, sha256, bytes, first_at, last_at)
    values ('old', 'EVENT_INVALID', '\\x00', 1, now() - interval '1 day', now() - interval '1 day');
  insert into dipper.rule_failure (rule, agent, error, occurred_at) values ('old-rule', 'old-edge', 'e', now());`;

/** Counted in every table that it filled. */
export const FILLED_TABLES: Readonly<Record<string, number>> = {
  event_passage: 400,
  incident: 1,
  alarm: 1,
  alarm_transition: 1,
  grid_case: 1,
  case_step: 1,
  account: 1,
  audit: 1,
  dead_letter: 1,
  rule_failure: 1,
};

/** Leaves a database as a hub of the first version did, with its schema and with something in it. */
export async function fillOldDatabase(url: string): Promise<void> {
  await withClient(url, async (client) => {
    for (const migration of readMigrations().slice(0, FIELD_MIGRATIONS)) await applyAlone(client, migration);
    await client.query(CONTENT);
  });
}

/** How many rows each of those tables has. */
export function countRows(url: string): Promise<Record<string, number>> {
  return withClient(url, async (client) => {
    const counts: [string, number][] = [];
    for (const table of Object.keys(FILLED_TABLES)) {
      const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from dipper.${table}`);
      counts.push([table, rows[0]?.n ?? 0]);
    }
    return Object.fromEntries(counts);
  });
}

async function applyAlone(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('begin');
  await prepareSchema(client);
  await applyMigration(client, migration);
  await client.query('commit');
}
