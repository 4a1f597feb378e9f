import type pg from 'pg';

/**
 * Not in a backup, because the restored hub makes them anew: the list of changes, whose order is that of one server's
 * transactions; counts; who is at the maintenance. Applied migrations stand in the header.
 */
const LEFT_OUT: readonly string[] = [
  'dipper.change',
  'dipper.migration',
  'dipper.history_count',
  'dipper.history_late_hour',
  'dipper.history_job',
  'dipper.event_count_face',
  'dipper.event_count_passage',
  'dipper.event_count_device',
  'dipper.event_count_scene',
];

export interface TableColumns {
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Every table that goes into a backup, with the columns that are written. */
export async function listTables(client: pg.ClientBase): Promise<TableColumns[]> {
  const { rows } = await client.query<TableColumns>(
    `select 'dipper.' || class.relname as table,
            json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod)) order by attnum) as columns
       from pg_class class join pg_attribute on attrelid = class.oid
      where relnamespace = to_regnamespace('dipper') and relkind = 'r'
        and attnum > 0 and not attisdropped and attgenerated = ''
      group by class.relname order by class.relname`,
  );
  return rows.filter(({ table }) => !LEFT_OUT.includes(table));
}

/** How far each sequence has come; those never used are left out. */
export async function listSequences(client: pg.ClientBase): Promise<{ name: string; last: string }[]> {
  const { rows } = await client.query<{ name: string; last: string }>(
    `select 'dipper.' || sequencename as name, last_value::text as last from pg_sequences
      where schemaname = 'dipper' and last_value is not null order by 1`,
  );
  return rows;
}

export interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

export async function listForeignKeys(client: pg.ClientBase): Promise<ForeignKey[]> {
  const { rows } = await client.query<ForeignKey>(
    `select 'dipper.' || class.relname as table, conname as name, pg_get_constraintdef(pg_constraint.oid) as definition
       from pg_constraint join pg_class class on class.oid = conrelid
      where contype = 'f' and relnamespace = to_regnamespace('dipper') order by 1, 2`,
  );
  return rows;
}

/** Triggers of ours: what they do to a row has been done to those in a backup. */
export async function listTriggers(client: pg.ClientBase): Promise<{ table: string; name: string }[]> {
  const { rows } = await client.query<{ table: string; name: string }>(
    `select 'dipper.' || class.relname as table, tgname as name
       from pg_trigger join pg_class class on class.oid = tgrelid join pg_proc on pg_proc.oid = tgfoid
      where not tgisinternal and relnamespace = to_regnamespace('dipper')
        and pronamespace = to_regnamespace('dipper') order by 1, 2`,
  );
  return rows;
}

/** Whether a table of the restored schema has a column: a backup may be of an earlier one. */
export async function hasColumn(client: pg.ClientBase, table: string, column: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from pg_attribute where attrelid = to_regclass('dipper.' || $1) and attname = $2 and not attisdropped`,
    [table, column],
  );
  return (rowCount ?? 0) > 0;
}

/** How every value is written and read as text, whatever the server or the role prefers. */
export const TEXT_SETTINGS = `
  set local timezone = 'UTC';
  set local datestyle = 'ISO, YMD';
  set local intervalstyle = 'postgres';
  set local bytea_output = 'hex';
  set local extra_float_digits = 1`;
