import type { HubKeyView } from '@dipper/contract/api/hub-key';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import { DipperError } from '@dipper/contract/errors';
import { hubKeyId } from '@dipper/contract/hub-key-id';
import { exportJWK, generateKeyPair } from 'jose';
import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../../database/schema.ts';
import type { Sealer } from '../../sealer.ts';
import { pageByOrdinal } from '../account/ordinal-page.ts';
import { createChangeSet } from '../change/change-set.ts';
import { noteCarriedOut } from '../idempotency/idempotent-attempt.ts';
import type { HubKeyTables } from './hub-key.tables.ts';
import { contextOf, type HubKeyRow } from './hub-keyring.ts';

/** Replaces the key with which the hub signs. */
export interface HubKeyService {
  /** Newest first. */
  list(query: PageQuery): Promise<Page<HubKeyView>>;
  /** Makes the next key; agents are told. @throws DipperError HUB_KEY_ROTATION_UNDER_WAY */
  begin(): Promise<HubKeyView>;
  /**
   * Signs with the next key from now on, and forgets the present one. Agents that have not learnt it are lost.
   * @throws DipperError NOT_FOUND unless it is the next
   */
  activate(kid: string): Promise<HubKeyView>;
}

export interface HubKeyServiceOptions {
  readonly db: Kysely<Database & HubKeyTables>;
  readonly sealer: Sealer;
  /** Called when keys have changed; settles once this copy of the hub goes by them. */
  readonly onChange: () => Promise<void>;
  readonly now?: () => number;
}

export function createHubKeyService({ db, sealer, onChange, now = Date.now }: HubKeyServiceOptions): HubKeyService {
  return {
    list: (query) =>
      pageByOrdinal(
        query,
        (behind, limit) => {
          let select = db.selectFrom('dipper.hub_key').selectAll().orderBy('ordinal', 'desc').limit(limit);
          if (behind !== undefined) select = select.where('ordinal', '<', behind);
          return select.execute();
        },
        ({ ordinal }) => ordinal,
        viewOf,
      ),
    async begin() {
      const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
      const jwk = { ...(await exportJWK(privateKey)), alg: 'EdDSA', use: 'sig' };
      const x = jwk.x ?? '';
      const kid = hubKeyId({ kty: 'OKP', crv: 'Ed25519', x });
      const row = await db.transaction().execute(async (tx) => {
        const made = await tx
          .insertInto('dipper.hub_key')
          .values({
            kid,
            x,
            state: 'next',
            sealed: sealer.seal(JSON.stringify(jwk), contextOf(kid)),
            made_at: new Date(now()),
          })
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst();
        if (made === undefined) throw new DipperError('HUB_KEY_ROTATION_UNDER_WAY');
        await noteCarriedOut(tx);
        return made;
      });
      await onChange();
      return viewOf(row);
    },
    async activate(kid) {
      const row = await db.transaction().execute(async (tx) => {
        const activated = await activateNext(tx, kid, new Date(now()));
        if (activated === undefined) throw new DipperError('NOT_FOUND');
        await tellOfAgents(tx, new Date(now()));
        await noteCarriedOut(tx);
        return activated;
      });
      await onChange();
      return viewOf(row);
    },
  };
}

/** Undefined unless the key is the next one; of two that try at once, one does it. */
async function activateNext(
  tx: Transaction<Database & HubKeyTables>,
  kid: string,
  at: Date,
): Promise<HubKeyRow | undefined> {
  const next = await tx
    .selectFrom('dipper.hub_key')
    .select('kid')
    .where('kid', '=', kid)
    .where('state', '=', 'next')
    .forUpdate()
    .executeTakeFirst();
  if (next === undefined) return undefined;
  // The private half goes: what nobody can sign with any more, nobody can steal.
  await tx
    .updateTable('dipper.hub_key')
    .set({ state: 'retired', sealed: null, retired_at: at })
    .where('state', '=', 'current')
    .execute();
  return tx
    .updateTable('dipper.hub_key')
    .set({ state: 'current', current_at: at })
    .where('kid', '=', kid)
    .returningAll()
    .executeTakeFirst();
}

/** What agents believe means something else now, also of those that say nothing. */
async function tellOfAgents(tx: Transaction<Database & HubKeyTables>, at: Date): Promise<void> {
  const changes = createChangeSet();
  for (const { agent } of await tx.selectFrom('dipper.agent_status').select('agent').execute()) {
    changes.updated('agent', agent);
  }
  await changes.insertion(at)?.execute(tx);
}

function viewOf(row: HubKeyRow): HubKeyView {
  return {
    id: row.kid,
    state: row.state,
    madeAt: row.made_at.toISOString(),
    currentAt: row.current_at?.toISOString() ?? null,
    retiredAt: row.retired_at?.toISOString() ?? null,
  };
}
