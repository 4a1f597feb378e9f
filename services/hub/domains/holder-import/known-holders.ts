import { sql } from 'kysely';
import type { AccessDb } from '../policy/access-db.ts';
import type { HolderRow } from './holder-rows.ts';

/** A credential that has not been given back, and whose it is. */
export interface KnownCredential {
  readonly holder: string;
  /** Of a vehicle: the resident it belongs to. */
  readonly owner: string | null;
  /** As people are told whose it is. */
  readonly who: string;
}

export interface KnownPermit {
  readonly accessPoints: readonly string[];
  readonly schedule: string | null;
  readonly untilMs: number | null;
}

/** What the database knows of whatever the lines of a file name, in one estate. */
export interface KnownHolders {
  readonly points: readonly { readonly id: string; readonly names: readonly string[]; readonly isActive: boolean }[];
  readonly schedules: readonly { readonly id: string; readonly name: string }[];
  readonly residents: readonly { readonly id: string; readonly name: string; readonly unit: string | null }[];
  /** By `fingerprintOf`. */
  readonly credentials: ReadonlyMap<string, KnownCredential>;
  /** By holder, vehicles among them; what is bound to one credential is left out. */
  readonly permits: ReadonlyMap<string, readonly KnownPermit[]>;
}

/** The fingerprint under which a value of an estate is stored. */
export type FingerprintOf = (factor: 'card' | 'plate', value: string) => Buffer;

/** As the maps are keyed. */
export function keyOfValue(factor: string, fingerprint: Buffer): string {
  return `${factor} ${fingerprint.toString('hex')}`;
}

/** Reads what is known of the people and values that a file names. */
export async function readKnownHolders(
  tx: AccessDb,
  estate: string,
  rows: readonly HolderRow[],
  fingerprintOf: FingerprintOf,
): Promise<KnownHolders> {
  const points = await tx
    .selectFrom('dipper.access_point as point')
    .innerJoin('dipper.place as place', 'place.id', 'point.place')
    .select(['point.id', 'point.name_zh', 'point.name_en', 'point.active'])
    .where('place.estate', '=', estate)
    .execute();
  const schedules = await tx
    .selectFrom('dipper.access_schedule')
    .select(['id', 'name'])
    .where('estate', '=', estate)
    .execute();
  const residents = await tx
    .selectFrom('dipper.access_holder')
    .select(['id', 'name', 'unit'])
    .where('estate', '=', estate)
    .where('kind', '=', 'resident')
    .where('ended_at', 'is', null)
    .where('name', '=', sql<string>`any(${[...new Set(rows.map(({ name }) => name))]}::text[])`)
    .execute();
  const fingerprints = rows.flatMap(({ cards, plates }) => [
    ...cards.map((value) => fingerprintOf('card', value)),
    ...plates.map((value) => fingerprintOf('plate', value)),
  ]);
  const credentials = await tx
    .selectFrom('dipper.access_credential as credential')
    .innerJoin('dipper.access_holder as holder', 'holder.id', 'credential.holder')
    .leftJoin('dipper.access_holder as owner', 'owner.id', 'holder.owner')
    .select(['credential.factor', 'credential.fingerprint', 'holder.id', 'holder.owner', 'holder.name', 'holder.unit'])
    .select(['owner.name as owner_name', 'owner.unit as owner_unit'])
    .where('credential.estate', '=', estate)
    .where('credential.fingerprint', '=', sql<Buffer>`any(${fingerprints}::bytea[])`)
    .execute();
  const holders = [...new Set([...residents.map(({ id }) => id), ...credentials.map(({ id }) => id)])];
  const permits = await tx
    .selectFrom('dipper.access_permit')
    .select(['holder', 'access_points', 'schedule', 'valid_until'])
    .where('holder', '=', sql<string>`any(${holders}::uuid[])`)
    .where('ended_at', 'is', null)
    .where('credential', 'is', null)
    .where('uses', 'is', null)
    .execute();
  const permitOf = ({ access_points, schedule, valid_until }: (typeof permits)[number]): KnownPermit => ({
    ...{ accessPoints: access_points, schedule, untilMs: valid_until?.getTime() ?? null },
  });
  return {
    points: points.map(({ id, name_zh, name_en, active }) => ({ id, names: [name_zh, name_en], isActive: active })),
    schedules,
    residents,
    credentials: new Map(
      credentials.map(({ factor, fingerprint, id, owner, ...names }) => [
        keyOfValue(factor, fingerprint ?? Buffer.alloc(0)),
        { holder: id, owner, who: whoOf(names) },
      ]),
    ),
    permits: new Map(
      [...Map.groupBy(permits, ({ holder }) => holder)].map(([holder, of]) => [holder, of.map(permitOf)]),
    ),
  };
}

interface Names {
  readonly name: string;
  readonly unit: string | null;
  readonly owner_name: string | null;
  readonly owner_unit: string | null;
}

function whoOf({ name, unit, owner_name, owner_unit }: Names): string {
  return [owner_name ?? name, owner_unit ?? unit].filter((part) => part !== null).join(' ');
}
