import type { HolderImportChange, HolderImportReport } from '@dipper/contract/api/holder-import';
import type { ImportProblem } from '@dipper/contract/api/import';
import { problemAt } from '../import/draft-row.ts';
import type { Complain, HolderRow } from './holder-rows.ts';
import { type FingerprintOf, type KnownHolders, type KnownPermit, keyOfValue } from './known-holders.ts';
import { permitWanted } from './permit-wanted.ts';
import { type Person, personOf } from './person-of.ts';

export interface PlannedHolder {
  readonly id: string;
  readonly kind: 'resident' | 'vehicle';
  readonly owner: string | null;
  readonly name: string;
  readonly unit: string | null;
}

export interface PlannedCredential {
  readonly holder: string;
  readonly factor: 'card' | 'plate';
  readonly value: string;
}

export type PlannedPermit = KnownPermit & { readonly holder: string };

/** What a file adds. An import takes nothing away: who has moved out is ended by hand. */
export interface HolderPlan {
  readonly holders: PlannedHolder[];
  readonly credentials: PlannedCredential[];
  readonly permits: PlannedPermit[];
  readonly changes: HolderImportChange[];
  readonly counts: HolderImportReport['counts'];
}

export interface PlanHoldersOptions {
  readonly file: string;
  readonly known: KnownHolders;
  readonly fingerprintOf: FingerprintOf;
  /** Of the estate. */
  readonly timeZone: string;
  readonly nowMs: number;
  readonly newId: () => string;
  /** What is wrong is put here. */
  readonly problems: ImportProblem[];
}

/**
 * Says what the lines of a file add to what is known: pure. People are known by name and unit; lines about the same one are read
 * together.
 */
export function planHolders(rows: readonly HolderRow[], options: PlanHoldersOptions): HolderPlan {
  const { file, known, fingerprintOf, newId, problems } = options;
  const plan: HolderPlan = {
    ...{ holders: [], credentials: [], permits: [], changes: [] },
    counts: { residents: 0, unchanged: 0, cards: 0, vehicles: 0, permits: 0 },
  };
  /** By name and unit: who it is, and the line that named them first. */
  const people = new Map<string, Person>();
  /** By value: whose it is in this file. */
  const given = new Map<string, { readonly person: string; readonly holder: string; readonly line: number }>();
  const permits = new Map([...known.permits].map(([holder, of]) => [holder, [...of]]));
  const complain: Complain = (row, field, zh, en, severity) =>
    void problems.push(problemAt({ file, line: row.line, column: row.columnOf(field) }, { zh, en }, severity));

  /** The holder of a value: the one who has it, or one that is made for it. Undefined where it is somebody else's. */
  const give = (
    row: HolderRow,
    person: string,
    factor: 'card' | 'plate',
    value: string,
  ): { readonly holder: string; readonly isNew: boolean } | undefined => {
    const key = keyOfValue(factor, fingerprintOf(factor, value));
    const column = factor === 'card' ? 'cards' : 'plates';
    const there = known.credentials.get(key);
    if (there !== undefined) {
      if (there.holder === person || there.owner === person) return { holder: there.holder, isNew: false };
      complain(
        row,
        column,
        `${value} 已登记在 ${there.who} 名下，请先收回`,
        `${value} is ${there.who}'s: take it back first`,
      );
      return undefined;
    }
    const earlier = given.get(key);
    if (earlier !== undefined) {
      if (earlier.person === person) return { holder: earlier.holder, isNew: false };
      complain(row, column, `${value} 与第 ${earlier.line} 行重复`, `${value} stands in line ${earlier.line} already`);
      return undefined;
    }
    const holder = factor === 'card' ? person : newId();
    if (factor === 'plate') plan.holders.push({ id: holder, kind: 'vehicle', owner: person, name: value, unit: null });
    plan.credentials.push({ holder, factor, value });
    given.set(key, { person, holder, line: row.line });
    return { holder, isNew: true };
  };

  const permit = (row: HolderRow, holder: string, wanted: KnownPermit): number => {
    const has = permits.get(holder) ?? [];
    const isSame = (each: KnownPermit): boolean =>
      each.schedule === wanted.schedule &&
      each.untilMs === wanted.untilMs &&
      wanted.accessPoints.every((point) => each.accessPoints.includes(point));
    if (has.some(isSame)) return 0;
    if ((known.permits.get(holder) ?? []).length > 0) {
      complain(
        row,
        'access_points',
        '已有其他通行权限，导入只增不减；不再需要的请在住户页面取消',
        'there are other permits: an import takes none away, end those on the page of residents',
        'warning',
      );
    }
    permits.set(holder, [...has, wanted]);
    plan.permits.push({ holder, ...wanted });
    return 1;
  };

  for (const row of rows) {
    const person = personOf(row, people, options, complain);
    if (person === undefined) {
      permitWanted(row, options, complain);
      continue;
    }
    if (person.isNew && person.line === row.line) {
      plan.holders.push({ id: person.id, kind: 'resident', owner: null, name: row.name, unit: row.unit });
    }
    const cards = row.cards.filter((value) => give(row, person.id, 'card', value)?.isNew === true).length;
    const vehicles = row.plates.flatMap((value) => give(row, person.id, 'plate', value) ?? []);
    const plates = vehicles.filter(({ isNew }) => isNew).length;
    const wanted = permitWanted(row, options, complain);
    const passing = wanted === undefined ? [] : [person.id, ...vehicles.map(({ holder }) => holder)];
    const made = passing.reduce((sum, holder) => sum + (wanted === undefined ? 0 : permit(row, holder, wanted)), 0);
    const isNew = person.isNew && person.line === row.line;
    plan.counts.residents += isNew ? 1 : 0;
    plan.counts.cards += cards;
    plan.counts.vehicles += plates;
    plan.counts.permits += made;
    if (!isNew && cards + plates + made === 0) plan.counts.unchanged += 1;
    else plan.changes.push({ line: row.line, name: row.name, unit: row.unit, isNew, cards, plates, permits: made });
  }
  return plan;
}
