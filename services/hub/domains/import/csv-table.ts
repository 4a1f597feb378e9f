/** A line of a table. */
export interface CsvRecord {
  /** Line of the file on which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvTable {
  readonly records: readonly CsvRecord[];
  /** Line of a quotation mark that is never closed. */
  readonly unclosedAt: number | undefined;
}

const SEPARATORS = [',', ';', '\t', '，', '；'] as const;

/**
 * Reads CSV (RFC 4180) with the separator that it uses: Excel writes commas, semicolons or tabs, depending on the
 * country it is set to, and a first line `sep=;` where it was told to. Empty lines are left out.
 */
export function readCsv(text: string): CsvTable {
  const declared = /^sep=(.)\r?\n/.exec(text);
  const body = declared === null ? text : text.slice(declared[0].length);
  const separator = declared?.[1] ?? separatorOf(body);
  const records: CsvRecord[] = [];
  let line = declared === null ? 1 : 2;
  let begun = line;
  let cells: string[] = [];
  let cell = '';
  let quotedSince: number | undefined;
  const endRecord = (): void => {
    cells.push(cell.trim());
    if (cells.some((each) => each !== '')) records.push({ line: begun, cells });
    cells = [];
    cell = '';
  };
  for (let index = 0; index < body.length; index += 1) {
    const character = body[index] as string;
    if (character === '\n') line += 1;
    if (quotedSince !== undefined) {
      if (character !== '"') cell += character;
      else if (body[index + 1] === '"') {
        cell += '"';
        index += 1;
      } else quotedSince = undefined;
    } else if (character === '"' && cell.trim() === '') {
      cell = '';
      quotedSince = line;
    } else if (character === separator) {
      cells.push(cell.trim());
      cell = '';
    } else if (character === '\n') {
      endRecord();
      begun = line;
    } else if (character !== '\r') cell += character;
  }
  endRecord();
  return { records, unclosedAt: quotedSince };
}

/** Whichever the first line, the names of the columns, has most of. */
function separatorOf(text: string): string {
  const [head = ''] = text.trimStart().split('\n', 1);
  const count = (separator: string): number => head.split(separator).length;
  return SEPARATORS.reduce((best, each) => (count(each) > count(best) ? each : best));
}
