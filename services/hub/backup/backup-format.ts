import { createValidator } from '@dipper/contract/validation';
import { type Static, type TSchema, Type } from 'typebox';
import { BackupError } from './backup-error.ts';

/**
 * A backup is one gzip file of lines of JSON:
 *
 *   {"dipper":"backup","format":1,…}                 first: what it is, and the migrations of the database
 *   {"table":"dipper.alarm","columns":[…]}           then each table,
 *   ["8f14…","camera-covered",null,…]                its rows, every value as PostgreSQL writes it as text,
 *   {"end":"dipper.alarm","rows":1,"sha256":"…"}     and its manifest: SHA-256 over the lines of its rows, \n included
 *   {"files":"case-pictures"}                        the pictures of cases,
 *   ["3f0a…","/9j/4AAQ…"]                            each with its id and its bytes in Base64,
 *   {"end":"case-pictures","rows":1,"sha256":"…"}    and their manifest, as that of a table
 *   {"sequences":[…]}                                how far numbers have been given out
 *   {"manifest":{…}}                                 last: SHA-256 over every line before, \n included
 *
 * Format 1 has no pictures.
 */
export const BACKUP_FORMAT = 2;

const strict = { additionalProperties: false };
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
/** Names go into statements: nothing but what our migrations use. */
const TableName = Type.String({ pattern: '^dipper\\.[a-z0-9_]{1,63}$' });
const ColumnName = Type.String({ pattern: '^[a-z0-9_]{1,63}$' });
const TypeName = Type.String({ pattern: '^[a-z0-9_ (),."\\[\\]]{1,128}$' });

export const BackupHeader = Type.Object(
  {
    dipper: Type.Literal('backup'),
    format: Type.Integer({ minimum: 1 }),
    createdAt: Type.String(),
    migrations: Type.Array(Type.Object({ name: Type.String(), sha256: Sha256 }, strict)),
  },
  strict,
);
export type BackupHeader = Static<typeof BackupHeader>;

export const TableStart = Type.Object(
  { table: TableName, columns: Type.Array(Type.Object({ name: ColumnName, type: TypeName }, strict), { minItems: 1 }) },
  strict,
);
export type TableStart = Static<typeof TableStart>;

export const PICTURES = 'case-pictures';
export const FilesStart = Type.Object({ files: Type.Literal(PICTURES) }, strict);
export type FilesStart = Static<typeof FilesStart>;
export const FilesEnd = Type.Object(
  { end: Type.Literal(PICTURES), rows: Type.Integer({ minimum: 0 }), sha256: Sha256 },
  strict,
);
export type FilesEnd = Static<typeof FilesEnd>;

export const TableEnd = Type.Object({ end: TableName, rows: Type.Integer({ minimum: 0 }), sha256: Sha256 }, strict);
export type TableEnd = Static<typeof TableEnd>;

export const Sequences = Type.Object(
  { sequences: Type.Array(Type.Object({ name: TableName, last: Type.String({ pattern: '^\\d{1,19}$' }) }, strict)) },
  strict,
);
export type Sequences = Static<typeof Sequences>;

export const Manifest = Type.Object(
  {
    manifest: Type.Object(
      {
        tables: Type.Integer({ minimum: 0 }),
        rows: Type.Integer({ minimum: 0 }),
        pictures: Type.Optional(Type.Integer({ minimum: 0 })),
        sha256: Sha256,
      },
      strict,
    ),
  },
  strict,
);
export type Manifest = Static<typeof Manifest>;

const Row = Type.Array(Type.Union([Type.String(), Type.Null()]));
export type BackupRow = Static<typeof Row>;

const rowValidator = createValidator(Row);

/** Reads a line as what it has to be. @throws BackupError BACKUP_DAMAGED */
export function readLine<S extends TSchema>(line: string, schema: S): Static<S> {
  const value = parseLine(line);
  if (!createValidator(schema).is(value)) throw damaged();
  return value as Static<S>;
}

/** Reads the values of a row. @throws BackupError BACKUP_DAMAGED */
export function readRow(line: string, columns: number): BackupRow {
  const value = parseLine(line);
  if (!rowValidator.is(value) || value.length !== columns) throw damaged();
  return value;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw damaged(cause);
  }
}

export function damaged(cause?: unknown): BackupError {
  const message = 'The backup is damaged or incomplete: its content does not match its checksums. Use another one.';
  return new BackupError('BACKUP_DAMAGED', message, { cause });
}
