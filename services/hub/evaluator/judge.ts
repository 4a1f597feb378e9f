import { raiseAlarm } from '../domains/alarm/alarm-raising.ts';
import { expireBefore, findEnd, foldIntoActive, foldIntoEnded } from '../domains/alarm/alarm-timeline.ts';
import type { Response } from '../domains/alarm/response.ts';
import type { ReadyRule } from '../rules/rule-book.ts';
import { keepsFacts } from '../rules/rule-terms.ts';
import type { Subject } from '../rules/subject.ts';
import { judgeByFacts } from './fact-judge.ts';
import type { RuleGuard } from './rule-guard.ts';

/** Asks the rules about one subject. */
export type Judge = (response: Response, subject: Subject) => Promise<void>;

export function createJudge(guard: RuleGuard): Judge {
  return async (response, subject) => {
    for (const rule of response.rules.rulesFor(subject.type)) {
      if (!isConcerned(rule, subject)) continue;
      await guard(response, rule, subject, () => ask(response, rule, subject));
    }
  };
}

/** Most rules have nothing to say about most subjects: a savepoint for each would cost more than all the rest. */
function isConcerned(rule: ReadyRule, subject: Subject): boolean {
  try {
    return rule.raises(subject) || rule.clears(subject) || rule.witnesses(subject);
  } catch {
    // It throws again inside the guard, which puts it on record.
    return true;
  }
}

async function ask(response: Response, rule: ReadyRule, subject: Subject): Promise<void> {
  if (keepsFacts(rule.rule)) await judgeByFacts(response, rule, subject);
  else if (rule.raises(subject)) await raise(response, rule, subject);
}

/** The alarm lasts for some time after the last event, or until somebody sees to it. */
async function raise(response: Response, ready: ReadyRule, subject: Subject): Promise<void> {
  const { occurredAt } = subject;
  const key = ready.keyOf(subject);
  if (await foldIntoActive(response, ready, key, occurredAt)) return;
  if (await foldIntoEnded(response, ready, key, occurredAt)) return;
  await expireBefore(response, ready, key, occurredAt);
  await raiseAlarm(response, ready, key, subject, await findEnd(response, ready, key, occurredAt));
}
