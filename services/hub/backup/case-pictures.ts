import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type pg from 'pg';
import { keptPictureFile } from '../domains/case/kept-picture.ts';
import { BackupError } from './backup-error.ts';
import { damaged } from './backup-format.ts';

/** Where pictures of cases lie, and whether a backup is made although some are gone. */
export interface PictureFolder {
  readonly mediaDir: string;
  readonly allowMissing: boolean;
}

/**
 * Keeps the pictures where they are until the transaction ends: who deletes them takes the table in exclusive mode. Has
 * to come before anything is read, for what is read afterwards is then as of a moment at which all of them were there.
 *
 * @param client in a transaction of repeatable reads that has read nothing yet
 */
export async function holdPictures(client: pg.ClientBase): Promise<void> {
  await client.query('lock table dipper.case_attachment in row share mode');
}

/** Whether the database knows pictures of cases; one whose migrations stopped before does not. */
export async function hasPictures(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ known: boolean }>(
    `select to_regclass('dipper.case_attachment') is not null as known`,
  );
  return rows[0]?.known === true;
}

/**
 * Every picture that the database names, held to the checksum that stands there.
 * @throws BackupError BACKUP_PICTURES_MISSING unless that is allowed
 */
export async function* readPictures(
  client: pg.ClientBase,
  { mediaDir, allowMissing }: PictureFolder,
): AsyncGenerator<{ readonly id: string; readonly content: Buffer }> {
  const { rows } = await client.query<{ id: string; sha256: Buffer }>(
    'select id, sha256 from dipper.case_attachment order by id',
  );
  const missing: string[] = [];
  for (const { id, sha256 } of rows) {
    const content = await readIfWhole(keptPictureFile(mediaDir, id), sha256);
    if (content !== undefined) yield { id, content };
    else if (!allowMissing) missing.push(id);
  }
  if (missing.length === 0) return;
  throw new BackupError(
    'BACKUP_PICTURES_MISSING',
    `${missing.length} of ${rows.length} pictures of cases are not in ${mediaDir}, or are damaged; the first is ${missing[0]}. ` +
      'HUB_MEDIA_DIR has to name the folder of the hub. With --allow-missing-pictures the backup is made without them.',
  );
}

async function readIfWhole(file: string, sha256: Buffer): Promise<Buffer | undefined> {
  try {
    const content = await readFile(file);
    return hashOf(content).equals(sha256) ? content : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Puts the pictures of a backup into a folder; what it has put there goes again when the restore fails. */
export interface PictureWriter {
  /** @throws BackupError BACKUP_DAMAGED when the restored database does not know it as it is */
  write(id: string, content: Buffer): Promise<void>;
  undo(): Promise<void>;
  /** How many pictures the restored database names that were not written. */
  countMissing(): Promise<number>;
}

/** @param client in the transaction of the restore, with the rows of the pictures in place */
export function createPictureWriter(client: pg.ClientBase, mediaDir: string): PictureWriter {
  const written: string[] = [];
  return {
    async write(id, content) {
      const { rows } = await client.query<{ sha256: Buffer }>(
        'select sha256 from dipper.case_attachment where id::text = $1',
        [id],
      );
      const sha256 = rows[0]?.sha256;
      if (sha256 === undefined || !hashOf(content).equals(sha256)) throw damaged();
      const file = keptPictureFile(mediaDir, id);
      if ((await readIfWhole(file, sha256)) === undefined) {
        await writeWhole(file, content);
        written.push(file);
      }
    },
    async undo() {
      for (const file of written) await rm(file, { force: true });
    },
    async countMissing() {
      if (!(await hasPictures(client))) return 0;
      const { rows } = await client.query<{ id: string; sha256: Buffer }>(
        'select id, sha256 from dipper.case_attachment',
      );
      let missing = 0;
      for (const { id, sha256 } of rows) {
        if ((await readIfWhole(keptPictureFile(mediaDir, id), sha256)) === undefined) missing += 1;
      }
      return missing;
    },
  };
}

/** On disk under another name first: a picture is there whole or not at all. */
async function writeWhole(file: string, content: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.unfinished-${process.pid}`;
  try {
    const handle = await open(unfinished, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}

function hashOf(content: Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}
