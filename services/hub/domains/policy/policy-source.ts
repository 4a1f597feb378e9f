import type { PolicyFaces } from '@dipper/contract/policy-body';
import { sql } from 'kysely';
import type { AccessAreaRow, AccessPointRow } from '../access-point/access-point.tables.ts';
import type { AccessScheduleRow } from '../access-schedule/access-schedule.tables.ts';
import type { CredentialRow, HolderRow, PermitRow } from '../holder/holder.tables.ts';
import type { AccessDb } from './access-db.ts';

/** What the policy of one edge is compiled of, as the database has it at one moment. */
export interface PolicySource {
  readonly estate: string;
  readonly agent: string;
  readonly points: readonly Omit<AccessPointRow, 'place'>[];
  readonly areas: readonly Pick<AccessAreaRow, 'id' | 'occupancy_limit' | 'reset_at_minute'>[];
  readonly schedules: readonly Pick<AccessScheduleRow, 'id' | 'weekly' | 'special_days' | 'holidays'>[];
  readonly holders: readonly (Pick<HolderRow, 'id' | 'kind'> & { readonly is_blocked: boolean })[];
  readonly credentials: readonly Pick<
    CredentialRow,
    'id' | 'holder' | 'factor' | 'plate' | 'sealed' | 'duress' | 'blocked_at'
  >[];
  /** With how often other edges have let somebody through by them. */
  readonly permits: readonly (PermitRow & { readonly uses_elsewhere: number })[];
  readonly faces: PolicyFaces | undefined;
}

/** Whose faces may be compared at these access points; undefined where faces are not used. */
export type FacesOf = (tx: AccessDb, accessPoints: readonly string[]) => Promise<PolicyFaces | undefined>;

/**
 * Reads all that an edge has to know, in the caller's transaction. Permits that are over are left out, and whoever has none
 * at the gates of this edge: it is none of its business.
 */
export async function readPolicySource(
  tx: AccessDb,
  { estate, agent }: { readonly estate: string; readonly agent: string },
  at: Date,
  facesOf: FacesOf,
): Promise<PolicySource> {
  const points = await tx
    .selectFrom('dipper.access_point as point')
    .innerJoin('dipper.device as device', 'device.id', 'point.device')
    .selectAll('point')
    .where('device.agent', '=', agent)
    .where('point.active', '=', true)
    .orderBy('point.id')
    .execute();
  const ids = points.map(({ id }) => id);
  const permits = await tx
    .selectFrom('dipper.access_permit as permit')
    .innerJoin('dipper.access_holder as holder', 'holder.id', 'permit.holder')
    .selectAll('permit')
    .select(
      sql<number>`(select coalesce(sum(uses), 0)::int from dipper.access_permit_use known
                    where known.permit = permit.id and known.agent <> ${agent})`.as('uses_elsewhere'),
    )
    .where('permit.ended_at', 'is', null)
    .where('holder.ended_at', 'is', null)
    .where((eb) => eb.or([eb('permit.valid_until', 'is', null), eb('permit.valid_until', '>', at)]))
    .where(sql<boolean>`permit.access_points && ${ids}::text[]`)
    .where('permit.estate', '=', estate)
    .execute();
  const faces = await facesOf(tx, ids);
  const who = [
    ...new Set([...permits.map(({ holder }) => holder), ...(faces?.enrolled ?? []).map(({ holder }) => holder)]),
  ];
  const areaIds = points.flatMap(({ from_area, to_area }) => [from_area, to_area].filter((id) => id !== null));
  const scheduleIds = [
    ...permits.flatMap(({ schedule }) => schedule ?? []),
    ...points.flatMap(({ rules }) => rules.factorRules.flatMap(({ schedule }) => schedule ?? [])),
  ];
  return {
    estate,
    agent,
    points,
    permits,
    faces,
    areas: await tx
      .selectFrom('dipper.access_area')
      .select(['id', 'occupancy_limit', 'reset_at_minute'])
      .where('id', '=', sql<string>`any(${areaIds}::text[])`)
      .execute(),
    schedules: await tx
      .selectFrom('dipper.access_schedule')
      .select(['id', 'weekly', 'special_days', 'holidays'])
      .where('id', '=', sql<string>`any(${scheduleIds}::uuid[])`)
      .execute(),
    holders: await tx
      .selectFrom('dipper.access_holder as holder')
      .leftJoin('dipper.access_holder as owner', 'owner.id', 'holder.owner')
      .select(['holder.id', 'holder.kind'])
      .select(sql<boolean>`holder.blocked_at is not null or owner.blocked_at is not null`.as('is_blocked'))
      .where('holder.id', '=', sql<string>`any(${who}::uuid[])`)
      .execute(),
    credentials: await tx
      .selectFrom('dipper.access_credential')
      .select(['id', 'holder', 'factor', 'plate', 'sealed', 'duress', 'blocked_at'])
      .where('holder', '=', sql<string>`any(${who}::uuid[])`)
      .where('ended_at', 'is', null)
      .execute(),
  };
}
