import { setTimeout as delay } from 'node:timers/promises';
import type { HubKey } from '@dipper/contract/hub-key';
import { hubKeyId } from '@dipper/contract/hub-key-id';
import { type CryptoKey, importJWK, type JWK } from 'jose';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Logger } from 'pino';
import type { Sealer } from '../../sealer.ts';
import { putSigningKey, type SigningKey } from '../../signing-key.ts';
import type { HubKeyTables } from './hub-key.tables.ts';

/** What another copy of the hub has decided is known here within this time. */
const POLL_MS = 1_000;

export type HubKeyRow = Selectable<HubKeyTables['dipper.hub_key']>;

/** The keys of the hub, the same for all its copies: they stand in the database, sealed. */
export interface HubKeyring {
  /** What the hub signs with now. */
  readonly signer: () => CryptoKey;
  /** What agents shall believe: the current key, and the next where there is one. */
  publicKeys(): readonly HubKey[];
  /**
   * Enters the key of the file where the database does not know it: the first one, or one that somebody has put there
   * instead. Then the same as `refresh`.
   */
  adopt(): Promise<void>;
  /** Takes up what the database says; the key file and what lies beside it follow. */
  refresh(): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
}

export interface HubKeyringOptions {
  readonly db: Kysely<HubKeyTables>;
  readonly sealer: Sealer;
  /** As it was read at the start. */
  readonly signingKey: SigningKey;
  readonly keyFile: string;
  readonly log: Logger;
}

export function createHubKeyring({ db, sealer, signingKey, keyFile, log }: HubKeyringOptions): HubKeyring {
  const first = publicHalf(signingKey.publicJwk);
  const privateKeys = new Map([[hubKeyId(first), signingKey.privateKey]]);
  let signer = signingKey.privateKey;
  let known: readonly HubKey[] = [first];
  let inFile = hubKeyId(first);

  const refresh = async (): Promise<void> => {
    const rows = await db.selectFrom('dipper.hub_key').selectAll().where('state', '<>', 'retired').execute();
    const current = rows.find(({ state }) => state === 'current');
    if (current === undefined) return;
    const [before = first] = known;
    const jwk = privateKeys.has(current.kid) && inFile === current.kid ? undefined : openKey(sealer, current);
    const key = privateKeys.get(current.kid) ?? ((await importJWK(jwk ?? {}, 'EdDSA')) as CryptoKey);
    privateKeys.clear();
    privateKeys.set(current.kid, key);
    signer = key;
    known = [current, ...rows.filter(({ state }) => state === 'next')].map(({ x }) => ({
      kty: 'OKP',
      crv: 'Ed25519',
      x,
    }));
    if (jwk === undefined || inFile === current.kid) return;
    inFile = current.kid;
    log.info({ key: current.kid }, 'the hub signs with another key');
    try {
      putSigningKey(keyFile, jwk, before);
    } catch (error) {
      log.warn({ err: error, file: keyFile }, 'the key file could not be replaced; the database has the key');
    }
  };
  return {
    signer: () => signer,
    publicKeys: () => known,
    async adopt() {
      const sealed = sealer.seal(JSON.stringify(signingKey.privateJwk), contextOf(inFile));
      const isReplaced = await enterKey(db, { kid: inFile, x: first.x, sealed });
      if (isReplaced)
        log.warn({ key: inFile }, 'the key file holds a key that the database does not know: it is the key now');
      await refresh();
    },
    refresh,
    async run(signal) {
      while (!signal.aborted) {
        await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
        await refresh().catch((error: unknown) => log.warn({ err: error }, 'the hub’s keys could not be read again'));
      }
    },
  };
}

/** @returns whether it took the place of another */
function enterKey(
  db: Kysely<HubKeyTables>,
  { kid, x, sealed }: Pick<HubKeyRow, 'kid' | 'x' | 'sealed'>,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    // Copies that start together enter one key.
    await sql`lock table dipper.hub_key in share row exclusive mode`.execute(tx);
    const same = await tx.selectFrom('dipper.hub_key').select('kid').where('kid', '=', kid).executeTakeFirst();
    if (same !== undefined) return false;
    const now = new Date();
    const { numUpdatedRows } = await tx
      .updateTable('dipper.hub_key')
      .set({ state: 'retired', sealed: null, retired_at: now })
      .where('state', '<>', 'retired')
      .executeTakeFirstOrThrow();
    await tx
      .insertInto('dipper.hub_key')
      .values({ kid, x, sealed, state: 'current', made_at: now, current_at: now, retired_at: null })
      .execute();
    return numUpdatedRows > 0n;
  });
}

/** What a sealed private key belongs to. */
export function contextOf(kid: string): string {
  return `hub-key:${kid}`;
}

function openKey(sealer: Sealer, { kid, sealed }: HubKeyRow): JWK {
  if (sealed === null) throw new Error(`key ${kid} has no private half in the database`);
  return JSON.parse(sealer.open(sealed, contextOf(kid))) as JWK;
}

function publicHalf({ x = '' }: JWK): HubKey {
  return { kty: 'OKP', crv: 'Ed25519', x };
}
