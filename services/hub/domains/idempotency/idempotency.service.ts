import { createHash, randomUUID } from 'node:crypto';
import { DipperError } from '@dipper/contract/errors';
import { type Kysely, sql } from 'kysely';
import type { Sealer } from '../../sealer.ts';
import type { IdempotencyTables } from './idempotency.tables.ts';
import type { IdempotentAttempt } from './idempotent-attempt.ts';

/** How long a first answer is repeated. */
export const KEPT_HOURS = 24;
/** Longer than any request takes: a statement is given up after 30 s (database/pool.ts), an edge after 10 s. */
const LEASE_SEC = 60;
/** What is asked for again while the first is under way should not be asked for at once. */
const RETRY_SEC = 1;
const MAX_FORGOTTEN_ROWS = 1_000;

/** A request as far as its key is concerned. */
export interface KeyedRequest {
  readonly account: string;
  readonly route: string;
  readonly key: string;
  /** Address with query, and body: what has to be the same. */
  readonly content: string;
}

export interface StoredAnswer {
  readonly status: number;
  readonly location: string | null;
  readonly body: string;
}

export interface IdempotencyService {
  /**
   * Takes a key for an attempt, or finds the answer of the first.
   * @throws DipperError IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS, IDEMPOTENCY_ANSWER_LOST
   */
  claim(request: KeyedRequest): Promise<{ attempt: IdempotentAttempt } | { answer: StoredAnswer }>;
  /** Keeps the answer of an attempt for those who ask again. */
  keep(attempt: IdempotentAttempt, answer: StoredAnswer): Promise<void>;
  /** Gives the key back where nothing was changed; otherwise the next who asks is told that the answer is lost. */
  release(attempt: IdempotentAttempt): Promise<void>;
  /** Deletes what is older than a day. */
  forget(): Promise<void>;
}

export function createIdempotencyService(db: Kysely<IdempotencyTables>, sealer: Sealer): IdempotencyService {
  const contextOf = ({ account, route, key }: Omit<IdempotentAttempt, 'attempt'>): string =>
    `idempotency ${account} ${route} ${key}`;
  const isOurs = ({ account, route, key, attempt }: IdempotentAttempt) =>
    sql<boolean>`account = ${account}::uuid and route = ${route} and key = ${key} and attempt = ${attempt}::uuid`;

  return {
    async claim({ account, route, key, content }) {
      const fingerprint = createHash('sha256').update(content).digest();
      const attempt = randomUUID();
      // One statement, by the database's clock: of two at once exactly one gets a row back.
      const { rows: taken } = await sql`
        insert into dipper.idempotency_key as known (account, route, key, fingerprint, attempt, lease_until, created_at)
        values (${account}::uuid, ${route}, ${key}, ${fingerprint}, ${attempt}::uuid,
                clock_timestamp() + make_interval(secs => ${LEASE_SEC}), clock_timestamp())
        on conflict (account, route, key) do update
           set fingerprint = excluded.fingerprint, attempt = excluded.attempt, lease_until = excluded.lease_until,
               carried_out_at = null, status = null, location = null, answer = null, created_at = excluded.created_at
         where known.created_at < clock_timestamp() - make_interval(hours => ${KEPT_HOURS})
            or (known.status is null and known.carried_out_at is null and known.fingerprint = excluded.fingerprint
                and known.lease_until < clock_timestamp())
        returning 1`.execute(db);
      if (taken.length > 0) return { attempt: { account, route, key, attempt } };
      const known = await db
        .selectFrom('dipper.idempotency_key')
        .select(['fingerprint', 'status', 'location', 'answer', 'carried_out_at'])
        .select(sql<boolean>`lease_until < clock_timestamp()`.as('is_abandoned'))
        .where('account', '=', account)
        .where('route', '=', route)
        .where('key', '=', key)
        .executeTakeFirst();
      if (known !== undefined && !known.fingerprint.equals(fingerprint)) {
        throw new DipperError('IDEMPOTENCY_KEY_REUSED');
      }
      if (known?.answer != null && known.status !== null) {
        const body = sealer.open(known.answer, contextOf({ account, route, key }));
        return { answer: { status: known.status, location: known.location, body } };
      }
      if (known?.carried_out_at != null && known.is_abandoned) throw new DipperError('IDEMPOTENCY_ANSWER_LOST');
      throw new DipperError('IDEMPOTENCY_IN_PROGRESS', { detail: { retryAfterSec: RETRY_SEC } });
    },
    async keep(attempt, { status, location, body }) {
      await db
        .updateTable('dipper.idempotency_key')
        .set({ status, location, answer: sealer.seal(body, contextOf(attempt)) })
        .where(isOurs(attempt))
        .execute();
    },
    async release(attempt) {
      await db
        .deleteFrom('dipper.idempotency_key')
        .where(isOurs(attempt))
        .where('carried_out_at', 'is', null)
        .execute();
      await db
        .updateTable('dipper.idempotency_key')
        .set({ lease_until: sql<Date>`clock_timestamp()` })
        .where(isOurs(attempt))
        .execute();
    },
    async forget() {
      await sql`
        delete from dipper.idempotency_key
         where (account, route, key) in (
           select account, route, key from dipper.idempotency_key
            where created_at < clock_timestamp() - make_interval(hours => ${KEPT_HOURS})
            limit ${MAX_FORGOTTEN_ROWS})`.execute(db);
    },
  };
}
