import type { ImportKind } from '@dipper/contract/api/import';

/** Values of a row by the names of fields; what no field names is left out. */
export type Values = Readonly<Record<string, unknown>>;

/** A thing that is in the database. */
export interface KnownThing {
  readonly values: Values;
  /** Whether a later import that does not name it may take it away: an import brought it, and it is in use. */
  readonly isRemovable: boolean;
}

/** What is known of every kind, by key. */
export type Inventory = Readonly<Record<ImportKind, ReadonlyMap<string, KnownThing>>>;

/** A row that was read from a file, with what is known of the same thing. */
export interface ReadRow {
  readonly kind: ImportKind;
  readonly key: string;
  readonly file: string;
  readonly line: number;
  /** What the file calls a field. */
  readonly columnOf: (field: string) => string;
  /** What the file says; a field that the file does not have is absent. */
  readonly said: Values;
  readonly known: KnownThing | undefined;
}

/** Whether two values are stored alike. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a ?? null)) === JSON.stringify(sorted(b ?? null));
}

/** PostgreSQL orders the keys of jsonb as it likes. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}
