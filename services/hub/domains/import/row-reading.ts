import { createHash } from 'node:crypto';
import type { ImportProblem } from '@dipper/contract/api/import';
import { nameKeyOf } from '../account/account.repository.ts';
import { type DraftRow, problemAt } from './draft-row.ts';
import { KINDS } from './import-kinds.ts';
import type { Inventory, ReadRow } from './inventory.ts';

const HALF_PATTERNS: Readonly<Record<string, unknown>> = {
  platform: null,
  weekdays: null,
  on_date: null,
  off: false,
  span: null,
  from_date: null,
  until_date: null,
};

/**
 * Reads the cells of rows, each by itself: no reference is followed yet. A row that cannot be read is left out.
 * @param problems what is wrong is put here
 */
export function readRows(drafts: readonly DraftRow[], known: Inventory, problems: ImportProblem[]): ReadRow[] {
  const seen = new Map<string, DraftRow>();
  return drafts.flatMap((draft) => {
    const row = readRow(draft, known, problems);
    if (row === undefined) return [];
    const first = seen.get(`${row.kind} ${row.key}`);
    if (first !== undefined) {
      // A grid may come from a table and its boundary from a map: what they say together counts.
      if (first.file !== draft.file && isDisjoint(first, draft)) return [row];
      problems.push(
        problemAt(draft, {
          zh: `与 ${first.file} 第 ${first.line} 行重复`,
          en: `says the same as ${first.file}, line ${first.line}`,
        }),
      );
      return [];
    }
    seen.set(`${row.kind} ${row.key}`, draft);
    return [row];
  });
}

/** Whether two rows say nothing about one thing but what it is. */
function isDisjoint(a: DraftRow, b: DraftRow): boolean {
  const { key } = KINDS[a.kind];
  return key !== undefined && [...a.cells.keys()].every((name) => name === key || !b.cells.has(name));
}

function readRow(draft: DraftRow, known: Inventory, problems: ImportProblem[]): ReadRow | undefined {
  const { fields, key: keyName } = KINDS[draft.kind];
  const said: Record<string, unknown> = {};
  const before = problems.length;
  for (const field of fields) {
    const cell = draft.cells.get(field.name);
    if (cell === undefined) continue;
    if (cell.value === '') {
      // An empty cell says that there is nothing.
      if (field.isRequired === undefined) said[field.name] = null;
      else {
        const at = { file: draft.file, line: cell.line, column: cell.column };
        problems.push(problemAt(at, { zh: '必填，不能为空', en: 'is needed and empty' }));
      }
      continue;
    }
    const reading = field.read(cell.value);
    if ('value' in reading) said[field.name] = reading.value;
    else problems.push(problemAt({ file: draft.file, line: cell.line, column: cell.column }, reading.wrong));
  }
  if (problems.length > before) return undefined;
  if (draft.kind === 'roster') finishDuty(said);
  const key = keyName === undefined ? dutyKeyOf(said) : keyOf(draft.kind, said[keyName]);
  const thing = key === undefined ? undefined : known[draft.kind].get(key);
  if (key === undefined) {
    const column = keyName ?? 'grid, account';
    problems.push(problemAt({ ...draft, column }, { zh: '必填', en: 'is needed' }));
    return undefined;
  }
  if (thing === undefined && said['name_zh'] !== undefined && said['name_en'] == null)
    said['name_en'] = said['name_zh'];
  if (said['name_en'] === null) delete said['name_en'];
  if (draft.kind === 'agent' || draft.kind === 'device') said['configured'] = true;
  // Whatever an import says is the import's from then on, also where the places file says the same.
  if (draft.kind !== 'staff' && draft.kind !== 'roster') said['source'] = 'import';
  const columnOf = (name: string): string => draft.cells.get(name)?.column ?? name;
  return { kind: draft.kind, key, file: draft.file, line: draft.line, columnOf, said, known: thing };
}

function keyOf(kind: DraftRow['kind'], value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return kind === 'staff' ? nameKeyOf(value) : value;
}

/** A line of the roster says everything or nothing: what it leaves out is not kept from before. */
function finishDuty(said: Record<string, unknown>): void {
  said['off'] = said['duty'] === 'off';
  delete said['duty'];
  for (const [name, nothing] of Object.entries(HALF_PATTERNS)) said[name] ??= nothing;
}

function dutyKeyOf(said: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof said['grid'] !== 'string' || typeof said['account'] !== 'string') return undefined;
  const parts = [said['grid'], nameKeyOf(said['account']), ...Object.keys(HALF_PATTERNS).map((name) => said[name])];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
