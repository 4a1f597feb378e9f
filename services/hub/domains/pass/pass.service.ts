import type { Page, PageQuery } from '@dipper/contract/api/page';
import {
  DEFAULT_PASS_USES,
  type IssuedPass,
  type NewPass,
  type PassRevocation,
  type PassView,
} from '@dipper/contract/api/pass';
import { DipperError } from '@dipper/contract/errors';
import { translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import type { Sealer } from '../../sealer.ts';
import type { Actor } from '../../services.ts';
import { pageByOrdinal } from '../account/ordinal-page.ts';
import { invalidField } from '../case/invalid-field.ts';
import { refuseUnknownEstate } from '../place/known-estate.ts';
import { createChangeAccess } from '../policy/access-change.ts';
import type { AccessDb, AccessTx } from '../policy/access-db.ts';
import { findPass, listPasses, type PassFilter, passFromRow, type ShownPassRow } from './pass.repository.ts';
import { endPass } from './pass-ending.ts';
import { type PassIssuing, passCodeContext } from './pass-issuing.ts';

type By = Pick<Actor, 'name'>;

/** Passes of visitors, as those who give them out see them. */
export interface PassService {
  list(query: PageQuery & PassFilter): Promise<Page<PassView>>;
  /** With the code of the visitor's page, as long as the pass may open something. */
  get(id: string): Promise<IssuedPass>;
  /** @throws DipperError REQUEST_INVALID, HOLDER_ENDED, CREDENTIAL_INVALID, CREDENTIAL_IN_USE */
  issue(asked: NewPass, by: By): Promise<IssuedPass>;
  /** Opens nothing from then on. @throws DipperError PASS_ENDED */
  revoke(id: string, asked: PassRevocation, by: By): Promise<IssuedPass>;
}

export interface PassServiceOptions {
  readonly db: AccessDb;
  readonly sealer: Sealer;
  readonly issuing: PassIssuing;
  /** Something has changed that policies are compiled of. */
  readonly onChange: () => void;
  readonly now: () => number;
}

export function createPassService(options: PassServiceOptions): PassService {
  const { db, sealer, issuing, now } = options;
  const changeAccess = createChangeAccess(options);
  const issuedFrom = (row: ShownPassRow): IssuedPass => ({
    pass: passFromRow(row, new Date(now())),
    code:
      row.sealed_code === null || row.revoked_at !== null
        ? null
        : sealer.open(row.sealed_code, passCodeContext(row.id)),
  });
  const reach = async (source: AccessDb, id: string): Promise<ShownPassRow> =>
    found(isUuid(id) ? await findPass(source, id) : undefined);

  return {
    list: (query) =>
      translateUnavailable(() => {
        const at = new Date(now());
        return pageByOrdinal(
          query,
          (behind, limit) => listPasses(db, query, at, behind, limit),
          ({ ordinal }) => ordinal,
          (row) => passFromRow(row, at),
        );
      }),
    get: (id) => translateUnavailable(async () => issuedFrom(await reach(db, id))),
    issue: ({ host = null, note = null, uses = DEFAULT_PASS_USES, ...asked }, by) =>
      changeAccess(async (tx, follow) => {
        await refuseUnknownEstate(tx, asked.estate);
        await follow(asked.estate);
        if (host !== null) await checkHost(tx, host, asked.estate);
        const id = await issuing.issue(tx, { ...asked, uses, host, note, by: by.name }, new Date(now()));
        return issuedFrom(await reach(tx, id));
      }),
    revoke: (id, { reason }, by) =>
      changeAccess(async (tx, follow) => {
        const row = await reach(tx, id);
        await follow(row.estate);
        await endPass(tx, row, { by: by.name, reason }, new Date(now()));
        return issuedFrom(await reach(tx, id));
      }),
  };
}

/** @throws DipperError REQUEST_INVALID, HOLDER_ENDED */
async function checkHost(tx: AccessTx, host: string, estate: string): Promise<void> {
  const row = await tx
    .selectFrom('dipper.access_holder')
    .select(['kind', 'ended_at'])
    .where('id', '=', host)
    .where('estate', '=', estate)
    .executeTakeFirst();
  if (row?.kind !== 'resident') throw invalidField('host', 'there is no such resident in this estate');
  if (row.ended_at !== null) throw new DipperError('HOLDER_ENDED');
}
