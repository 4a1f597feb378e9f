import type { DryRunResult, NewRule, RuleChange, RuleDryRun, RuleVersion, RuleView } from '@dipper/contract/api/rule';
import { DipperError } from '@dipper/contract/errors';
import { stringify } from 'yaml';
import { translateUnavailable } from '../../database/errors.ts';
import { found } from '../../database/lookup.ts';
import type { Db, Tx } from '../../database/pool.ts';
import type { Rule, RulesFile } from '../../rules/rule.ts';
import type { RuleBook } from '../../rules/rule-book.ts';
import { type RuleVocabulary, readRule } from '../../rules/rule-file.ts';
import type { Actor } from '../../services.ts';
import { noteCarriedOut } from '../idempotency/idempotent-attempt.ts';
import type { PlaceDirectory } from '../place/place-directory.ts';
import { dryRun } from './dry-run.ts';
import type { RuleRow } from './rule.tables.ts';
import { whyNotInForce } from './rule-keeper.ts';

/** Alarm rules: those of the file to be looked at, those of the database to be changed. */
export interface RuleService {
  /** Those of the file in its order, then those of the database by id. */
  list(): Promise<RuleView[]>;
  get(id: string): Promise<RuleView>;
  /** Newest first; empty for rules of the file. */
  listVersions(id: string): Promise<RuleVersion[]>;
  /** @throws DipperError RULE_INVALID, RULE_EXISTS, RULE_IN_FILE */
  create(rule: NewRule, actor: Actor): Promise<RuleView>;
  /** @throws DipperError NOT_FOUND, RULE_INVALID, RULE_IN_FILE, VERSION_CONFLICT */
  change(id: string, change: RuleChange, actor: Actor): Promise<RuleView>;
  /**
   * @throws DipperError RULE_INVALID, DRY_RUN_NOT_POSSIBLE, DRY_RUN_TOO_LARGE, DRY_RUN_BUSY, or what the signal was
   *   aborted with
   */
  dryRun(request: RuleDryRun, signal: AbortSignal): Promise<DryRunResult>;
}

export interface RuleServiceOptions {
  readonly db: Db;
  readonly file: RulesFile;
  readonly vocabulary: RuleVocabulary;
  readonly bookOf: (file: RulesFile) => RuleBook;
  readonly places: PlaceDirectory;
  readonly now: () => number;
  /** Brings this copy's rules up to date. */
  readonly refresh: () => Promise<void>;
}

/** At once in one copy of the hub: each may read for 20 s and hold 40 MB of facts, beside what comes in. */
const MAX_DRY_RUNS = 2;

export function createRuleService(options: RuleServiceOptions): RuleService {
  const { db, file, vocabulary, now } = options;
  let dryRuns = 0;
  const inFile = new Map(file.rules.map((rule) => [rule.id, rule]));

  const viewOf = (row: RuleRow): RuleView => {
    const reading = readRule(row.yaml, vocabulary);
    const rule = 'rule' in reading ? reading.rule : undefined;
    return {
      id: row.id,
      origin: 'database',
      version: row.version,
      enabled: row.enabled,
      priority: rule?.priority ?? null,
      title: rule?.title ?? null,
      safetyCritical: rule?.safetyCritical === true,
      yaml: row.yaml,
      problems: whyNotInForce(row.id, row.yaml, file, vocabulary),
      changedAt: row.changed_at.toISOString(),
      changedBy: row.changed_by,
    };
  };
  const get = async (id: string): Promise<RuleView> => {
    const rule = inFile.get(id);
    if (rule !== undefined) return fileView(rule);
    const row = await db.selectFrom('dipper.rule').selectAll().where('id', '=', id).executeTakeFirst();
    return viewOf(found(row));
  };
  const validated = (yaml: string): Rule => {
    const reading = readRule(yaml, vocabulary);
    if ('rule' in reading) return reading.rule;
    throw new DipperError('RULE_INVALID', { detail: reading.problems.map(problemFrom) });
  };

  return {
    list: () =>
      translateUnavailable(async () => {
        const rows = await db.selectFrom('dipper.rule').selectAll().orderBy('id').execute();
        return [...file.rules.map(fileView), ...rows.map(viewOf)];
      }),
    get: (id) => translateUnavailable(() => get(id)),
    listVersions: (id) =>
      translateUnavailable(async () => {
        const { origin } = await get(id);
        if (origin === 'file') return [];
        const rows = await db
          .selectFrom('dipper.rule_version')
          .select(['version', 'enabled', 'yaml', 'at', 'by', 'note'])
          .where('rule', '=', id)
          .orderBy('version', 'desc')
          .execute();
        return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
      }),
    create: ({ yaml, enabled = true, note }, actor) =>
      translateUnavailable(async () => {
        const { id } = validated(yaml);
        if (inFile.has(id)) throw new DipperError('RULE_IN_FILE');
        const row = { id, version: 1, enabled, yaml, changed_at: new Date(now()), changed_by: actor.name };
        await db.transaction().execute(async (tx) => {
          const inserted = await tx
            .insertInto('dipper.rule')
            .values(row)
            .onConflict((conflict) => conflict.doNothing())
            .returning('id')
            .executeTakeFirst();
          if (inserted === undefined) throw new DipperError('RULE_EXISTS');
          await recordVersion(tx, row, note);
        });
        await options.refresh();
        return viewOf(row);
      }),
    change: (id, { version, note, ...change }, actor) =>
      translateUnavailable(async () => {
        if (inFile.has(id)) throw new DipperError('RULE_IN_FILE');
        if (change.yaml !== undefined && validated(change.yaml).id !== id) {
          throw new DipperError('RULE_INVALID', { detail: [{ path: '', message: `the id stays '${id}'` }] });
        }
        const row = await db.transaction().execute(async (tx) => {
          const before = found(
            await tx.selectFrom('dipper.rule').selectAll().where('id', '=', id).forUpdate().executeTakeFirst(),
          );
          if (before.version !== version) throw new DipperError('VERSION_CONFLICT');
          const next = {
            ...before,
            yaml: change.yaml ?? before.yaml,
            enabled: change.enabled ?? before.enabled,
            version: version + 1,
            changed_at: new Date(now()),
            changed_by: actor.name,
          };
          await tx.updateTable('dipper.rule').set(next).where('id', '=', id).execute();
          await recordVersion(tx, next, note);
          return next;
        });
        await options.refresh();
        return viewOf(row);
      }),
    dryRun: ({ yaml, from, until }, signal) =>
      translateUnavailable(async () => {
        const book = options.bookOf({ ...file, rules: [validated(yaml)] });
        if (dryRuns >= MAX_DRY_RUNS) throw new DipperError('DRY_RUN_BUSY');
        dryRuns += 1;
        try {
          return await dryRun(options, book, { from: new Date(from), until: new Date(until) }, signal);
        } finally {
          dryRuns -= 1;
        }
      }),
  };
}

/** A rule of the file, as far as it can be told without its comments. */
function fileView(rule: Rule): RuleView {
  return {
    id: rule.id,
    origin: 'file',
    version: null,
    enabled: true,
    priority: rule.priority,
    title: rule.title,
    safetyCritical: rule.safetyCritical === true,
    yaml: stringify(rule, { lineWidth: 100 }),
    problems: [],
    changedAt: null,
    changedBy: null,
  };
}

async function recordVersion(tx: Tx, row: RuleRow, note: string): Promise<void> {
  const { id, version, enabled, yaml, changed_at: at, changed_by: by } = row;
  await tx.insertInto('dipper.rule_version').values({ rule: id, version, enabled, yaml, at, by, note }).execute();
  await noteCarriedOut(tx);
}

/** `line 3: count is not a key` as the problem of a line. */
function problemFrom(text: string): { path: string; message: string } {
  const [, line, message] = /^(line \d+): (.*)$/s.exec(text) ?? [];
  return line === undefined ? { path: '', message: text } : { path: line, message: message ?? '' };
}
