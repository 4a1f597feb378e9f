import { connect } from 'node:net';
import { openDatabasePool } from '@dipper/hub/database/pool';
import { sql } from 'kysely';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../support/embedded-database.ts';
import { eventually } from '../support/eventually.ts';

const IDLE_IN_TRANSACTION_MS = 400;

let database: EmbeddedDatabase;
beforeAll(async () => {
  database = await startEmbeddedDatabase({ idleInTransactionMs: IDLE_IN_TRANSACTION_MS });
  await using client = await connected();
  await client.query('create table public.thing (id int primary key, note text)');
});
afterAll(() => database.stop());

async function connected(): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client({ connectionString: database.url });
  client.on('error', () => undefined);
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

describe('the embedded database', () => {
  it('keeps the transactions of many clients apart', async () => {
    const pool = new pg.Pool({ connectionString: database.url, max: 8 });
    const transactions = Array.from({ length: 16 }, async (_, id) => {
      const client = await pool.connect();
      await client.query('begin');
      await client.query('insert into public.thing values ($1, $2)', [id, 'kept']);
      await client.query(id % 2 === 0 ? 'commit' : 'rollback');
      client.release();
    });
    await Promise.all(transactions);
    const { rows } = await pool.query('select id from public.thing order by id');
    expect(rows.map((row) => row.id)).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
    await pool.end();
  });

  it('answers an error inside the extended protocol and stays usable', async () => {
    await using client = await connected();
    await expect(client.query('select $1::int / 0', [1])).rejects.toMatchObject({ code: '22012' });
    await expect(client.query('select * from nowhere where id = $1', [1])).rejects.toMatchObject({ code: '42P01' });
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('takes and gives messages of megabytes', async () => {
    await using client = await connected();
    const text = '界'.repeat(1_000_000);
    const { rows } = await client.query('select $1::text as text', [text]);
    expect(rows[0].text).toBe(text);
  });

  it('answers whole statements of every length, also where a message ends with the buffer that PostgreSQL reads into', async () => {
    await using client = await connected();
    const [fewest, most] = [8_192 - 160, 8_192];
    for (let length = fewest; length <= most; length += 1) {
      const { rows } = await client.query('select length($1::text) as length', ['x'.repeat(length)]);
      expect(rows).toEqual([{ length }]);
      await expect(client.query('select $1::int as number', ['x'.repeat(length)])).rejects.toMatchObject({
        code: '22P02',
      });
    }
  });

  it('keeps what the hub writes after a transaction whose beginning took too long', async () => {
    const { db, close } = openDatabasePool(database.url, pino({ level: 'silent' }), { queryTimeoutMs: 200 });
    await using slow = await connected();
    await sql`select 'so that there is a connection'`.execute(db);
    await slow.query('begin');
    const asleep = slow.query('select pg_sleep(1)').then(() => slow.query('commit'));
    await expect(db.transaction().execute((tx) => sql`select 1`.execute(tx))).rejects.toThrow('Query read timeout');
    await asleep;
    await eventually('it writes again', () =>
      sql`insert into public.thing values (50, 'kept') on conflict (id) do nothing`.execute(db),
    );
    expect((await slow.query('select note from public.thing where id = 50')).rows).toEqual([{ note: 'kept' }]);
    await close();
  });

  it('rolls back for a client that vanishes in a transaction', async () => {
    const client = await connected();
    await client.query('begin');
    await client.query("insert into public.thing values (100, 'lost')");
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    await using other = await connected();
    expect((await other.query('select 1 from public.thing where id = 100')).rowCount).toBe(0);
  });

  it('ends a client that leaves a transaction open while others wait', async () => {
    const idler = await connected();
    await idler.query('begin');
    await idler.query("insert into public.thing values (101, 'lost')");
    await using other = await connected();
    const askedAt = performance.now();
    expect((await other.query('select 1 from public.thing where id = 101')).rowCount).toBe(0);
    expect(performance.now() - askedAt).toBeGreaterThan(IDLE_IN_TRANSACTION_MS * 0.7);
    await expect(idler.query('commit')).rejects.toThrow();
  });

  it('refuses a wrong password and a COPY from the client, and goes on', async () => {
    const url = new URL(database.url);
    url.password = 'wrong';
    await expect(new pg.Client({ connectionString: url.href }).connect()).rejects.toMatchObject({ code: '28P01' });
    const client = await connected();
    await expect(client.query('copy public.thing from stdin')).rejects.toMatchObject({ code: '0A000' });
    await using other = await connected();
    expect((await other.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('declines encryption, takes a cancel request without a word, and hangs up on nonsense', async () => {
    const port = Number(new URL(database.url).port);
    const request = (code: number, length = 8): Buffer => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32BE(length, 0);
      bytes.writeUInt32BE(code, 4);
      return bytes;
    };
    expect((await exchange(port, request(80877103), 'first')).toString()).toBe('N');
    expect(await exchange(port, Buffer.concat([request(80877102, 16), Buffer.alloc(8)]), 'end')).toHaveLength(0);
    expect((await exchange(port, Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'end')).toString('latin1')).toContain('08P01');
  });

  it('keeps what was committed through SIGKILL, and its hypertables work afterwards', async () => {
    const client = await connected();
    await client.query('create table public.reading (at timestamptz not null, value int)');
    await client.query(`select create_hypertable('public.reading', 'at')`);
    await client.query(`insert into public.reading values ('2026-11-24T10:00:00Z', 1)`);
    await client.query("insert into public.thing values (200, 'committed')");
    await client.query('begin');
    await client.query("insert into public.thing values (201, 'open')");
    await database.kill();
    await database.restart();
    await using other = await connected();
    const { rows } = await other.query('select id from public.thing where id >= 200');
    expect(rows).toEqual([{ id: 200 }]);
    await other.query(`insert into public.reading values ('2026-11-24T10:00:01Z', 2), ('2026-11-26T10:00:00Z', 3)`);
    const chunks = await other.query(`select show_chunks('public.reading')`);
    expect(chunks.rowCount).toBe(2);
  });
});

/** Sends bytes and resolves with the first answer, or with all of it once the server hangs up. */
function exchange(port: number, bytes: Buffer, until: 'first' | 'end'): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      received.push(chunk);
      if (until === 'first') socket.destroy();
    });
    socket.on('close', () => resolve(Buffer.concat(received)));
  });
}
