import type { HolderImportColumn } from '@dipper/contract/api/holder-import';
import type { ImportProblem } from '@dipper/contract/api/import';
import { type CsvLine, linesFromCsv } from '../import/csv-rows.ts';
import { problemAt } from '../import/draft-row.ts';
import { HOLDER_FIELDS } from './holder-columns.ts';

/** One line about one resident, read; what it names has not been looked up. */
export interface HolderRow {
  readonly line: number;
  readonly name: string;
  readonly unit: string | null;
  readonly cards: readonly string[];
  readonly plates: readonly string[];
  /** Ids or names of access points. */
  readonly accessPoints: readonly string[];
  /** Name of a schedule. */
  readonly schedule: string | null;
  /** The last day, `YYYY-MM-DD`. */
  readonly until: string | null;
  /** As the file calls a column. */
  readonly columnOf: (field: HolderImportColumn) => string;
}

/** Says in both languages what is wrong with a cell, and what to do. */
export type Complain = (
  row: HolderRow,
  field: HolderImportColumn,
  zh: string,
  en: string,
  severity?: ImportProblem['severity'],
) => void;

/**
 * Reads a table of residents, each line by itself. A line that cannot be read is left out.
 * @param file its name, for the problems
 */
export function holderRowsFrom(
  file: string,
  text: string,
): { readonly rows: readonly HolderRow[]; readonly problems: readonly ImportProblem[]; readonly count: number } {
  const { lines, problems } = linesFromCsv(file, HOLDER_FIELDS, text);
  const found: ImportProblem[] = [...problems];
  if (lines[0] !== undefined && !lines[0].cells.has('name')) {
    found.push(problemAt({ file, line: 1 }, { zh: '缺少“姓名”一列', en: "the column 'name' is missing" }));
    return { rows: [], problems: found, count: lines.length };
  }
  const rows = lines.flatMap((line) => rowFrom(file, line, found) ?? []);
  return { rows, problems: found, count: lines.length };
}

function rowFrom(file: string, { line, cells }: CsvLine, problems: ImportProblem[]): HolderRow | undefined {
  const said = new Map<string, unknown>();
  const before = problems.length;
  for (const { name, read, isRequired } of HOLDER_FIELDS.fields) {
    const cell = cells.get(name);
    if (cell === undefined) continue;
    const at = { file, line, column: cell.column };
    if (cell.value === '') {
      if (isRequired === true) problems.push(problemAt(at, { zh: '必填，不能为空', en: 'is needed and empty' }));
      continue;
    }
    const reading = read(cell.value);
    if ('wrong' in reading) problems.push(problemAt(at, reading.wrong));
    else said.set(name, reading.value);
  }
  if (problems.length > before) return undefined;
  const text = (name: HolderImportColumn): string | null => (said.get(name) as string | undefined) ?? null;
  const list = (name: HolderImportColumn): readonly string[] => (said.get(name) as string[] | undefined) ?? [];
  const row: HolderRow = {
    line,
    name: text('name') ?? '',
    unit: text('unit'),
    ...{ cards: [...new Set(list('cards'))], plates: [...new Set(list('plates'))] },
    ...{ accessPoints: list('access_points'), schedule: text('schedule'), until: text('until') },
    columnOf: (field) => cells.get(field)?.column ?? field,
  };
  const idle = row.schedule !== null ? 'schedule' : row.until !== null ? 'until' : undefined;
  if (row.accessPoints.length > 0 || idle === undefined) return row;
  problems.push(
    problemAt(
      { file, line, column: row.columnOf(idle) },
      {
        zh: '没有填“出入口”，这一格不起作用；请填写出入口，或写“全部”',
        en: "says nothing without access points: name them, or write 'all'",
      },
    ),
  );
  return undefined;
}
