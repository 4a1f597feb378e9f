import { randomUUID } from 'node:crypto';
import type {
  BlockRequest,
  CreatedCredential,
  HolderChange,
  HolderDetail,
  HolderView,
  NewCredential,
  NewHolder,
  NewPermit,
  NewVehicle,
} from '@dipper/contract/api/holder';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import { DipperError } from '@dipper/contract/errors';
import type { Insertable } from 'kysely';
import { translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import type { Sealer } from '../../sealer.ts';
import type { Actor } from '../../services.ts';
import { pageByOrdinal } from '../account/ordinal-page.ts';
import { refuseUnknownEstate } from '../place/known-estate.ts';
import { createChangeAccess } from '../policy/access-change.ts';
import type { AccessDb } from '../policy/access-db.ts';
import { createCredentialWriting } from './credential-writing.ts';
import {
  credentialFromRow,
  findHolder,
  type HolderFilter,
  holderFromRow,
  listCredentials,
  listHolders,
  listPermits,
  listVehicles,
  permitFromRow,
} from './holder.repository.ts';
import type { HolderRow, HolderTables } from './holder.tables.ts';
import { endHolder, endingOf, NO_CREDENTIAL_VALUE } from './holder-ending.ts';
import { permitRowFrom } from './permit-reading.ts';

type By = Pick<Actor, 'name'>;

/** Who may have credentials, what they have, and where it lets them through. */
export interface HolderService {
  list(query: PageQuery & HolderFilter): Promise<Page<HolderView>>;
  get(id: string): Promise<HolderDetail>;
  /** A resident. @throws DipperError REQUEST_INVALID for an estate that there is not */
  create(asked: NewHolder, by: By): Promise<HolderDetail>;
  /** A vehicle of a resident, with its plate. @throws DipperError HOLDER_ENDED, CREDENTIAL_INVALID, CREDENTIAL_IN_USE */
  addVehicle(id: string, asked: NewVehicle, by: By): Promise<HolderDetail>;
  /** @throws DipperError VERSION_CONFLICT, HOLDER_ENDED */
  change(id: string, change: HolderChange, by: By): Promise<HolderDetail>;
  /** Blocks them, with what belongs to them, or lets them through again. @throws DipperError HOLDER_ENDED */
  block(id: string, asked: BlockRequest, by: By): Promise<HolderDetail>;
  /** They have moved out: nothing of theirs opens any more, and values of credentials are forgotten. @throws DipperError HOLDER_ENDED */
  end(id: string, by: By): Promise<HolderDetail>;
  /** @throws DipperError HOLDER_ENDED, CREDENTIAL_INVALID, CREDENTIAL_IN_USE */
  addCredential(id: string, asked: NewCredential, by: By): Promise<CreatedCredential>;
  blockCredential(id: string, credential: string, asked: BlockRequest, by: By): Promise<HolderDetail>;
  /** Its value is forgotten, and permits that were bound to it end. */
  endCredential(id: string, credential: string, by: By): Promise<HolderDetail>;
  /** @throws DipperError HOLDER_ENDED, REQUEST_INVALID for access points, schedules and credentials of somewhere else */
  addPermit(id: string, asked: NewPermit, by: By): Promise<HolderDetail>;
  endPermit(id: string, permit: string, by: By): Promise<HolderDetail>;
}

export interface HolderServiceOptions {
  readonly db: AccessDb;
  readonly sealer: Sealer;
  /** Something has changed that policies are compiled of. */
  readonly onChange: () => void;
  readonly now: () => number;
}

export function createHolderService(options: HolderServiceOptions): HolderService {
  const { db, sealer, now } = options;
  const changeAccess = createChangeAccess(options);
  const credentials = createCredentialWriting(sealer);

  const detailOf = async (source: AccessDb, id: string): Promise<HolderDetail> => ({
    holder: holderFromRow(found(isUuid(id) ? await findHolder(source, id) : undefined)),
    credentials: (await listCredentials(source, id)).map(credentialFromRow),
    permits: (await listPermits(source, id)).map(permitFromRow),
    vehicles: (await listVehicles(source, id)).map(holderFromRow),
  });

  /** Changes something of a holder who is there, in one transaction with the note that policies have to follow. */
  const changing = <T>(id: string, work: (tx: AccessDb, holder: HolderRow) => Promise<T>): Promise<T> =>
    changeAccess(async (tx, follow) => {
      // No key: whoever gives out a pass refers to its host, and must not wait for us while we wait for them.
      const select = tx.selectFrom('dipper.access_holder').selectAll().where('id', '=', id).forNoKeyUpdate();
      const holder = found(isUuid(id) ? await select.executeTakeFirst() : undefined);
      if (holder.ended_at !== null) throw new DipperError('HOLDER_ENDED');
      const made = await work(tx, holder);
      await follow(holder.estate);
      return made;
    });

  const insertHolder = (
    tx: AccessDb,
    row: Pick<Insertable<HolderTables['dipper.access_holder']>, 'estate' | 'kind' | 'owner' | 'name' | 'unit'>,
    by: By,
  ): Promise<{ id: string }> => {
    const at = new Date(now());
    const fresh = { blocked_at: null, blocked_by: null, block_reason: null, ended_at: null };
    return tx
      .insertInto('dipper.access_holder')
      .values({ id: randomUUID(), ...row, ...fresh, created_at: at, changed_at: at, changed_by: by.name })
      .returning('id')
      .executeTakeFirstOrThrow();
  };

  return {
    list: (query) =>
      translateUnavailable(() =>
        pageByOrdinal(
          query,
          (behind, limit) => listHolders(db, query, behind, limit),
          ({ ordinal }) => ordinal,
          holderFromRow,
        ),
      ),
    get: (id) => translateUnavailable(() => detailOf(db, id)),
    create: ({ estate, name, unit = null }, by) =>
      changeAccess(async (tx, follow) => {
        await refuseUnknownEstate(tx, estate);
        const { id } = await insertHolder(tx, { estate, kind: 'resident', owner: null, name, unit }, by);
        await follow(estate);
        return detailOf(tx, id);
      }),
    addVehicle: (id, { name, plate }, by) =>
      changing(id, async (tx, { estate, kind }) => {
        if (kind !== 'resident')
          throw new DipperError('REQUEST_INVALID', { message: '/params/id: only a resident has vehicles' });
        const vehicle = await insertHolder(tx, { estate, kind: 'vehicle', owner: id, name, unit: null }, by);
        const owner = { holder: vehicle.id, estate, by: by.name, at: new Date(now()) };
        await credentials.insert(tx, { factor: 'plate', value: plate }, owner);
        return detailOf(tx, vehicle.id);
      }),
    change: (id, { version, ...change }, by) =>
      changing(id, async (tx, before) => {
        if (before.version !== version) throw new DipperError('VERSION_CONFLICT');
        await tx
          .updateTable('dipper.access_holder')
          .set({ ...change, version: version + 1, changed_at: new Date(now()), changed_by: by.name })
          .where('id', '=', id)
          .execute();
        return detailOf(tx, id);
      }),
    block: (id, asked, by) =>
      changing(id, async (tx, { version }) => {
        const at = new Date(now());
        await tx
          .updateTable('dipper.access_holder')
          .set({ ...blockingFrom(asked, by, at), version: version + 1, changed_at: at, changed_by: by.name })
          .where('id', '=', id)
          .execute();
        return detailOf(tx, id);
      }),
    end: (id, by) =>
      changing(id, async (tx) => {
        await endHolder(tx, id, by.name, new Date(now()));
        return detailOf(tx, id);
      }),
    addCredential: (id, asked, by) =>
      changing(id, async (tx, { estate }) => {
        const owner = { holder: id, estate, by: by.name, at: new Date(now()) };
        const { row, pin } = await credentials.insert(tx, asked, owner);
        return { credential: credentialFromRow(row), pin };
      }),
    blockCredential: (id, credential, asked, by) =>
      changing(id, async (tx) => {
        const { numUpdatedRows } = await tx
          .updateTable('dipper.access_credential')
          .set(blockingFrom(asked, by, new Date(now())))
          .where('holder', '=', id)
          .where('id', '=', uuidOrThrow(credential))
          .where('ended_at', 'is', null)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw new DipperError('NOT_FOUND');
        return detailOf(tx, id);
      }),
    endCredential: (id, credential, by) =>
      changing(id, async (tx) => {
        const at = new Date(now());
        const { numUpdatedRows } = await tx
          .updateTable('dipper.access_credential')
          .set({ ...NO_CREDENTIAL_VALUE, ended_at: at })
          .where('holder', '=', id)
          .where('id', '=', uuidOrThrow(credential))
          .where('ended_at', 'is', null)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw new DipperError('NOT_FOUND');
        await tx
          .updateTable('dipper.access_permit')
          .set(endingOf(by.name, at))
          .where('credential', '=', credential)
          .where('ended_at', 'is', null)
          .execute();
        return detailOf(tx, id);
      }),
    addPermit: (id, asked, by) =>
      changing(id, async (tx, { estate }) => {
        const row = await permitRowFrom(tx, asked, { holder: id, estate }, new Date(now()), by.name);
        await tx.insertInto('dipper.access_permit').values(row).execute();
        return detailOf(tx, id);
      }),
    endPermit: (id, permit, by) =>
      changing(id, async (tx) => {
        const { numUpdatedRows } = await tx
          .updateTable('dipper.access_permit')
          .set(endingOf(by.name, new Date(now())))
          .where('holder', '=', id)
          .where('id', '=', uuidOrThrow(permit))
          .where('ended_at', 'is', null)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw new DipperError('NOT_FOUND');
        return detailOf(tx, id);
      }),
  };
}

function blockingFrom({ blocked, reason }: BlockRequest, by: By, at: Date) {
  return blocked
    ? { blocked_at: at, blocked_by: by.name, block_reason: reason }
    : { blocked_at: null, blocked_by: null, block_reason: null };
}

function uuidOrThrow(id: string): string {
  if (!isUuid(id)) throw new DipperError('NOT_FOUND');
  return id;
}
