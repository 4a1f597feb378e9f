import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { link, open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type pg from 'pg';
import { BackupError } from './backup-error.ts';
import {
  BACKUP_FORMAT,
  type BackupHeader,
  type FilesEnd,
  type FilesStart,
  type Manifest,
  PICTURES,
  type Sequences,
  type TableEnd,
} from './backup-format.ts';
import { hasPictures, holdPictures, type PictureFolder, readPictures } from './case-pictures.ts';
import { listSequences, listTables, type TableColumns, TEXT_SETTINGS } from './catalog.ts';

/** Rows asked for at once: as many as make about this much. */
const BATCH_BYTES = 1024 * 1024;
const FIRST_BATCH_ROWS = 16;
const MAX_BATCH_ROWS = 2_000;

export interface BackupSummary {
  readonly tables: number;
  readonly rows: number;
  readonly pictures: number;
  readonly sha256: string;
}

/**
 * Writes everything the hub keeps in its database, and the pictures of cases that it names, as of one moment, while hubs go
 * on working. The file appears under
 * its name only when it is whole; it is readable by its owner alone, for it holds what the database holds.
 *
 * @param client connected, and in no transaction
 * @throws BackupError DATABASE_EMPTY, BACKUP_FILE_EXISTS, BACKUP_PICTURES_MISSING
 */
export async function writeBackup(
  client: pg.ClientBase,
  file: string,
  folder: PictureFolder,
  onProgress: (message: string) => void,
  signal: AbortSignal,
): Promise<BackupSummary> {
  if (existsSync(file)) throw fileExists(file);
  const unfinished = `${file}.unfinished-${process.pid}`;
  const summary = { tables: 0, rows: 0, pictures: 0, sha256: '' };
  const withPictures = (await hasPictures(client)) ? folder : undefined;
  await client.query('begin isolation level repeatable read, read only');
  try {
    if (withPictures !== undefined) await holdPictures(client);
    await client.query(TEXT_SETTINGS);
    await pipeline(
      Readable.from(readDatabase(client, withPictures, summary, onProgress), { objectMode: false }),
      createGzip(),
      createWriteStream(unfinished, { mode: 0o600, flags: 'wx' }),
      { signal },
    );
    await publish(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
    await client.query('rollback').catch(() => undefined);
  }
  return summary;
}

/** On disk first, and never in the place of another file. */
async function publish(unfinished: string, file: string): Promise<void> {
  const handle = await open(unfinished, 'r');
  await handle.sync().finally(() => handle.close());
  try {
    await link(unfinished, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw fileExists(file);
    throw error;
  }
}

async function* readDatabase(
  client: pg.ClientBase,
  folder: PictureFolder | undefined,
  summary: { tables: number; rows: number; pictures: number; sha256: string },
  onProgress: (message: string) => void,
): AsyncGenerator<string> {
  const whole = createHash('sha256');
  const line = (
    value: BackupHeader | TableColumns | TableEnd | FilesStart | FilesEnd | Sequences | Manifest,
  ): string => {
    const text = `${JSON.stringify(value)}\n`;
    whole.update(text);
    return text;
  };
  const tables = await listTables(client);
  if (tables.length === 0) throw new BackupError('DATABASE_EMPTY', 'There is no hub in this database to back up.');
  yield line({
    dipper: 'backup',
    format: BACKUP_FORMAT,
    createdAt: new Date().toISOString(),
    migrations: await listMigrations(client),
  });
  for (const table of tables) {
    const hash = createHash('sha256');
    let rows = 0;
    yield line(table);
    for await (const batch of readRows(client, table)) {
      const text = batch.join('');
      hash.update(text);
      whole.update(text);
      rows += batch.length;
      onProgress(`${table.table}: ${rows} rows`);
      yield text;
    }
    yield line({ end: table.table, rows, sha256: hash.digest('hex') });
    summary.tables += 1;
    summary.rows += rows;
  }
  if (folder !== undefined) {
    const hash = createHash('sha256');
    yield line({ files: PICTURES });
    for await (const { id, content } of readPictures(client, folder)) {
      const text = `${JSON.stringify([id, content.toString('base64')])}\n`;
      hash.update(text);
      whole.update(text);
      summary.pictures += 1;
      onProgress(`pictures of cases: ${summary.pictures}`);
      yield text;
    }
    yield line({ end: PICTURES, rows: summary.pictures, sha256: hash.digest('hex') });
  }
  yield line({ sequences: await listSequences(client) });
  summary.sha256 = whole.copy().digest('hex');
  yield line({ manifest: { ...summary } });
}

async function listMigrations(client: pg.ClientBase): Promise<BackupHeader['migrations']> {
  const { rows } = await client.query<{ name: string; sha256: string }>(
    'select name, sha256 from dipper.migration order by name',
  );
  return rows;
}

/** Lines of rows, a batch at a time; how many make a batch follows from how wide they are. */
async function* readRows(client: pg.ClientBase, { table, columns }: TableColumns): AsyncGenerator<string[]> {
  const values = columns.map(({ name }) => `"${name}"::text`).join(', ');
  await client.query(`declare backup_rows no scroll cursor for select ${values} from ${table}`);
  for (let size = FIRST_BATCH_ROWS; ; ) {
    const { rows } = await client.query<(string | null)[]>({
      text: `fetch ${size} from backup_rows`,
      rowMode: 'array',
    });
    if (rows.length === 0) break;
    const lines = rows.map((row) => `${JSON.stringify(row)}\n`);
    yield lines;
    const bytes = lines.reduce((sum, text) => sum + text.length, 0);
    size = Math.min(Math.max(Math.floor((size * BATCH_BYTES) / bytes), 1), size * 4, MAX_BATCH_ROWS);
  }
  await client.query('close backup_rows');
}

function fileExists(file: string): BackupError {
  return new BackupError('BACKUP_FILE_EXISTS', `${file} is there already. Name another file.`);
}
