import {
  IMPORT_KINDS,
  type ImportChange,
  type ImportKind,
  type ImportProblem,
  type ImportReport,
} from '@dipper/contract/api/import';
import { problemAt } from './draft-row.ts';
import type { Outlook } from './import-check.ts';
import { KINDS } from './import-kinds.ts';
import { type Inventory, isSame, type ReadRow, type Values } from './inventory.ts';

/** One thing that will be different. */
export interface PlannedChange extends ImportChange {
  /** How it will be; undefined when it is taken away. */
  readonly values: Values | undefined;
}

export interface ImportPlan {
  /** In the order in which one needs the other; what is taken away comes last and backwards. */
  readonly changes: readonly PlannedChange[];
  readonly counts: ImportReport['counts'];
}

/**
 * What has to be done so that everything is as the rows say.
 * @param kinds those that the files tell of: what they do not name of these is taken away
 */
export function planImport(
  rows: readonly ReadRow[],
  known: Inventory,
  outlook: Outlook,
  kinds: readonly ImportKind[],
  isRemoving: boolean,
): ImportPlan {
  const changes: PlannedChange[] = [];
  const counts: ImportReport['counts'] = [];
  for (const kind of IMPORT_KINDS.filter((each) => kinds.includes(each))) {
    const keys = new Set(rows.filter((row) => row.kind === kind).map(({ key }) => key));
    const made = [...keys].flatMap((key): PlannedChange[] => {
      const values = outlook[kind].get(key) ?? {};
      const before = known[kind].get(key)?.values;
      if (before === undefined) return [{ kind, id: key, change: 'created', fields: [], values }];
      const fields = Object.keys(values).filter((name) => !isSame(values[name], before[name]));
      return fields.length === 0 ? [] : [{ kind, id: key, change: 'changed', fields, values }];
    });
    changes.push(...made);
    const created = made.filter(({ change }) => change === 'created').length;
    counts.push({
      kind,
      created,
      changed: made.length - created,
      unchanged: keys.size - made.length,
      removed: missingOf(kind, known, keys).length,
    });
  }
  if (!isRemoving) return { changes, counts };
  for (const kind of IMPORT_KINDS.filter((each) => kinds.includes(each)).reverse()) {
    const keys = new Set(rows.filter((row) => row.kind === kind).map(({ key }) => key));
    for (const id of missingOf(kind, known, keys)) {
      changes.push({ kind, id, change: 'removed', fields: [], values: undefined });
    }
  }
  return { changes, counts };
}

function missingOf(kind: ImportKind, known: Inventory, named: ReadonlySet<string>): string[] {
  return [...known[kind]].filter(([key, { isRemovable }]) => isRemovable && !named.has(key)).map(([key]) => key);
}

/** What cannot be taken away because something that stays needs it. */
export function checkRemovals(
  changes: readonly PlannedChange[],
  outlook: Outlook,
  inHistory: ReadonlySet<string>,
): ImportProblem[] {
  const gone = new Set(changes.filter(({ change }) => change === 'removed').map(({ kind, id }) => `${kind} ${id}`));
  const needed = new Map<string, string>();
  for (const kind of IMPORT_KINDS) {
    for (const { name, refersTo } of KINDS[kind].fields) {
      // Who is disabled may stand in a roster: nobody counts on them.
      if (refersTo === undefined || refersTo === 'staff') continue;
      for (const [key, values] of outlook[kind]) {
        const id = values[name];
        if (typeof id !== 'string' || gone.has(`${kind} ${key}`)) continue;
        needed.set(`${refersTo} ${id}`, `${kind} ${key}`);
      }
    }
  }
  return [...gone].flatMap((thing) => {
    const [kind = '', id = ''] = thing.split(' ');
    const { chinese } = KINDS[kind as ImportKind];
    const by = needed.get(thing);
    if (by !== undefined) {
      const text = {
        zh: `${chinese}“${id}”不能删除：仍用于 ${by}`,
        en: `${kind} '${id}' cannot be removed: ${by} needs it`,
      };
      return [problemAt({ file: '' }, text)];
    }
    if (!inHistory.has(thing)) return [];
    const text = {
      zh: `${chinese}“${id}”不能删除：已有告警或案件发生在此`,
      en: `${kind} '${id}' cannot be removed: alarms or cases happened there`,
    };
    return [problemAt({ file: '' }, text)];
  });
}
