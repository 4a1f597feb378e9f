import { sql } from 'kysely';
import type { Tx } from '../../database/pool.ts';
import type { PlacesFile } from './place.file.ts';

/**
 * Brings the inventory in line with the places file. What the file no longer names stays, for the sake of its history,
 * but counts as not configured. What was imported is as the import says, whatever the file says.
 */
export async function upsertInventory(tx: Tx, file: PlacesFile): Promise<void> {
  await upsert(tx, 'dipper.subdistrict', file.subdistricts.map(named));
  await upsert(
    tx,
    'dipper.community',
    file.communities.map((item) => ({ ...named(item), subdistrict: item.subdistrict })),
  );
  await upsert(
    tx,
    'dipper.grid',
    file.grids.map((item) => ({ ...named(item), community: item.community, kind: item.kind })),
  );
  await upsert(
    tx,
    'dipper.estate',
    file.estates.map((item) => ({ ...named(item), community: item.community })),
  );
  await upsert(
    tx,
    'dipper.place',
    file.places.map((item) => ({
      ...named(item),
      estate: item.estate,
      grid: item.grid ?? null,
      kind: item.kind,
      hours: item.hours === undefined ? null : JSON.stringify(item.hours),
    })),
  );
  await sql`update dipper.agent set configured = false where source = 'file'`.execute(tx);
  await upsert(
    tx,
    'dipper.agent',
    file.agents.map(({ id, estate }) => ({ id, estate, configured: true })),
  );
  await sql`update dipper.device set configured = false where source = 'file'`.execute(tx);
  await upsert(
    tx,
    'dipper.device',
    file.devices.map((item) => ({
      ...named(item),
      agent: item.agent,
      place: item.place,
      kind: item.kind,
      configured: true,
    })),
  );
}

function named({ id, name }: { id: string; name: { zh: string; en: string } }) {
  return { id, name_zh: name.zh, name_en: name.en };
}

type InventoryTable =
  | 'dipper.subdistrict'
  | 'dipper.community'
  | 'dipper.grid'
  | 'dipper.estate'
  | 'dipper.place'
  | 'dipper.agent'
  | 'dipper.device';

async function upsert(
  tx: Tx,
  table: InventoryTable,
  rows: readonly ({ id: string } & Record<string, unknown>)[],
): Promise<void> {
  for (const row of rows) {
    const { id: _id, ...rest } = row;
    await tx
      .insertInto(table)
      .values(row as never)
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet(rest as never)
          .where(sql<boolean>`${sql.table(table)}.source = 'file'`),
      )
      .execute();
  }
}
