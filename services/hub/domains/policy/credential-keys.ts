import { createHash, createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CREDENTIAL_KEY_BYTES } from '@dipper/contract/credential-hmac';
import type { Kysely } from 'kysely';
import { ConfigInvalidError } from '../../config-error.ts';
import type { Sealer } from '../../sealer.ts';
import type { PolicyTables } from './policy.tables.ts';

// biome-ignore lint/suspicious/noExplicitAny: databases and transactions of every set of tables
type AnyDb = Kysely<any>;

export interface CredentialKey {
  readonly agent: string;
  readonly estate: string;
  /** Tells it from the one before; nothing follows from it. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** The keys under which edges know credentials, one for each: sealed here, in a file there. */
export interface CredentialKeys {
  /** A new key for an agent that comes in, in place of the one before. */
  issue(tx: AnyDb, agent: { readonly estate: string; readonly agent: string }, at: Date): Promise<Buffer>;
  find(db: AnyDb, agent: string): Promise<CredentialKey | undefined>;
  /** The agent gets no policy any more. */
  remove(tx: AnyDb, agent: string): Promise<void>;
  /** Enters the keys of HUB_CREDENTIAL_KEYS_FILE; where the database has another, that of the file counts. */
  adopt(db: AnyDb, at: Date): Promise<void>;
}

/** A line of the file: `estate/agent:key in base64`. */
const LINE = /^([a-z0-9][a-z0-9-]{0,62})\/([a-z0-9][a-z0-9-]{0,62}):([A-Za-z0-9+/]{43}=)$/;

/**
 * @param file with keys of agents that were brought in by hand; undefined where there is none
 * @throws ConfigInvalidError when the file cannot be used
 */
export function createCredentialKeys(sealer: Sealer, file: string | undefined): CredentialKeys {
  const given = file === undefined ? [] : readKeyFile(file);
  const enter = async (
    tx: AnyDb,
    { agent, estate }: { readonly estate: string; readonly agent: string },
    key: Buffer,
    at: Date,
  ): Promise<void> => {
    const row = {
      estate,
      id: keyIdOf(key),
      sealed: sealer.seal(key.toString('base64'), contextOf(agent)),
      made_at: at,
    };
    await tablesOf(tx)
      .insertInto('dipper.credential_key')
      .values({ agent, ...row })
      .onConflict((conflict) => conflict.column('agent').doUpdateSet(row))
      .execute();
  };
  const find = async (db: AnyDb, agent: string): Promise<CredentialKey | undefined> => {
    const row = await tablesOf(db)
      .selectFrom('dipper.credential_key')
      .selectAll()
      .where('agent', '=', agent)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const key = Buffer.from(sealer.open(row.sealed, contextOf(agent)), 'base64');
    return { agent, estate: row.estate, id: row.id, key };
  };
  return {
    async issue(tx, agent, at) {
      const key = randomBytes(CREDENTIAL_KEY_BYTES);
      await enter(tx, agent, key, at);
      return key;
    },
    find,
    async remove(tx, agent) {
      // Its policy stays: when it comes in again the next version is a higher one.
      await tablesOf(tx).deleteFrom('dipper.credential_key').where('agent', '=', agent).execute();
    },
    async adopt(db, at) {
      for (const { key, ...agent } of given) {
        const known = await tablesOf(db)
          .selectFrom('dipper.credential_key')
          .select(['id', 'estate'])
          .where('agent', '=', agent.agent)
          .executeTakeFirst();
        if (known?.id !== keyIdOf(key) || known.estate !== agent.estate) await enter(db, agent, key, at);
      }
    },
  };
}

function tablesOf(db: AnyDb): Kysely<PolicyTables> {
  return db;
}

/** What a key is called. */
export function keyIdOf(key: Uint8Array): string {
  const derived = createHmac('sha256', key).update('credential-key-id').digest();
  return createHash('sha256').update(derived).digest('hex').slice(0, 16);
}

/** What a sealed key belongs to. */
function contextOf(agent: string): string {
  return `credential-key:${agent}`;
}

function readKeyFile(file: string): { readonly estate: string; readonly agent: string; readonly key: Buffer }[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigInvalidError(file, [`cannot be read: ${(cause as Error).message}`], { cause });
  }
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const [, estate, agent, key] = LINE.exec(line.trim()) ?? [];
    if (estate === undefined || agent === undefined || key === undefined) {
      // The line itself may hold a key.
      throw new ConfigInvalidError(file, [`line ${index + 1} is not of the form estate/agent:key (32 bytes, base64)`]);
    }
    return [{ estate, agent, key: Buffer.from(key, 'base64') }];
  });
}
