import { type RawBuilder, sql } from 'kysely';

/** The display name of the account that a column names; null where it names none, e.g. a rule. */
export function displayNameOf(column: string): RawBuilder<string | null> {
  return sql<string | null>`(select display_name from dipper.account where name = ${sql.ref(column)})`;
}
