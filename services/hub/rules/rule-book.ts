import type { LocalText } from '@dipper/contract/api/alarm';
import { type AlarmThresholds, thresholdsFrom } from '../domains/alarm/alarm-thresholds.ts';
import type { CaseTerms } from '../domains/case/case-terms.ts';
import type { PlaceDirectory } from '../domains/place/place-directory.ts';
import type { Condition, ConditionRegistry } from './conditions.ts';
import type { Fact } from './episodes.ts';
import { fillTemplate, type Placeholder, type Rule, type RulesFile } from './rule.ts';
import type { Subject, TriggerType } from './subject.ts';

type Question = (subject: Subject) => boolean;

/** A rule as the evaluator asks it. */
export interface ReadyRule {
  readonly rule: Rule;
  /** Whether the subject raises its alarm. May throw: so may a condition. */
  raises(subject: Subject): boolean;
  /** Whether the subject clears its alarm. May throw. */
  clears(subject: Subject): boolean;
  /** Whether the subject is what its correlation looks for. May throw. */
  witnesses(subject: Subject): boolean;
  keyOf(subject: Subject): string;
}

export interface RuleBook {
  readonly incidentWindowMs: number;
  readonly agentSilenceMs: number;
  readonly thresholds: AlarmThresholds;
  /** What the categories mean that case templates name. */
  readonly caseTerms: CaseTerms;
  /** Rules whose alarms silence those of the same agent's devices. */
  readonly suppressing: readonly string[];
  /** Rules that have anything to do with a type of subject, in the order of the file. */
  rulesFor(type: TriggerType): readonly ReadyRule[];
  find(rule: string): ReadyRule | undefined;
  /** Every rule, in the order of the file. */
  all(): readonly ReadyRule[];
  /** The book as it is now: what a transaction goes by from beginning to end. */
  snapshot(): RuleBook;
  /** A title with the names of what the subject concerns, in both languages. */
  textFor(template: LocalText, subject: Pick<Subject, Placeholder>): LocalText;
}

/** Stands in a key or text for something the subject does not have. */
const NOTHING = '-';

/** What a subject tells a rule. What raises an alarm does not end it as well. May throw. */
export function factKinds(ready: ReadyRule, subject: Subject): Fact['kind'][] {
  const kinds: Fact['kind'][] = [];
  if (ready.raises(subject)) kinds.push('trigger');
  else if (ready.clears(subject)) kinds.push('end');
  if (ready.witnesses(subject)) kinds.push('witness');
  return kinds;
}

/** The types of subjects that a rule has anything to do with. */
export function typesOf({ on, clear, ...rule }: Rule): TriggerType[] {
  return [...on, ...(clear.on ?? []), ...((rule.with ?? rule.without)?.on ?? [])];
}

export function createRuleBook(
  file: RulesFile,
  conditions: ConditionRegistry,
  places: PlaceDirectory,
  caseTerms: CaseTerms,
): RuleBook {
  const questionFrom = (on: readonly TriggerType[] | undefined, when: Rule['when']): Question => {
    const asked = Object.entries(when ?? {}).map(
      ([name, parameters]) => [conditions[name] as Condition, parameters] as const,
    );
    return (subject) =>
      on?.includes(subject.type) === true &&
      asked.every(([condition, parameters]) => condition.holds(subject, parameters, { places }));
  };
  const ready = file.rules.map(
    (rule): ReadyRule => ({
      rule,
      raises: questionFrom(rule.on, rule.when),
      clears: questionFrom(rule.clear.on, rule.clear.when),
      witnesses: questionFrom((rule.with ?? rule.without)?.on, (rule.with ?? rule.without)?.when),
      keyOf: (subject) => fillTemplate(rule.key, (name) => subject[name] ?? NOTHING),
    }),
  );
  const byId = new Map(ready.map((entry) => [entry.rule.id, entry]));
  const byType = Map.groupBy(
    ready.flatMap((entry) => [...new Set(typesOf(entry.rule))].map((type) => [type, entry] as const)),
    ([type]) => type,
  );
  const nameOf = (name: Placeholder, id: string): LocalText =>
    name === 'agent' ? { zh: id, en: id } : places.nameOf(name, id);
  const book: RuleBook = {
    incidentWindowMs: file.incidentWindowMin * 60_000,
    agentSilenceMs: file.agentSilenceSec * 1_000,
    thresholds: thresholdsFrom(file.thresholds),
    caseTerms,
    suppressing: file.rules.filter((rule) => rule.suppressesDevices === true).map((rule) => rule.id),
    rulesFor: (type) => byType.get(type)?.map(([, entry]) => entry) ?? [],
    find: (rule) => byId.get(rule),
    all: () => ready,
    snapshot: () => book,
    textFor(template, subject) {
      const fill = (language: 'zh' | 'en'): string =>
        fillTemplate(template[language], (name) => {
          const id = subject[name];
          return id === null ? NOTHING : nameOf(name, id)[language];
        }).slice(0, 512);
      return { zh: fill('zh'), en: fill('en') };
    },
  };
  return book;
}
