import { type Static, Type } from 'typebox';
import { Slug } from '../identifiers.ts';
import { ImportFile, ImportProblem } from './import.ts';
import { nullable } from './nullable.ts';

const strict = { additionalProperties: false };

/** Of one file; a larger estate comes building by building. */
export const MAX_HOLDER_IMPORT_ROWS = 5_000;

/**
 * The columns of a file of residents, as a template names them: Chinese first, the English name is as good. Cards, plates and
 * access points of one line are separated by semicolons.
 */
export const HOLDER_IMPORT_COLUMNS = [
  { name: 'name', chinese: '姓名' },
  { name: 'unit', chinese: '房号' },
  { name: 'cards', chinese: '卡号' },
  { name: 'plates', chinese: '车牌' },
  { name: 'access_points', chinese: '出入口' },
  { name: 'schedule', chinese: '时段' },
  { name: 'until', chinese: '有效期至' },
] as const;
export type HolderImportColumn = (typeof HOLDER_IMPORT_COLUMNS)[number]['name'];

/** Body of `POST /api/v1/holder-imports`. */
export const HolderImportRequest = Type.Object(
  {
    estate: Slug,
    file: Type.Object(ImportFile.properties, {
      ...strict,
      examples: [{ name: '住户.csv', contentBase64: '5aeT5ZCNLOaIv+WPtwrnjovoirMsMy0yLTUwMQo=' }],
    }),
    /** Says what would happen and changes nothing. */
    dryRun: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type HolderImportRequest = Static<typeof HolderImportRequest>;

const Count = Type.Integer({ minimum: 0 });

/** What a line brings, or would bring. */
export const HolderImportChange = Type.Object(
  {
    line: Type.Integer({ minimum: 1 }),
    name: Type.String(),
    unit: nullable(Type.String()),
    /** Whether the resident is new. */
    isNew: Type.Boolean(),
    cards: Count,
    plates: Count,
    permits: Count,
  },
  strict,
);
export type HolderImportChange = Static<typeof HolderImportChange>;

/** Answer of `POST /api/v1/holder-imports`. */
export const HolderImportReport = Type.Object(
  {
    /** `refused`: there are errors, and nothing was changed. `nothing`: everything is there already. */
    outcome: Type.Enum(['imported', 'nothing', 'dry-run', 'refused']),
    encoding: Type.Enum(['utf-8', 'utf-16le', 'gb18030']),
    rows: Count,
    /** In the order of the lines; the first thousand. */
    problems: Type.Array(ImportProblem),
    /** Residents that were there before and get nothing new are `unchanged`. */
    counts: Type.Object({ residents: Count, unchanged: Count, cards: Count, vehicles: Count, permits: Count }, strict),
    /** The first thousand. */
    changes: Type.Array(HolderImportChange),
  },
  strict,
);
export type HolderImportReport = Static<typeof HolderImportReport>;
