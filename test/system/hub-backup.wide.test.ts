import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { restoreBackup } from '@dipper/hub/backup/restore-backup';
import { writeBackup } from '@dipper/hub/backup/write-backup';
import { migrate, readMigrations } from '@dipper/hub/database/migrate';
import { openDatabasePool } from '@dipper/hub/database/pool';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DebianPostgres, startDebianPostgres } from '../support/debian-postgres.ts';

const SHIM = fileURLToPath(new URL('../support/timescale-shim.sql', import.meta.url));
const EPOCH = '00000000-0000-4000-8000-000000000001';

let postgres: DebianPostgres;
let dir: string;

beforeAll(async () => {
  postgres = await startDebianPostgres();
  dir = mkdtempSync(join(tmpdir(), 'dipper-backup-'));
});
afterAll(async () => {
  await postgres?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** A database of its own beside the first, with the shim. */
async function makeDatabase(): Promise<string> {
  const name = `t${randomUUID().replaceAll('-', '')}`;
  const first = await connect(postgres.url);
  await first.query(`create database ${name}`);
  await first.end();
  const url = postgres.url.replace(/postgres$/, name);
  const client = await connect(url);
  await client.query(readFileSync(SHIM, 'utf8'));
  await client.end();
  return url;
}

it('backs up one moment while hubs write, and restores into a server that knows nothing of it', async () => {
  const url = await makeDatabase();
  const pool = openDatabasePool(url, pino({ level: 'silent' }));
  await migrate(pool.pool, readMigrations(), () => undefined);
  // What one transaction writes belongs together: an event, and its sequence among those seen.
  await pool.pool.query(`insert into dipper.agent (id, estate, configured) values ('a', 'e', false)`);
  await pool.pool.query(
    `insert into dipper.agent_epoch (agent, epoch, oldest_occurred_at, newest_occurred_at) values ('a', $1, now(), now())`,
    [EPOCH],
  );
  await pool.pool.query(`
    insert into dipper.subdistrict values ('s', 's', 's');
    insert into dipper.community values ('c', 's', 'c', 'c');
    insert into dipper.estate values ('e', 'c', 'e', 'e');
    insert into dipper.access_holder (id, estate, kind, name, created_at, changed_at, changed_by)
      values ('${EPOCH}', 'e', 'resident', '王芳', now(), now(), 'a');
    insert into dipper.face_consent
        (id, holder, estate, purpose, notice_version, access_points, how, is_minor, given_at, recorded_by, valid_until)
      values ('${EPOCH}', '${EPOCH}', 'e', 'estate-access', '2026-11', '{p}', 'paper', false, now(), 'a', now() + interval '1 day')`);
  let written = 0;
  let isWriting = true;
  const writing = (async () => {
    const writer = await connect(url);
    while (isWriting) {
      await writer.query('begin');
      await writer.query(
        `insert into dipper.event_scene (id, type, estate, agent, occurred_at, received_at, epoch, sequence, data)
         select gen_random_uuid(), 'motion.started', 'e', 'a', now(), now(), $1, n, '{"text": "门口 \\\\ \\"x\\" \\n"}'
           from generate_series($2::bigint, $2::bigint + 49) n`,
        [EPOCH, written + 1],
      );
      await writer.query(`update dipper.agent_epoch set seen = seen + int8multirange(int8range($1, $2))`, [
        written + 1,
        written + 51,
      ]);
      await writer.query('commit');
      written += 50;
    }
    await writer.end();
  })();
  await expect.poll(() => written, { timeout: 10_000, interval: 10 }).toBeGreaterThan(2_000);

  const file = join(dir, 'while-writing');
  const source = await connect(url);
  const atStart = written;
  const summary = await writeBackup(
    source,
    file,
    { mediaDir: dir, allowMissing: false },
    () => undefined,
    new AbortController().signal,
  );
  expect(written).toBeGreaterThan(atStart);
  isWriting = false;
  await writing;
  await Promise.all([source.end(), pool.close()]);

  const target = await connect(await makeDatabase());
  const restored = await restoreBackup(target, file, readMigrations(), dir, () => undefined);
  expect(restored.rows).toBe(summary.rows);
  // Nobody can say whether it was taken back since: it has ended.
  expect(restored.consents).toEqual({ withdrawn: 0, ended: 1 });
  const { rows: consents } = await target.query(
    'select withdrawn_by, ended_at <= now() as over from dipper.face_consent',
  );
  expect(consents).toEqual([{ withdrawn_by: 'restore', over: true }]);
  const { rows } = await target.query(
    `select count(*)::int as events, max(sequence)::int as last, min(data ->> 'text') as text,
            (select upper(seen)::int - 1 from dipper.agent_epoch) as seen from dipper.event_scene`,
  );
  const [{ events, last, seen, text }] = rows as [{ events: number; last: number; seen: number; text: string }];
  expect(events).toBeGreaterThanOrEqual(atStart - 50);
  expect([last, seen]).toEqual([events, events]);
  expect(text).toBe('门口 \\ "x" \n');
  // References are checked again, and what is append-only is so again.
  await expect(
    target.query(`insert into dipper.device (id, agent, kind, name_zh, name_en, configured)
                  values ('d', 'nobody', 'camera', 'd', 'd', true)`),
  ).rejects.toThrow('foreign key');
  const { rows: sequence } = await target.query(
    `select nextval('dipper.change_id_seq')::bigint > 1000000000 as skipped`,
  );
  expect(sequence).toEqual([{ skipped: true }]);
  await target.end();
});
