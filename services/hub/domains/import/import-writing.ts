import { randomUUID } from 'node:crypto';
import type { ImportKind } from '@dipper/contract/api/import';
import { DipperError } from '@dipper/contract/errors';
import { sql } from 'kysely';
import type { Tx } from '../../database/pool.ts';
import { nameKeyOf } from '../account/account.repository.ts';
import type { PlannedChange } from './import-plan.ts';
import { COLUMNS } from './inventory.repository.ts';
import type { Values } from './inventory.ts';

const ROWS_PER_STATEMENT = 500;
/** Stored as jsonb. */
const JSON_COLUMNS = ['boundary', 'hours'];

export interface NewStaff {
  readonly id: string;
  readonly name: string;
}

/**
 * Carries out what was planned.
 * @param decoyHash of a password that nobody knows: until they set one of their own, new staff cannot sign in
 * @returns accounts that are new
 * @throws DipperError ACCOUNT_LAST_ADMIN
 */
export async function writeChanges(tx: Tx, changes: readonly PlannedChange[], decoyHash: string): Promise<NewStaff[]> {
  const put = (kind: ImportKind): PlannedChange[] =>
    changes.filter((change) => change.kind === kind && change.change !== 'removed');
  for (const kind of Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]) {
    await upsertPlaces(
      tx,
      kind,
      put(kind).map(({ values = {} }) => values),
    );
  }
  const staff = await writeStaff(tx, put('staff'), decoyHash);
  await insertDuties(tx, put('roster'));
  await remove(
    tx,
    changes.filter(({ change }) => change === 'removed'),
  );
  if (changes.some(({ kind }) => kind === 'staff')) await keepAnAdmin(tx);
  return staff;
}

async function upsertPlaces(tx: Tx, kind: keyof typeof COLUMNS, rows: readonly Values[]): Promise<void> {
  const columns = [...COLUMNS[kind], 'source'];
  const updates = sql.join(
    columns.filter((column) => column !== 'id').map((column) => sql`${sql.ref(column)} = excluded.${sql.ref(column)}`),
  );
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
    const lines = rows
      .slice(from, from + ROWS_PER_STATEMENT)
      .map((row) => sql`(${sql.join(columns.map((column) => cellOf(column, row[column])))})`);
    await sql`
      insert into ${sql.table(`dipper.${kind}`)} (${sql.join(columns.map((column) => sql.ref(column)))})
      values ${sql.join(lines)}
      on conflict (id) do update set ${updates}`.execute(tx);
  }
}

function cellOf(column: string, value: unknown) {
  if (!JSON_COLUMNS.includes(column))
    return column.endsWith('_deg') ? sql`${value ?? null}::float8` : sql`${value ?? null}`;
  return sql`${value == null ? null : JSON.stringify(value)}::jsonb`;
}

async function writeStaff(tx: Tx, changes: readonly PlannedChange[], decoyHash: string): Promise<NewStaff[]> {
  const added: NewStaff[] = [];
  for (const { id: key, change, fields, values = {} } of changes) {
    const scope = values['scope'] == null ? null : JSON.stringify(values['scope']);
    const [name, displayName, roles] = [String(values['name']), values['display_name'], values['roles']];
    if (change === 'created') {
      const id = randomUUID();
      await sql`
        insert into dipper.account (id, name, name_key, display_name, password_hash, roles, scope)
        values (${id}::uuid, ${name}, ${key}, ${displayName}, ${decoyHash}, ${roles}::text[], ${scope}::jsonb)`.execute(
        tx,
      );
      await sql`insert into dipper.imported_account (account_id) values (${id}::uuid)`.execute(tx);
      added.push({ id, name });
      continue;
    }
    await sql`
      update dipper.account set display_name = ${displayName}, roles = ${roles}::text[], scope = ${scope}::jsonb
       where name_key = ${key}`.execute(tx);
    // Whoever may do other things than before signs in anew.
    if (fields.includes('roles') || fields.includes('scope')) await endSessions(tx, key);
  }
  return added;
}

async function endSessions(tx: Tx, nameKey: string): Promise<void> {
  await sql`
    update dipper.session set revoked_at = now()
     where revoked_at is null and account_id = (select id from dipper.account where name_key = ${nameKey})`.execute(tx);
}

async function insertDuties(tx: Tx, changes: readonly PlannedChange[]): Promise<void> {
  for (const { id, values = {} } of changes) {
    const { grid, account, platform, weekdays, on_date, off, span, from_date, until_date } = values;
    await sql`
      insert into dipper.duty (id, grid, account, platform, weekdays, on_date, off, span, from_date, until_date)
      values (${id}, ${grid}, ${account}, ${platform}, ${weekdays}::text[], ${on_date}::date, ${off}, ${span},
              ${from_date}::date, ${until_date}::date)`.execute(tx);
  }
}

/** Edges and devices stay for their history and count as not configured; accounts, which steps name, are disabled. */
async function remove(tx: Tx, changes: readonly PlannedChange[]): Promise<void> {
  for (const { kind, id } of changes) {
    if (kind === 'staff') {
      await sql`update dipper.account set disabled_at = now() where name_key = ${nameKeyOf(id)}`.execute(tx);
      await endSessions(tx, nameKeyOf(id));
    } else if (kind === 'device') {
      await sql`update dipper.device set configured = false, place = null where id = ${id}`.execute(tx);
    } else if (kind === 'agent') {
      await sql`update dipper.agent set configured = false where id = ${id}`.execute(tx);
    } else {
      await sql`delete from ${sql.table(kind === 'roster' ? 'dipper.duty' : `dipper.${kind}`)} where id = ${id}`.execute(
        tx,
      );
    }
  }
}

async function keepAnAdmin(tx: Tx): Promise<void> {
  const { rows } = await sql`
    select 1 from dipper.account where disabled_at is null and 'admin' = any(roles) and scope is null limit 1`.execute(
    tx,
  );
  if (rows.length === 0) throw new DipperError('ACCOUNT_LAST_ADMIN');
}
