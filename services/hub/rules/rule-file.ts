import { suggestName } from '@dipper/contract/nearest-name';
import { nameOfPath, readStrictYaml, type StrictYaml } from '@dipper/contract/strict-yaml';
import { createValidator } from '@dipper/contract/validation';
import { readYamlFile } from '../yaml-file.ts';
import type { ConditionRegistry } from './conditions.ts';
import { PLACEHOLDERS, placeholdersIn, Rule, RulesFile } from './rule.ts';

type Path = readonly (string | number)[];
type Report = (path: Path, text: string) => void;

/** What rules may name. */
export interface RuleVocabulary {
  readonly conditions: ConditionRegistry;
  /** That case templates may name; not checked when absent. */
  readonly categories?: readonly string[];
}

/**
 * Reads the alarm rules.
 * @param categories that case templates may name; not checked when absent
 * @throws ConfigInvalidError naming line, key and the nearest valid name
 */
export function readRulesFile(file: string, conditions: ConditionRegistry, categories?: readonly string[]): RulesFile {
  const yaml = readYamlFile(file, RulesFile);
  const seen = new Set<string>();
  for (const [index, rule] of yaml.value.rules.entries()) {
    const path = ['rules', index];
    if (seen.has(rule.id)) yaml.problem([...path, 'id'], `'${rule.id}' occurs twice`);
    seen.add(rule.id);
    checkRule(rule, path, { conditions, ...(categories === undefined ? {} : { categories }) }, yaml.problem);
  }
  yaml.check();
  return yaml.value;
}

/** A single rule as somebody wrote it, with what is wrong with it: each problem names its line and key. */
export type RuleReading =
  | { readonly rule: Rule; readonly problems: readonly [] }
  | { readonly problems: readonly string[] };

/** Reads one rule that is not part of a file. */
export function readRule(text: string, vocabulary: RuleVocabulary): RuleReading {
  let yaml: StrictYaml;
  try {
    yaml = readStrictYaml(text, Rule);
  } catch {
    // Aliases that grow without end, or a nesting that no rule has.
    return { problems: ['this is no rule that can be read'] };
  }
  const { value, problems, at } = yaml;
  if (problems.length > 0) return { problems };
  checkRule(value as Rule, [], vocabulary, (path, problem) => {
    problems.push(`${at(path)}${path.length === 0 ? 'the rule' : nameOfPath(path)}: ${problem}`);
  });
  return problems.length > 0 ? { problems } : { rule: value as Rule, problems: [] };
}

function checkRule(rule: Rule, path: Path, { conditions, categories }: RuleVocabulary, report: Report): void {
  checkWhen(report, [...path, 'when'], rule.when, conditions);
  checkClear(report, [...path, 'clear'], rule, conditions);
  checkTerms(report, path, rule);
  checkWhen(report, [...path, 'with', 'when'], rule.with?.when, conditions);
  checkWhen(report, [...path, 'without', 'when'], rule.without?.when, conditions);
  checkTemplates(report, path, rule);
  const category = rule.case?.category;
  if (category !== undefined && categories?.includes(category) === false) {
    report([...path, 'case', 'category'], `'${category}' is no category; ${suggestName(category, categories)}`);
  }
}

function checkWhen(report: Report, path: Path, when: Rule['when'], conditions: ConditionRegistry): void {
  for (const [name, parameters] of Object.entries(when ?? {})) {
    const condition = Object.hasOwn(conditions, name) ? conditions[name] : undefined;
    if (condition === undefined) {
      report([...path, name], `there is no such condition; ${suggestName(name, Object.keys(conditions))}`);
      continue;
    }
    const problems = createValidator(condition.parameters).problems(parameters);
    for (const problem of problems) report([...path, name], problem.message);
    const further = problems.length === 0 ? condition.problem?.(parameters) : undefined;
    if (further !== undefined) report([...path, name], further);
  }
}

function checkClear(report: Report, path: Path, { clear }: Rule, conditions: ConditionRegistry): void {
  const ways = [clear.on, clear.afterMin, clear.byHand, clear.onReturn].filter((way) => way !== undefined).length;
  if (ways !== 1) report(path, "needs exactly one of 'on', 'afterMin', 'byHand' and 'onReturn'");
  if (clear.when !== undefined && clear.on === undefined) report([...path, 'when'], "means nothing without 'on'");
  checkWhen(report, [...path, 'when'], clear.when, conditions);
}

/** What would contradict itself, or never come true. */
function checkTerms(report: Report, path: Path, rule: Rule): void {
  const { absence, clear } = rule;
  if ((absence === undefined) !== (clear.onReturn === undefined)) {
    report([...path, 'clear'], "'absence' and 'clear: { onReturn: true }' belong together");
  }
  if (absence !== undefined) {
    for (const key of ['count', 'with', 'without', 'onDelaySec', 'offDelaySec'] as const) {
      if (rule[key] !== undefined) report([...path, key], "does not go together with 'absence'");
    }
  }
  if (rule.with !== undefined && rule.without !== undefined) report([...path, 'without'], "give either it or 'with'");
  for (const key of ['with', 'without'] as const) {
    const witness = rule[key];
    if (witness !== undefined && (witness.beforeSec ?? 0) + (witness.afterSec ?? 0) === 0) {
      report([...path, key], "needs 'beforeSec' or 'afterSec'");
    }
  }
  if (rule.offDelaySec !== undefined && clear.on === undefined) {
    report([...path, 'offDelaySec'], "means nothing without 'clear: { on: … }'");
  }
}

function checkTemplates(report: Report, path: Path, rule: Rule): void {
  const templates: [Path, string][] = [
    [['key'], rule.key],
    [['title', 'zh'], rule.title.zh],
    [['title', 'en'], rule.title.en],
  ];
  if (rule.case !== undefined) {
    templates.push([['case', 'title', 'zh'], rule.case.title.zh], [['case', 'title', 'en'], rule.case.title.en]);
  }
  for (const [key, template] of templates) {
    for (const name of placeholdersIn(template)) {
      if (!PLACEHOLDERS.some((known) => known === name)) {
        report([...path, ...key], `{${name}} stands for nothing; ${suggestName(name, PLACEHOLDERS)}`);
      }
    }
  }
}
