import { suggestName } from '@dipper/contract/nearest-name';
import { createValidator } from '@dipper/contract/validation';
import { readYamlFile, type YamlFile } from '../yaml-file.ts';
import type { ConditionRegistry } from './conditions.ts';
import { PLACEHOLDERS, placeholdersIn, type Rule, RulesFile } from './rule.ts';

type Path = readonly (string | number)[];

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
    checkWhen(yaml, [...path, 'when'], rule.when, conditions);
    checkClear(yaml, [...path, 'clear'], rule, conditions);
    checkTemplates(yaml, path, rule);
    const category = rule.case?.category;
    if (category !== undefined && categories?.includes(category) === false) {
      yaml.problem([...path, 'case', 'category'], `'${category}' is no category; ${suggestName(category, categories)}`);
    }
  }
  yaml.check();
  return yaml.value;
}

function checkWhen(yaml: YamlFile<RulesFile>, path: Path, when: Rule['when'], conditions: ConditionRegistry): void {
  for (const [name, parameters] of Object.entries(when ?? {})) {
    const condition = Object.hasOwn(conditions, name) ? conditions[name] : undefined;
    if (condition === undefined) {
      yaml.problem([...path, name], `there is no such condition; ${suggestName(name, Object.keys(conditions))}`);
      continue;
    }
    for (const problem of createValidator(condition.parameters).problems(parameters)) {
      yaml.problem([...path, name], problem.message);
    }
  }
}

function checkClear(yaml: YamlFile<RulesFile>, path: Path, { clear }: Rule, conditions: ConditionRegistry): void {
  const ways = [clear.on, clear.afterMin, clear.byHand].filter((way) => way !== undefined).length;
  if (ways !== 1) yaml.problem(path, "needs exactly one of 'on', 'afterMin' and 'byHand'");
  if (clear.when !== undefined && clear.on === undefined) yaml.problem([...path, 'when'], "means nothing without 'on'");
  checkWhen(yaml, [...path, 'when'], clear.when, conditions);
}

function checkTemplates(yaml: YamlFile<RulesFile>, path: Path, rule: Rule): void {
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
        yaml.problem([...path, ...key], `{${name}} stands for nothing; ${suggestName(name, PLACEHOLDERS)}`);
      }
    }
  }
}
