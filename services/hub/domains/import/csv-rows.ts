import type { ImportKind, ImportProblem } from '@dipper/contract/api/import';
import { suggestName } from '@dipper/contract/nearest-name';
import { readCsv } from './csv-table.ts';
import { type DraftCell, type DraftFile, type DraftRow, problemAt } from './draft-row.ts';
import { columnNamesOf, fieldNamed, KINDS, type KindSpec } from './import-kinds.ts';

/** One line of a table whose columns are known, by the names of the fields; nothing of it has been checked. */
export interface CsvLine {
  readonly line: number;
  readonly cells: ReadonlyMap<string, DraftCell>;
}

/** Lines of a table whose first one names its columns, in Chinese or English. */
export function linesFromCsv(
  file: string,
  spec: Pick<KindSpec, 'fields'>,
  text: string,
): { readonly lines: readonly CsvLine[]; readonly problems: readonly ImportProblem[] } {
  const { records, unclosedAt } = readCsv(text);
  const [head, ...body] = records;
  if (unclosedAt !== undefined) {
    const unclosed = { zh: '引号没有闭合', en: 'a quotation mark is never closed' };
    return { lines: [], problems: [problemAt({ file, line: unclosedAt }, unclosed)] };
  }
  if (head === undefined) {
    const empty = { zh: '文件是空的', en: 'the file is empty' };
    return { lines: [], problems: [problemAt({ file }, empty)] };
  }
  const problems: ImportProblem[] = [];
  const seen = new Set<string>();
  const fields = head.cells.map((column) => {
    if (column === '') return undefined;
    const field = fieldNamed(spec, column);
    const at = { file, line: head.line, column };
    if (field === undefined) {
      const hint = suggestName(column, columnNamesOf(spec));
      problems.push(problemAt(at, { zh: `没有“${column}”这一列；${hint}`, en: `there is no such column; ${hint}` }));
    } else if (seen.has(field.name)) {
      problems.push(problemAt(at, { zh: '此列出现了两次', en: 'the column is there twice' }));
    } else seen.add(field.name);
    return field;
  });
  if (problems.length > 0) return { lines: [], problems };
  const lines = body.map((record): CsvLine => {
    if (record.cells.length > fields.length) {
      problems.push(
        problemAt(
          { file, line: record.line },
          {
            zh: `有 ${record.cells.length} 格，而表头只有 ${fields.length} 列；含分隔符的内容须加引号`,
            en: `has ${record.cells.length} cells for ${fields.length} columns: put quotation marks around what holds a separator`,
          },
        ),
      );
    }
    const cells = new Map<string, DraftCell>();
    for (const [index, field] of fields.entries()) {
      if (field === undefined) continue;
      cells.set(field.name, {
        value: record.cells[index] ?? '',
        column: head.cells[index] ?? field.name,
        line: record.line,
      });
    }
    return { line: record.line, cells };
  });
  return { lines, problems };
}

/** Rows of a table that tells of one kind. */
export function rowsFromCsv(file: string, kind: ImportKind, text: string): DraftFile {
  const { lines, problems } = linesFromCsv(file, KINDS[kind], text);
  return { kinds: [kind], rows: lines.map((line): DraftRow => ({ kind, file, ...line })), problems };
}
