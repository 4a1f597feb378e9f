import type { ImportKind, ImportProblem } from '@dipper/contract/api/import';
import { suggestName } from '@dipper/contract/nearest-name';
import { readCsv } from './csv-table.ts';
import { type DraftCell, type DraftFile, type DraftRow, problemAt } from './draft-row.ts';
import { columnNamesOf, fieldNamed, KINDS } from './import-kinds.ts';

/** Rows of a table whose first line names its columns, in Chinese or English. */
export function rowsFromCsv(file: string, kind: ImportKind, text: string): DraftFile {
  const { records, unclosedAt } = readCsv(text);
  const [head, ...body] = records;
  const kinds = [kind];
  if (unclosedAt !== undefined) {
    const unclosed = { zh: '引号没有闭合', en: 'a quotation mark is never closed' };
    return { kinds, rows: [], problems: [problemAt({ file, line: unclosedAt }, unclosed)] };
  }
  if (head === undefined) {
    const empty = { zh: '文件是空的', en: 'the file is empty' };
    return { kinds, rows: [], problems: [problemAt({ file }, empty)] };
  }
  const problems: ImportProblem[] = [];
  const seen = new Set<string>();
  const fields = head.cells.map((column) => {
    if (column === '') return undefined;
    const field = fieldNamed(KINDS[kind], column);
    const at = { file, line: head.line, column };
    if (field === undefined) {
      const hint = suggestName(column, columnNamesOf(KINDS[kind]));
      problems.push(problemAt(at, { zh: `没有“${column}”这一列；${hint}`, en: `there is no such column; ${hint}` }));
    } else if (seen.has(field.name)) {
      problems.push(problemAt(at, { zh: '此列出现了两次', en: 'the column is there twice' }));
    } else seen.add(field.name);
    return field;
  });
  if (problems.length > 0) return { kinds, rows: [], problems };
  const rows = body.map((record): DraftRow => {
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
    return { kind, file, line: record.line, cells };
  });
  return { kinds, rows, problems };
}
