import type { CredentialView, HolderView, PermitView } from '@dipper/contract/api/holder';
import type { PageQuery } from '@dipper/contract/api/page';
import { sql } from 'kysely';
import { type Scope, withinScope } from '../../scope/scope.ts';
import type { AccessDb } from '../policy/access-db.ts';
import type { CredentialRow, HolderRow, PermitRow } from './holder.tables.ts';

export interface HolderFilter {
  readonly estate?: string;
  readonly kind?: HolderRow['kind'];
  readonly blocked?: boolean;
  /** Absent: only those that have not ended. */
  readonly ended?: boolean;
  /** Part of a name, of a unit, or of a plate. */
  readonly q?: string;
  readonly within?: Scope;
}

function selectHolders(db: AccessDb) {
  return db
    .selectFrom('dipper.access_holder as holder')
    .leftJoin('dipper.access_holder as owner', 'owner.id', 'holder.owner')
    .selectAll('holder')
    .select('owner.name as owner_name')
    .select(
      sql<string[]>`array(select plate from dipper.access_credential
                           where holder = holder.id and plate is not null order by ordinal)`.as('plates'),
    );
}

export type ShownHolderRow = HolderRow & { readonly owner_name: string | null; readonly plates: string[] };

/** Newest first, behind an ordinal. */
export function listHolders(
  db: AccessDb,
  filter: PageQuery & HolderFilter,
  behind: string | undefined,
  limit: number,
): Promise<ShownHolderRow[]> {
  let select = selectHolders(db).orderBy('holder.ordinal', 'desc').limit(limit);
  if (behind !== undefined) select = select.where('holder.ordinal', '<', behind);
  if (filter.within !== undefined) select = select.where(withinScope(filter.within, { estate: 'holder.estate' }));
  if (filter.estate !== undefined) select = select.where('holder.estate', '=', filter.estate);
  if (filter.kind !== undefined) select = select.where('holder.kind', '=', filter.kind);
  if (filter.blocked !== undefined) select = select.where('holder.blocked_at', filter.blocked ? 'is not' : 'is', null);
  select = select.where('holder.ended_at', filter.ended === true ? 'is not' : 'is', null);
  if (filter.q !== undefined && filter.q.trim() !== '') select = select.where(matches(filter.q.trim()));
  return select.execute();
}

function matches(text: string) {
  const like = (part: string): string => `%${part.replaceAll(/[\\%_]/g, '\\$&')}%`;
  return sql<boolean>`(
    holder.name ilike ${like(text)} or holder.unit ilike ${like(text)} or owner.name ilike ${like(text)}
    or exists (select from dipper.access_credential c
                where c.holder = holder.id and c.plate ilike ${like(text.replaceAll(/[\s·•・.-]/g, ''))}))`;
}

export function findHolder(db: AccessDb, id: string): Promise<ShownHolderRow | undefined> {
  return selectHolders(db).where('holder.id', '=', id).executeTakeFirst();
}

export function listVehicles(db: AccessDb, owner: string): Promise<ShownHolderRow[]> {
  return selectHolders(db)
    .where('holder.owner', '=', owner)
    .where('holder.ended_at', 'is', null)
    .orderBy('holder.ordinal')
    .execute();
}

export function listCredentials(db: AccessDb, holder: string): Promise<CredentialRow[]> {
  return db
    .selectFrom('dipper.access_credential')
    .selectAll()
    .where('holder', '=', holder)
    .where('ended_at', 'is', null)
    .orderBy('ordinal')
    .execute();
}

export function listPermits(db: AccessDb, holder: string): Promise<PermitRow[]> {
  return db
    .selectFrom('dipper.access_permit')
    .selectAll()
    .where('holder', '=', holder)
    .where('ended_at', 'is', null)
    .orderBy('ordinal')
    .execute();
}

export function holderFromRow(row: ShownHolderRow): HolderView {
  return {
    id: row.id,
    estate: row.estate,
    kind: row.kind,
    name: row.name,
    unit: row.unit,
    owner: row.owner === null ? null : { id: row.owner, name: row.owner_name ?? '' },
    plates: row.plates,
    ...blockingOf(row),
    endedAt: row.ended_at?.toISOString() ?? null,
    version: row.version,
    changedAt: row.changed_at.toISOString(),
    changedBy: row.changed_by,
  };
}

export function credentialFromRow(row: CredentialRow): CredentialView {
  return {
    id: row.id,
    factor: row.factor,
    shown: row.plate ?? row.hint,
    duress: row.duress,
    ...blockingOf(row),
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
  };
}

export function permitFromRow(row: PermitRow): PermitView {
  return {
    id: row.id,
    accessPoints: row.access_points,
    schedule: row.schedule,
    credential: row.credential,
    from: row.valid_from.toISOString(),
    until: row.valid_until?.toISOString() ?? null,
    uses: row.uses,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
  };
}

function blockingOf({ blocked_at, blocked_by, block_reason }: HolderRow | CredentialRow) {
  return { blockedAt: blocked_at?.toISOString() ?? null, blockedBy: blocked_by, blockReason: block_reason };
}
