import type { RuleBook } from './rule-book.ts';

/** A rule book whose contents somebody may replace while it is in use. */
export interface LiveRuleBook extends RuleBook {
  replace(book: RuleBook): void;
}

/** Answers by whatever book it was given last. */
export function createLiveRuleBook(first: RuleBook): LiveRuleBook {
  let book = first;
  return {
    get incidentWindowMs() {
      return book.incidentWindowMs;
    },
    get agentSilenceMs() {
      return book.agentSilenceMs;
    },
    get thresholds() {
      return book.thresholds;
    },
    get caseTerms() {
      return book.caseTerms;
    },
    get suppressing() {
      return book.suppressing;
    },
    rulesFor: (type) => book.rulesFor(type),
    find: (rule) => book.find(rule),
    all: () => book.all(),
    snapshot: () => book,
    textFor: (template, subject) => book.textFor(template, subject),
    replace(next) {
      book = next;
    },
  };
}
