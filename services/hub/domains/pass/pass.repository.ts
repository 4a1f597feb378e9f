import type { PageQuery } from '@dipper/contract/api/page';
import type { PassState, PassView } from '@dipper/contract/api/pass';
import { type SelectQueryBuilder, sql } from 'kysely';
import { type Scope, withinScope } from '../../scope/scope.ts';
import type { AccessDb } from '../policy/access-db.ts';
import type { PassRow } from './pass.tables.ts';

export interface PassFilter {
  readonly estate?: string;
  readonly host?: string;
  /** An account, or `host`. */
  readonly createdBy?: string;
  /** Absent: all. */
  readonly open?: boolean;
  /** Part of a name or of a plate. */
  readonly q?: string;
  readonly within?: Scope;
}

export interface ShownPassRow extends PassRow {
  readonly name: string;
  readonly plate: string | null;
  readonly host_name: string | null;
  readonly host_unit: string | null;
  readonly access_points: string[];
  readonly valid_from: Date;
  readonly valid_until: Date;
  readonly uses: number;
  readonly used: number;
}

/** How often a permit has let somebody through, over all edges, as far as they have told. */
function selectPasses(db: AccessDb) {
  return db
    .selectFrom('dipper.access_pass as pass')
    .innerJoin('dipper.access_holder as holder', 'holder.id', 'pass.holder')
    .innerJoin('dipper.access_permit as permit', 'permit.id', 'pass.permit')
    .leftJoin('dipper.access_holder as host', 'host.id', 'pass.host')
    .selectAll('pass')
    .select([
      'holder.name',
      'host.name as host_name',
      'host.unit as host_unit',
      'permit.access_points',
      'permit.valid_from',
      sql<Date>`permit.valid_until`.as('valid_until'),
      sql<number>`permit.uses`.as('uses'),
      sql<string | null>`(select plate from dipper.access_credential
                           where holder = pass.holder and plate is not null order by ordinal limit 1)`.as('plate'),
      sql<number>`(select coalesce(sum(uses), 0)::int from dipper.access_permit_use where permit = pass.permit)`.as(
        'used',
      ),
    ]);
}

/** Newest first, behind an ordinal. */
export function listPasses(
  db: AccessDb,
  filter: PageQuery & PassFilter,
  at: Date,
  behind: string | undefined,
  limit: number,
): Promise<ShownPassRow[]> {
  let select = selectPasses(db).orderBy('pass.ordinal', 'desc').limit(limit);
  if (behind !== undefined) select = select.where('pass.ordinal', '<', behind);
  if (filter.within !== undefined) select = select.where(withinScope(filter.within, { estate: 'pass.estate' }));
  if (filter.estate !== undefined) select = select.where('pass.estate', '=', filter.estate);
  if (filter.host !== undefined) select = select.where('pass.host', '=', filter.host);
  if (filter.createdBy !== undefined) select = select.where('pass.created_by', '=', filter.createdBy);
  if (filter.open !== undefined) {
    select = select.where(sql<boolean>`(pass.revoked_at is null and permit.valid_until > ${at}) = ${filter.open}`);
  }
  const text = filter.q?.trim() ?? '';
  if (text !== '') select = select.where(matches(text));
  return shown(select);
}

function matches(text: string) {
  const like = (part: string): string => `%${part.replaceAll(/[\\%_]/g, '\\$&')}%`;
  return sql<boolean>`(
    holder.name ilike ${like(text)} or host.name ilike ${like(text)} or host.unit ilike ${like(text)}
    or exists (select from dipper.access_credential c
                where c.holder = pass.holder and c.plate ilike ${like(text.replaceAll(/[\s·•・.-]/g, ''))}))`;
}

export async function findPass(db: AccessDb, id: string): Promise<ShownPassRow | undefined> {
  const [row] = await shown(selectPasses(db).where('pass.id', '=', id));
  return row;
}

export async function findPassByCode(db: AccessDb, hash: Buffer): Promise<ShownPassRow | undefined> {
  const [row] = await shown(selectPasses(db).where('pass.code_hash', '=', hash));
  return row;
}

// biome-ignore lint/suspicious/noExplicitAny: what was selected stands above
function shown(select: SelectQueryBuilder<any, any, any>): Promise<ShownPassRow[]> {
  return select.execute() as Promise<ShownPassRow[]>;
}

/** What a pass is worth at an instant. */
export function passStateAt(row: ShownPassRow, at: Date): PassState {
  if (row.revoked_at !== null) return 'revoked';
  if (row.valid_until <= at) return 'expired';
  if (row.used >= row.uses) return 'used';
  return row.valid_from > at ? 'coming' : 'valid';
}

export function passFromRow(row: ShownPassRow, at: Date): PassView {
  return {
    id: row.id,
    estate: row.estate,
    name: row.name,
    plate: row.plate,
    host: row.host === null ? null : { id: row.host, name: row.host_name ?? '', unit: row.host_unit },
    accessPoints: row.access_points,
    from: row.valid_from.toISOString(),
    until: row.valid_until.toISOString(),
    uses: row.uses,
    used: row.used,
    state: passStateAt(row, at),
    note: row.note,
    revokedAt: row.revoked_at?.toISOString() ?? null,
    revokedBy: row.revoked_by,
    revokeReason: row.revoke_reason,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
  };
}
