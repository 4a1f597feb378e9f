import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Db } from '../../database/pool.ts';
import type { PlacesFile } from './place.file.ts';
import type { LivePlaceDirectory } from './place-directory.ts';

/** What was imported through another copy of the hub is known here within this time. */
const POLL_MS = 1_000;

const LISTS = {
  subdistricts: sql`select id, name_zh, name_en, true as configured from dipper.subdistrict where source = 'import'`,
  communities: sql`select id, name_zh, name_en, subdistrict, true as configured from dipper.community where source = 'import'`,
  grids: sql`select id, name_zh, name_en, community, kind, true as configured from dipper.grid where source = 'import'`,
  estates: sql`select id, name_zh, name_en, community, true as configured from dipper.estate where source = 'import'`,
  agents: sql`select id, estate, configured from dipper.agent where source = 'import'`,
  places: sql`select id, name_zh, name_en, estate, grid, kind, hours, true as configured from dipper.place where source = 'import'`,
  devices: sql`select id, name_zh, name_en, agent, place, kind, configured from dipper.device where source = 'import'`,
} as const;

export interface PlaceKeeperOptions {
  readonly db: Db;
  readonly file: PlacesFile;
  readonly directory: LivePlaceDirectory;
  readonly log: Logger;
}

/** Keeps the directory of places, which rules look at, at what the file and the latest imports say together. */
export interface PlaceKeeper {
  /** Looks whether something was imported, and brings the directory up to date. */
  refresh(): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
}

export function createPlaceKeeper({ db, file, directory, log }: PlaceKeeperOptions): PlaceKeeper {
  let newest = '0';
  const refresh = async (): Promise<void> => {
    const { rows } = await sql<{ newest: string }>`select coalesce(max(id), 0) as newest from dipper.import`.execute(
      db,
    );
    const current = rows[0]?.newest ?? '0';
    if (current === newest) return;
    directory.replace(await mergeImported(db, file));
    newest = current;
    log.info({ import: current }, 'the places that were imported are known');
  };
  return {
    refresh,
    async run(signal) {
      while (!signal.aborted) {
        await refresh().catch((error: unknown) => log.warn({ err: error }, 'places could not be read again'));
        await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

/** The file's things in the file's order, with what was imported in place of them or behind them. */
async function mergeImported(db: Db, file: PlacesFile): Promise<PlacesFile> {
  const merged: Record<string, unknown> = {};
  for (const [list, query] of Object.entries(LISTS)) {
    const { rows } = await sql<Readonly<Record<string, unknown>>>`${query} order by id`.execute(db);
    const items = new Map<unknown, unknown>(file[list as keyof PlacesFile].map((item) => [item.id, item]));
    for (const { configured, ...row } of rows) {
      if (configured === true) items.set(row['id'], itemFromRow(row));
      else items.delete(row['id']);
    }
    merged[list] = [...items.values()];
  }
  return merged as PlacesFile;
}

/** As the file would say it. */
function itemFromRow({ name_zh: zh, name_en: en, ...row }: Readonly<Record<string, unknown>>): unknown {
  const said = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
  return zh === undefined ? said : { ...said, name: { zh, en } };
}
