import type pg from 'pg';
import { applyMigration, type Migration, prepareSchema } from '../database/migrate.ts';
import { BackupError } from './backup-error.ts';
import type { BackupHeader, BackupRow, TableStart } from './backup-format.ts';
import { createPictureWriter, type PictureWriter } from './case-pictures.ts';
import { listForeignKeys, listTriggers, TEXT_SETTINGS } from './catalog.ts';
import { readBackup } from './read-backup.ts';
import { endRestoredAccess } from './restored-access.ts';
import { endRestoredConsents, type RestoredConsents } from './restored-consents.ts';

export interface RestoreSummary {
  readonly tables: number;
  readonly rows: number;
  readonly pictures: number;
  /** Named by the database, and neither in the backup nor in the folder. */
  readonly missingPictures: number;
  readonly consents: RestoredConsents;
}

/** Rows written in one statement: at most so many, and about this much. */
const BATCH_ROWS = 1_000;
const BATCH_BYTES = 1024 * 1024;
/**
 * Numbers of changes go on behind all that the old hub can have given out since the backup, so that a place in its list
 * is never taken for one in the new list: whoever comes with it is told to start anew (CURSOR_INVALID).
 */
const CHANGES_SKIPPED = 1_000_000_000n;
const CHANGE_SEQUENCE = 'dipper.change_id_seq';

/**
 * Restores a backup into a database without a hub, in one transaction, and its pictures into a folder: it is there whole or
 * not at all. Migrations of
 * this version that the backup does not have are left to the next start of the hub.
 *
 * @param client connected, and in no transaction
 * @param migrations those of this version of the hub
 * @param withdrawals consents that were taken back until now, by their ids; undefined where nobody knows
 * @throws BackupError BACKUP_FILE_MISSING, BACKUP_DAMAGED, BACKUP_TOO_NEW, DATABASE_NOT_EMPTY
 */
export async function restoreBackup(
  client: pg.ClientBase,
  file: string,
  migrations: readonly Migration[],
  mediaDir: string,
  onProgress: (message: string) => void,
  withdrawals?: ReadonlyMap<string, Date>,
): Promise<RestoreSummary> {
  onProgress('checking the backup');
  let plan: readonly Migration[] = [];
  const manifest = await readBackup(file, {
    header(header) {
      plan = planMigrations(header, migrations);
    },
  });
  const pictures = createPictureWriter(client, mediaDir);
  let missingPictures: number;
  let consents: RestoredConsents;
  await client.query('begin');
  try {
    await client.query(TEXT_SETTINGS);
    await refuseUsedDatabase(client);
    await prepareSchema(client);
    for (const migration of plan) {
      onProgress(`migration ${migration.name}`);
      await applyMigration(client, migration);
    }
    const foreignKeys = await listForeignKeys(client);
    for (const { table, name } of foreignKeys) await client.query(`alter table ${table} drop constraint "${name}"`);
    const triggers = await listTriggers(client);
    for (const { table, name } of triggers) await client.query(`alter table ${table} disable trigger "${name}"`);
    await load(client, file, manifest.rows, pictures, onProgress);
    missingPictures = await pictures.countMissing();
    await endRestoredAccess(client);
    consents = await endRestoredConsents(client, withdrawals);
    for (const { table, name } of triggers) await client.query(`alter table ${table} enable trigger "${name}"`);
    onProgress('checking references');
    for (const { table, name, definition } of foreignKeys) {
      await client.query(`alter table ${table} add constraint "${name}" ${definition}`);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    await pictures.undo();
    throw error;
  }
  const { tables, rows, pictures: restoredPictures = 0 } = manifest;
  return { tables, rows, pictures: restoredPictures, missingPictures, consents };
}

/** The migrations that make the schema of the backup. */
function planMigrations(header: BackupHeader, migrations: readonly Migration[]): Migration[] {
  return header.migrations.map(({ name, sha256 }) => {
    const known = migrations.find((migration) => migration.name === name);
    if (known?.sha256 === sha256) return known;
    const what =
      known === undefined
        ? `${name}, which this version of the hub does not know`
        : `another ${name} than this version`;
    throw new BackupError(
      'BACKUP_TOO_NEW',
      `The backup has ${what}. Use the version of the hub that made it, or a later one.`,
    );
  });
}

async function refuseUsedDatabase(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ used: boolean }>(
    `select exists (select from pg_class where relnamespace = to_regnamespace('dipper') and relkind = 'r') as used`,
  );
  if (rows[0]?.used !== true) return;
  throw new BackupError(
    'DATABASE_NOT_EMPTY',
    'There is a hub in this database already, and a restore overwrites nothing. Name an empty database.',
  );
}

async function load(
  client: pg.ClientBase,
  file: string,
  totalRows: number,
  pictures: PictureWriter,
  onProgress: (message: string) => void,
): Promise<void> {
  let table: TableStart | undefined;
  let batch: BackupRow[] = [];
  let batchBytes = 0;
  let loaded = 0;
  const flush = async (): Promise<void> => {
    if (table === undefined || batch.length === 0) return;
    await insertRows(client, table, batch);
    loaded += batch.length;
    onProgress(`${table.table}: ${loaded} of ${totalRows} rows`);
    [batch, batchBytes] = [[], 0];
  };
  await readBackup(file, {
    async table(start) {
      table = start;
      // What a migration has put into it is in the backup, as it has become since.
      await client.query(`delete from ${start.table}`);
    },
    async row(row, bytes) {
      batch.push(row);
      batchBytes += bytes;
      if (batch.length >= BATCH_ROWS || batchBytes >= BATCH_BYTES) await flush();
    },
    tableEnd: flush,
    picture: (id, content) => pictures.write(id, content),
    async sequences(sequences) {
      const lasts = new Map(sequences.map(({ name, last }) => [name, BigInt(last)]));
      lasts.set(CHANGE_SEQUENCE, (lasts.get(CHANGE_SEQUENCE) ?? 0n) + CHANGES_SKIPPED);
      for (const [name, last] of lasts) {
        await client.query('select setval($1::regclass, $2::bigint)', [name, String(last)]);
      }
    },
  });
}

async function insertRows(
  client: pg.ClientBase,
  { table, columns }: TableStart,
  rows: readonly BackupRow[],
): Promise<void> {
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const values = columns.map(({ type }, index) => `v${index}::${type}`).join(', ');
  const arrays = columns.map((_, index) => `$${index + 1}::text[]`).join(', ');
  const aliases = columns.map((_, index) => `v${index}`).join(', ');
  await client.query(
    `insert into ${table} (${names}) overriding system value
     select ${values} from unnest(${arrays}) as given (${aliases})`,
    columns.map((_, index) => rows.map((row) => row[index])),
  );
}
