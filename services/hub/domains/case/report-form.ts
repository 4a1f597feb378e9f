import type { ReportForm } from '@dipper/contract/api/case-report';
import type { Db } from '../../database/pool.ts';
import type { CaseTerms } from './case-terms.ts';

/** What a resident can choose from: categories, and places by the names that stand on signs. */
export async function readReportForm(db: Db, terms: CaseTerms): Promise<ReportForm> {
  const named = ['id', 'name_zh', 'name_en'] as const;
  const estates = await db.selectFrom('dipper.estate').select(named).orderBy('id').execute();
  const grids = await db.selectFrom('dipper.grid').select(named).orderBy('id').execute();
  const places = await db
    .selectFrom('dipper.place')
    .select([...named, 'estate'])
    .orderBy('id')
    .execute();
  const placesOf = Map.groupBy(places, ({ estate }) => estate);
  return {
    categories: terms.categories.filter((category) => category.public).map(({ id, name }) => ({ id, name })),
    estates: estates.map((estate) => ({ ...itemFrom(estate), places: (placesOf.get(estate.id) ?? []).map(itemFrom) })),
    grids: grids.map(itemFrom),
  };
}

function itemFrom({ id, name_zh: zh, name_en: en }: { id: string; name_zh: string; name_en: string }) {
  return { id, name: { zh, en } };
}
