import { createHash, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db, Tx } from '../database/pool.ts';
import type { RuleBook } from '../rules/rule-book.ts';

const SAID_EVERY_MS = 10_000;
/** A copy that was not heard of for so long is gone; longer than a database takes to be there again after a restart. */
const GONE_AFTER_MIN = 5;

/** What this copy of the hub and the others know of each other's rules. */
export interface RuleCopies {
  /** Says by which rules this copy goes, when that is new or was said a while ago. */
  announce(db: Db, rules: RuleBook): Promise<void>;
  /** Whether every copy that is running goes by these rules. */
  agree(tx: Tx, rules: RuleBook): Promise<boolean>;
  /** Says that this copy goes by no rules any more. */
  leave(db: Db): Promise<void>;
}

/**
 * During a rolling update copies of the hub have different rules for a while. What one of them does not know is no
 * leftover while another does: each would undo the other's alarms. Ages are measured by the clock of the database.
 */
export function createRuleCopies(monotonicNow: () => number): RuleCopies {
  const copy = randomUUID();
  let said: { readonly rules: RuleBook; readonly at: number } | undefined;
  return {
    async announce(db, rules) {
      if (said?.rules === rules && monotonicNow() - said.at < SAID_EVERY_MS) return;
      await sql`
        insert into dipper.rule_copy (copy, fingerprint, seen_at) values (${copy}::uuid, ${fingerprintOf(rules)}, now())
        on conflict (copy) do update set fingerprint = excluded.fingerprint, seen_at = excluded.seen_at`.execute(db);
      said = { rules, at: monotonicNow() };
      // Far in the future: from before the clock was set back. Who is running says so again soon.
      await sql`
        delete from dipper.rule_copy where seen_at not between now() - ${GONE_AFTER_MIN} * interval '1 minute'
                                                           and now() + ${GONE_AFTER_MIN} * interval '1 minute'`.execute(
        db,
      );
    },
    async agree(tx, rules) {
      const { rows } = await sql<{ agree: boolean }>`
        select coalesce(bool_and(fingerprint = ${fingerprintOf(rules)}), true) as agree from dipper.rule_copy`.execute(
        tx,
      );
      return rows[0]?.agree === true;
    },
    async leave(db) {
      await sql`delete from dipper.rule_copy where copy = ${copy}::uuid`.execute(db);
    },
  };
}

/** Of what decides which alarms a rule can end; titles may differ. */
function fingerprintOf(rules: RuleBook): string {
  const told = rules.all().map(({ rule: { id, key, clear } }) => JSON.stringify([id, key, clear]));
  return createHash('sha256').update(told.sort().join('\n')).digest('hex');
}
