import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { BackupError } from './backup-error.ts';
import {
  BACKUP_FORMAT,
  BackupHeader,
  type BackupRow,
  damaged,
  FilesEnd,
  FilesStart,
  Manifest,
  readLine,
  readRow,
  Sequences,
  TableEnd,
  TableStart,
} from './backup-format.ts';

/** What a backup says, in its order. */
export interface BackupVisitor {
  header?(header: BackupHeader): Promise<void> | void;
  table?(table: TableStart): Promise<void> | void;
  row?(row: BackupRow, bytes: number): Promise<void> | void;
  tableEnd?(end: TableEnd): Promise<void> | void;
  picture?(id: string, content: Buffer): Promise<void> | void;
  sequences?(sequences: Sequences['sequences']): Promise<void> | void;
}

/**
 * Reads a backup from beginning to end and holds it to its checksums on the way.
 * @throws BackupError BACKUP_FILE_MISSING, BACKUP_DAMAGED, BACKUP_TOO_NEW for a format this version does not know
 */
export async function readBackup(file: string, visitor: BackupVisitor): Promise<Manifest['manifest']> {
  if (!existsSync(file)) throw new BackupError('BACKUP_FILE_MISSING', `There is no file ${file}.`);
  const whole = createHash('sha256');
  let table: { readonly start: TableStart; readonly hash: ReturnType<typeof createHash>; rows: number } | undefined;
  let stage: 'header' | 'tables' | 'manifest' | 'end' = 'header';
  let pictures: { readonly hash: ReturnType<typeof createHash>; rows: number } | undefined;
  const total = { tables: 0, rows: 0, pictures: 0 };
  let manifest: Manifest['manifest'] | undefined;

  for await (const line of linesOf(file)) {
    if (stage === 'header') {
      await visitor.header?.(readHeader(line));
      stage = 'tables';
    } else if (table !== undefined && line.startsWith('[')) {
      table.hash.update(line).update('\n');
      table.rows += 1;
      if (visitor.row !== undefined) await visitor.row(readRow(line, table.start.columns.length), line.length);
    } else if (table !== undefined) {
      const end = readLine(line, TableEnd);
      const isWhole =
        end.end === table.start.table && end.rows === table.rows && end.sha256 === table.hash.digest('hex');
      if (!isWhole) throw damaged();
      await visitor.tableEnd?.(end);
      total.tables += 1;
      total.rows += end.rows;
      table = undefined;
    } else if (stage === 'tables' && line.startsWith('{"table"')) {
      table = { start: readLine(line, TableStart), hash: createHash('sha256'), rows: 0 };
      await visitor.table?.(table.start);
    } else if (pictures !== undefined && line.startsWith('[')) {
      pictures.hash.update(line).update('\n');
      pictures.rows += 1;
      const [id, content] = readRow(line, 2);
      if (id == null || content == null) throw damaged();
      await visitor.picture?.(id, Buffer.from(content, 'base64'));
    } else if (pictures !== undefined) {
      const end = readLine(line, FilesEnd);
      if (end.rows !== pictures.rows || end.sha256 !== pictures.hash.digest('hex')) throw damaged();
      total.pictures += end.rows;
      pictures = undefined;
    } else if (stage === 'tables' && line.startsWith('{"files"')) {
      readLine(line, FilesStart);
      pictures = { hash: createHash('sha256'), rows: 0 };
    } else if (stage === 'tables') {
      await visitor.sequences?.(readLine(line, Sequences).sequences);
      stage = 'manifest';
    } else if (stage === 'manifest') {
      manifest = readLine(line, Manifest).manifest;
      const isWhole =
        manifest.sha256 === whole.digest('hex') &&
        manifest.tables === total.tables &&
        manifest.rows === total.rows &&
        (manifest.pictures ?? 0) === total.pictures;
      if (!isWhole) throw damaged();
      stage = 'end';
      continue;
    } else {
      throw damaged();
    }
    whole.update(line).update('\n');
  }
  if (manifest === undefined) throw damaged();
  return manifest;
}

function readHeader(line: string): BackupHeader {
  // The format comes first: what is in the rest of a newer one cannot be known.
  const { format } = (() => {
    try {
      return JSON.parse(line) as { format?: unknown };
    } catch (cause) {
      throw damaged(cause);
    }
  })();
  if (typeof format === 'number' && format > BACKUP_FORMAT) {
    throw new BackupError(
      'BACKUP_TOO_NEW',
      `The backup has format ${format}; this hub knows ${BACKUP_FORMAT}. Update it.`,
    );
  }
  return readLine(line, BackupHeader);
}

/** The lines of the unpacked file, without their ends. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const source = createReadStream(file);
  const unpacked = source.pipe(createGunzip());
  source.on('error', (error) => unpacked.destroy(error));
  let parts: Buffer[] = [];
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
        parts.push(chunk.subarray(from, end));
        yield Buffer.concat(parts).toString('utf8');
        parts = [];
        from = end + 1;
      }
      parts.push(chunk.subarray(from));
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw code.startsWith('Z_') || code === 'ERR_STREAM_PREMATURE_CLOSE' ? damaged(error) : error;
  } finally {
    source.destroy();
  }
  if (parts.some((part) => part.length > 0)) throw damaged();
}
