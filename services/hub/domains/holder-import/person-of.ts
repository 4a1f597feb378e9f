import type { Complain, HolderRow } from './holder-rows.ts';
import type { KnownHolders } from './known-holders.ts';

/** Whom a line is about. */
export interface Person {
  readonly id: string;
  readonly isNew: boolean;
  /** That named them first. */
  readonly line: number;
}

/** Units are written as everybody likes: `3-2-501`, `3－2－501`. */
const comparable = (unit: string | null): string => (unit ?? '').normalize('NFKC').replaceAll(/\s/g, '').toLowerCase();

/**
 * Whom a line is about, by name and unit; undefined where that cannot be told.
 * @param people whoever lines before were about; new ones are put there
 */
export function personOf(
  row: HolderRow,
  people: Map<string, Person>,
  { known, newId }: { readonly known: Pick<KnownHolders, 'residents'>; readonly newId: () => string },
  complain: Complain,
): Person | undefined {
  const key = `${row.name}\n${comparable(row.unit)}`;
  const earlier = people.get(key);
  if (earlier !== undefined) {
    if (row.unit !== null) return earlier;
    const { line } = earlier;
    complain(
      row,
      'name',
      `与第 ${line} 行同名且都没有房号，无法区分`,
      `named as line ${line} is, and neither has a unit`,
    );
    return undefined;
  }
  const named = known.residents.filter(({ name }) => name === row.name);
  const same = named.filter(({ unit }) => comparable(unit) === comparable(row.unit));
  if (same.length > 1) {
    complain(
      row,
      'name',
      '已有多位同名同房号的住户，无法区分；请在住户页面修改',
      'there are several such residents already',
    );
    return undefined;
  }
  if (same[0] === undefined && row.unit === null && named.length > 0) {
    const units = named.map(({ unit }) => unit).join('、');
    complain(
      row,
      'unit',
      `已有同名住户（${units}），请填写房号`,
      `there is a resident of that name (${units}): say the unit`,
    );
    return undefined;
  }
  const [found] = same;
  const person = { id: found?.id ?? newId(), isNew: found === undefined, line: row.line };
  people.set(key, person);
  return person;
}
