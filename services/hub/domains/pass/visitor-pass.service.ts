import type { LocalText } from '@dipper/contract/api/alarm';
import type { VisitorPass } from '@dipper/contract/api/pass';
import { sql } from 'kysely';
import { translateUnavailable } from '../../database/errors.ts';
import { found } from '../../database/lookup.ts';
import { hashSecretCode, readSecretCode } from '../../secret-code.ts';
import type { HubKeyring } from '../hub-key/hub-keyring.ts';
import type { AccessDb } from '../policy/access-db.ts';
import { findPassByCode, passStateAt } from './pass.repository.ts';
import { signPass } from './pass-signing.ts';

/** What a visitor sees, who has nothing but the code of their page. */
export interface VisitorPassService {
  /** @throws DipperError REQUEST_INVALID for what is no code, NOT_FOUND for a pass that there never was or that ended a day ago */
  show(code: string): Promise<VisitorPass>;
}

export interface VisitorPassOptions {
  readonly db: AccessDb;
  readonly keyring: Pick<HubKeyring, 'signer'>;
  readonly now: () => number;
}

export function createVisitorPassService({ db, keyring, now }: VisitorPassOptions): VisitorPassService {
  return {
    show: (typed) =>
      translateUnavailable(async () => {
        const row = found(await findPassByCode(db, hashSecretCode(readSecretCode(typed))));
        const state = passStateAt(row, new Date(now()));
        return {
          estate: await nameOfEstate(db, row.estate),
          name: row.name,
          plate: row.plate,
          accessPoints: await describeAccessPoints(db, row.access_points),
          from: row.valid_from.toISOString(),
          until: row.valid_until.toISOString(),
          usesLeft: Math.max(0, row.uses - row.used),
          state,
          token: state === 'coming' || state === 'valid' ? await signPass(keyring, row) : null,
        };
      }),
  };
}

export async function nameOfEstate(db: AccessDb, estate: string): Promise<LocalText> {
  const { zh, en } = await db
    .selectFrom('dipper.estate')
    .select(['name_zh as zh', 'name_en as en'])
    .where('id', '=', estate)
    .executeTakeFirstOrThrow();
  return { zh, en };
}

/** Names of access points and of the places where they are, in their order. */
export async function describeAccessPoints(
  db: AccessDb,
  ids: readonly string[],
): Promise<{ name: LocalText; place: LocalText }[]> {
  const { rows } = await sql<{ zh: string; en: string; place_zh: string; place_en: string }>`
    select point.name_zh as zh, point.name_en as en, place.name_zh as place_zh, place.name_en as place_en
      from unnest(${ids}::text[]) with ordinality as asked (id, ordinal)
      join dipper.access_point point on point.id = asked.id
      join dipper.place place on place.id = point.place
     order by asked.ordinal`.execute(db);
  return rows.map(({ zh, en, place_zh, place_en }) => ({ name: { zh, en }, place: { zh: place_zh, en: place_en } }));
}
