import type { AccountScope } from '@dipper/contract/api/account';
import type { LocalText } from '@dipper/contract/api/alarm';
import type { ImportKind, ImportProblem } from '@dipper/contract/api/import';
import { nearestName } from '@dipper/contract/nearest-name';
import { nameKeyOf } from '../account/account.repository.ts';
import { type Boundary, gridAt } from '../place/grid-boundary.ts';
import { problemAt } from './draft-row.ts';
import { KINDS } from './import-kinds.ts';
import type { Inventory, ReadRow, Values } from './inventory.ts';

const MAX_NAMES_SHOWN = 12;
/** Looking for the nearest name takes time, and a table in which everything is wrong needs no more of them. */
const MAX_HINTS = 100;

interface Hints {
  left: number;
}

/** How everything will be once the rows are in. */
export type Outlook = Readonly<Record<ImportKind, ReadonlyMap<string, Values>>>;

export function outlookOf(known: Inventory, rows: readonly ReadRow[]): Outlook {
  const outlook = Object.fromEntries(
    (Object.keys(known) as ImportKind[]).map((kind) => [
      kind,
      new Map([...known[kind]].map(([key, { values }]) => [key, values])),
    ]),
  ) as Record<ImportKind, Map<string, Values>>;
  for (const { kind, key, said } of rows) outlook[kind].set(key, { ...outlook[kind].get(key), ...said });
  return outlook;
}

/**
 * Fills in what follows from other rows: places with coordinates get the grid that these lie in, where nobody has named
 * one; people are named as their accounts spell it.
 */
export function settleRows(rows: readonly ReadRow[], outlook: Outlook): ReadRow[] {
  const grids = boundariesOf(outlook);
  const spelled = (name: unknown): unknown => outlook.staff.get(nameKeyOf(String(name)))?.['name'] ?? name;
  return rows.map((row) => {
    const { kind, key, said, known } = row;
    if (kind === 'roster') return { ...row, said: { ...said, account: spelled(said['account']) } };
    if (kind === 'staff' && known !== undefined) return { ...row, said: { ...said, name: known.values['name'] } };
    const place = kind === 'place' ? outlook.place.get(key) : undefined;
    const point = place === undefined ? undefined : pointOf(place);
    if (place === undefined || place['grid'] != null || point === undefined) return row;
    return { ...row, said: { ...said, grid: gridAt(grids, point) } };
  });
}

/** Everything that is wrong between rows: references that lead nowhere, things that contradict each other. */
export function checkRows(rows: readonly ReadRow[], outlook: Outlook): ImportProblem[] {
  const grids = boundariesOf(outlook);
  const seen = new Set<string>();
  const hints: Hints = { left: MAX_HINTS };
  return rows.flatMap((row) => {
    const isFirst = !seen.has(`${row.kind} ${row.key}`);
    seen.add(`${row.kind} ${row.key}`);
    const amiss = [...(isFirst ? checkNeeded(row, outlook) : []), ...checkReferences(row, outlook, hints)];
    if (amiss.length > 0 || !isFirst) return amiss;
    const values = outlook[row.kind].get(row.key) ?? {};
    if (row.kind === 'place') return checkPlace(row, values, outlook, grids);
    if (row.kind === 'device') return checkDevice(row, values, outlook);
    if (row.kind === 'roster') return checkDuty(row, values);
    return row.kind === 'staff' ? checkStaff(row, values, outlook, hints) : [];
  });
}

/** Whatever file says it: a map may have the boundary of a grid, and a table its name. */
function checkNeeded(row: ReadRow, outlook: Outlook): ImportProblem[] {
  const values = outlook[row.kind].get(row.key) ?? {};
  return KINDS[row.kind].fields
    .filter(({ name, isRequired }) => isRequired !== undefined && values[name] == null)
    .map(({ name }) => problemAt({ ...row, column: row.columnOf(name) }, { zh: '必填', en: 'is needed' }));
}

function checkReferences(row: ReadRow, outlook: Outlook, hints: Hints): ImportProblem[] {
  return KINDS[row.kind].fields.flatMap(({ name, refersTo }) => {
    const id = row.said[name];
    if (refersTo === undefined || typeof id !== 'string') return [];
    return unknownOf(row, name, refersTo, id, outlook, hints);
  });
}

function unknownOf(
  row: ReadRow,
  column: string,
  kind: ImportKind,
  id: string,
  outlook: Outlook,
  hints: Hints,
): ImportProblem[] {
  const key = kind === 'staff' ? nameKeyOf(id) : id;
  if (outlook[kind].has(key)) return [];
  const known = [...outlook[kind].keys()];
  hints.left -= 1;
  const nearest = hints.left >= 0 ? nearestName(key, known) : undefined;
  const some = known.slice(0, MAX_NAMES_SHOWN).join(', ');
  const { chinese } = KINDS[kind];
  const hint: LocalText =
    nearest === undefined
      ? {
          zh: known.length === 0 ? `尚无${chinese}` : `已有：${some}`,
          en: known.length === 0 ? `there is no ${kind} yet` : `known: ${some}`,
        }
      : { zh: `是否为“${nearest}”？`, en: `did you mean '${nearest}'?` };
  const text = { zh: `没有${chinese}“${id}”；${hint.zh}`, en: `there is no ${kind} '${id}'; ${hint.en}` };
  return [problemAt({ ...row, column: row.columnOf(column) }, text)];
}

type Grids = readonly { readonly id: string; readonly boundary: Boundary | null }[];

function boundariesOf(outlook: Outlook): Grids {
  return [...outlook.grid].map(([id, grid]) => ({ id, boundary: (grid['boundary'] ?? null) as Boundary | null }));
}

function pointOf(place: Values): readonly [number, number] | undefined {
  const { longitude_deg: longitude, latitude_deg: latitude } = place;
  return typeof longitude === 'number' && typeof latitude === 'number' ? [longitude, latitude] : undefined;
}

function checkPlace(row: ReadRow, place: Values, outlook: Outlook, grids: Grids): ImportProblem[] {
  const problems: ImportProblem[] = [];
  if (((place['latitude_deg'] ?? null) === null) !== ((place['longitude_deg'] ?? null) === null)) {
    problems.push(problemAt(row, { zh: '经度和纬度须同时填写', en: 'needs both a latitude and a longitude' }));
  }
  const estate = outlook.estate.get(String(place['estate']));
  const grid = typeof place['grid'] === 'string' ? outlook.grid.get(place['grid']) : undefined;
  if (grid !== undefined && estate !== undefined && grid['community'] !== estate['community']) {
    problems.push(
      problemAt(
        { ...row, column: row.columnOf('grid') },
        {
          zh: `网格“${place['grid']}”属于社区“${grid['community']}”，小区却在“${estate['community']}”`,
          en: `grid '${place['grid']}' is in community '${grid['community']}', its estate in '${estate['community']}'`,
        },
      ),
    );
  }
  const point = pointOf(place);
  const mapped = point === undefined ? null : gridAt(grids, point);
  if (mapped !== null && typeof place['grid'] === 'string' && mapped !== place['grid']) {
    problems.push(
      problemAt(
        { ...row, column: row.columnOf('grid') },
        {
          zh: `坐标落在网格“${mapped}”，与所填“${place['grid']}”不同；以所填为准`,
          en: `its coordinates lie in grid '${mapped}', not in '${place['grid']}'; what is written counts`,
        },
        'warning',
      ),
    );
  }
  return problems;
}

/** A device stands in the estate of its agent. */
function checkDevice(row: ReadRow, device: Values, outlook: Outlook): ImportProblem[] {
  const agent = outlook.agent.get(String(device['agent']));
  const place = outlook.place.get(String(device['place']));
  if (agent === undefined || place === undefined || agent['estate'] === place['estate']) return [];
  return [
    problemAt(
      { ...row, column: row.columnOf('place') },
      {
        zh: `场所“${device['place']}”在小区“${place['estate']}”，边缘节点却在“${agent['estate']}”`,
        en: `place '${device['place']}' lies in estate '${place['estate']}', its agent in '${agent['estate']}'`,
      },
    ),
  ];
}

function checkDuty(row: ReadRow, duty: Values): ImportProblem[] {
  const found: LocalText[] = [];
  if ((duty['weekdays'] === null) === (duty['on_date'] === null)) {
    found.push({ zh: '须填写星期或日期，二者之一', en: 'needs either days of the week or a date' });
  }
  if (duty['off'] === true && duty['on_date'] === null) {
    found.push({ zh: '休息须写明日期', en: 'being off needs a date' });
  }
  if (duty['off'] === (duty['span'] !== null)) {
    found.push({ zh: '值班须填时段，休息则不填', en: 'being on duty needs hours, being off has none' });
  }
  const [from, until] = [duty['from_date'], duty['until_date']];
  if (typeof from === 'string' && typeof until === 'string' && from > until) {
    found.push({ zh: '起始日期晚于截止日期', en: 'ends before it begins' });
  }
  return found.map((text) => problemAt(row, text));
}

function checkStaff(row: ReadRow, staff: Values, outlook: Outlook, hints: Hints): ImportProblem[] {
  const scope = (staff['scope'] ?? []) as AccountScope;
  const unknown = scope.flatMap(({ level, id }) => unknownOf(row, 'scope', level, id, outlook, hints));
  if (staff['disabled'] !== true) return unknown;
  const text = { zh: '账号已停用，导入不会启用它', en: 'the account is disabled, and importing does not enable it' };
  return [...unknown, problemAt(row, text, 'warning')];
}
