import { type Static, Type } from 'typebox';
import { LocalText } from './alarm.ts';
import { nullable } from './nullable.ts';

const strict = { additionalProperties: false };

/** What a file can tell of, in the order in which one needs the other. */
export const IMPORT_KINDS = [
  'subdistrict',
  'community',
  'grid',
  'estate',
  'agent',
  'place',
  'device',
  'staff',
  'roster',
] as const;
export const ImportKind = Type.Enum(IMPORT_KINDS);
export type ImportKind = Static<typeof ImportKind>;

export const MAX_IMPORT_FILES = 20;
/** Of one file as it is on disk. */
export const MAX_IMPORT_FILE_BYTES = 2 * 1024 * 1024;

/** A file as it is on disk: the hub finds out its encoding. */
export const ImportFile = Type.Object(
  {
    /** `places.csv`, `网格.csv`, `grids.geojson`, `town.yaml`: the name says what rows of a table are. */
    name: Type.String({ minLength: 1, maxLength: 200, examples: ['subdistricts.csv'] }),
    contentBase64: Type.String({
      pattern: '^[A-Za-z0-9+/]*={0,2}$',
      maxLength: Math.ceil(MAX_IMPORT_FILE_BYTES / 3) * 4,
      examples: ['aWQsbmFtZV96aCxuYW1lX2VuCmxhbnRpbmcs5r6c5LqtLExhbnRpbmcK'],
    }),
  },
  strict,
);
export type ImportFile = Static<typeof ImportFile>;

/** Body of `POST /api/v1/imports`. */
export const ImportRequest = Type.Object(
  {
    files: Type.Array(ImportFile, { minItems: 1, maxItems: MAX_IMPORT_FILES }),
    /** Says what would happen and changes nothing. */
    dryRun: Type.Optional(Type.Boolean()),
    /**
     * What happens to what an earlier import brought and these files, which tell of its kind, no longer name. `ask`, the
     * default, imports nothing until that is decided.
     */
    missing: Type.Optional(Type.Enum(['ask', 'keep', 'remove'])),
  },
  strict,
);
export type ImportRequest = Static<typeof ImportRequest>;

/** Something about a row that a person has to know. Only errors keep a file from being imported. */
export const ImportProblem = Type.Object(
  {
    severity: Type.Enum(['error', 'warning']),
    file: Type.String(),
    /** From 1; null where it concerns the whole file. */
    line: nullable(Type.Integer({ minimum: 1 })),
    /** Name of the column or key; null where it concerns the row. */
    column: nullable(Type.String()),
    text: LocalText,
  },
  strict,
);
export type ImportProblem = Static<typeof ImportProblem>;

export const ImportChange = Type.Object(
  {
    kind: ImportKind,
    id: Type.String(),
    change: Type.Enum(['created', 'changed', 'removed']),
    /** What is different, for `changed`. */
    fields: Type.Array(Type.String()),
  },
  strict,
);
export type ImportChange = Static<typeof ImportChange>;

/** Answer of `POST /api/v1/imports`. */
export const ImportReport = Type.Object(
  {
    /**
     * `refused`: there are errors. `undecided`: something would be removed and nobody has said whether it shall. Neither
     * changes anything. `nothing`: everything is as the files say already.
     */
    outcome: Type.Enum(['imported', 'nothing', 'dry-run', 'refused', 'undecided']),
    files: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          encoding: Type.Enum(['utf-8', 'utf-16le', 'gb18030']),
          kinds: Type.Array(ImportKind),
          rows: Type.Integer({ minimum: 0 }),
        },
        strict,
      ),
    ),
    /** In the order of the files; the first thousand. */
    problems: Type.Array(ImportProblem),
    counts: Type.Array(
      Type.Object(
        {
          kind: ImportKind,
          created: Type.Integer({ minimum: 0 }),
          changed: Type.Integer({ minimum: 0 }),
          unchanged: Type.Integer({ minimum: 0 }),
          removed: Type.Integer({ minimum: 0 }),
        },
        strict,
      ),
    ),
    /** The first thousand. */
    changes: Type.Array(ImportChange),
    /** Codes with which new staff set their passwords. In this answer and never again. */
    codes: Type.Array(Type.Object({ name: Type.String(), code: Type.String() }, strict)),
  },
  strict,
);
export type ImportReport = Static<typeof ImportReport>;
