import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Db } from '../../database/pool.ts';
import type { LiveRuleBook } from '../../rules/live-rule-book.ts';
import type { Rule, RulesFile } from '../../rules/rule.ts';
import type { RuleBook } from '../../rules/rule-book.ts';
import { type RuleVocabulary, readRule } from '../../rules/rule-file.ts';

/** Changes made through another copy of the hub are in force here within this time. */
const POLL_MS = 1_000;

export interface RuleKeeperOptions {
  readonly db: Db;
  /** The rules of the file: they are always in force. */
  readonly file: RulesFile;
  readonly vocabulary: RuleVocabulary;
  readonly bookOf: (file: RulesFile) => RuleBook;
  readonly book: LiveRuleBook;
  readonly log: Logger;
}

/** Keeps the rule book at what the database says. */
export interface RuleKeeper {
  /** Looks whether a rule was changed, and brings the book up to date. */
  refresh(): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
}

export function createRuleKeeper(options: RuleKeeperOptions): RuleKeeper {
  const { db, file, vocabulary, book, log } = options;
  let newest = '0';
  let refreshing: Promise<void> | undefined;

  const readEnabled = async (): Promise<Rule[]> => {
    const rows = await db
      .selectFrom('dipper.rule')
      .select(['id', 'yaml'])
      .where('enabled', '=', true)
      .orderBy('id')
      .execute();
    return rows.flatMap(({ id, yaml }) => {
      const problems = whyNotInForce(id, yaml, file, vocabulary);
      const reading = readRule(yaml, vocabulary);
      if ('rule' in reading && problems.length === 0) return [reading.rule];
      log.warn({ rule: id, problems }, 'a rule of the database is not in force');
      return [];
    });
  };
  const look = async (): Promise<void> => {
    const { rows } = await sql<{ newest: string }>`
      select coalesce(max(id), 0) as newest from dipper.rule_version`.execute(db);
    const current = rows[0]?.newest ?? '0';
    if (current === newest) return;
    const own = await readEnabled();
    book.replace(options.bookOf({ ...file, rules: [...file.rules, ...own] }));
    newest = current;
    log.info({ rules: own.length }, 'the rules of the database are in force');
  };
  // One after the other: an older reading must not replace a newer one.
  const refresh = (): Promise<void> => {
    const next = (refreshing ?? Promise.resolve()).catch(() => undefined).then(look);
    refreshing = next;
    return next;
  };
  return {
    refresh,
    async run(signal) {
      while (!signal.aborted) {
        await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
        await refresh().catch((error: unknown) => log.debug({ err: error }, 'cannot look for changed rules'));
      }
    },
  };
}

/** Why a rule of the database is not in force though it is enabled; empty when it is. */
export function whyNotInForce(id: string, yaml: string, file: RulesFile, vocabulary: RuleVocabulary): string[] {
  if (file.rules.some((rule) => rule.id === id))
    return [`the rules file has a rule '${id}', and it is the one in force`];
  return [...readRule(yaml, vocabulary).problems];
}
