import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';

export interface Attempts {
  readonly since: Date;
  readonly count: number;
}

/** Counts per key that all copies of the hub share. A count begins anew once it is older than the window. */
export interface SignInAttempts {
  /** Adds one to each; in the order of the keys. */
  add(keys: readonly string[], now: Date, windowMs: number): Promise<readonly Attempts[]>;
  /** Takes one from each. */
  takeBack(keys: readonly string[]): Promise<void>;
  forget(keys: readonly string[]): Promise<void>;
  /** Removes what is older than the window. */
  removeOld(before: Date): Promise<void>;
}

const SIGN_INS = 'dipper.sign_in_attempt';

/** @param table of keys with their counts, where not those of sign-ins: what is old is removed table by table */
// biome-ignore lint/suspicious/noExplicitAny: its tables have this one form
export function createSignInAttempts(database: Kysely<any>, table = SIGN_INS): SignInAttempts {
  const counts = sql.table(table);
  return {
    async add(keys, now, windowMs) {
      const digests = keys.map(digestOf);
      const before = new Date(now.getTime() - windowMs);
      // In the order of the digests: two that count the same keys wait for each other and never in a circle.
      const { rows } = await sql<Attempts & { key: string }>`
        insert into ${counts} as known (key, since, count)
        select key, ${now}::timestamptz, 1 from unnest(${digests}::text[]) as key order by key
        on conflict (key) do update
          set count = case when known.since <= ${before} then 1 else known.count + 1 end,
              since = case when known.since <= ${before} then excluded.since else known.since end
        returning key, since, count`.execute(database);
      return digests.map((digest) => rows.find(({ key }) => key === digest) ?? { since: now, count: 1 });
    },
    async takeBack(keys) {
      await sql`update ${counts} set count = count - 1 where count > 0 and key in
        (select key from ${counts} where key = any(${keys.map(digestOf)}::text[]) order by key for update)
      `.execute(database);
    },
    async forget(keys) {
      await sql`delete from ${counts} where key = any(${keys.map(digestOf)}::text[])`.execute(database);
    },
    async removeOld(before) {
      await sql`delete from ${counts} where since < ${before}`.execute(database);
    },
  };
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
