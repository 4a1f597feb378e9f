import { raiseAlarm } from '../domains/alarm/alarm-raising.ts';
import { endAlarm, expireBefore, findEnd, foldIntoActive, foldIntoEnded } from '../domains/alarm/alarm-timeline.ts';
import type { Response } from '../domains/alarm/response.ts';
import type { ReadyRule } from '../rules/rule-book.ts';
import { keepsFacts } from '../rules/rule-terms.ts';
import type { Subject } from '../rules/subject.ts';
import { dropDelay, findDelay, putDelay } from './alarm-delay.repository.ts';
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
  else if (rule.clears(subject)) await clear(response, rule, subject);
}

async function raise(response: Response, ready: ReadyRule, subject: Subject): Promise<void> {
  const { tx, now } = response;
  const { rule } = ready;
  const { occurredAt } = subject;
  const key = ready.keyOf(subject);
  if (await foldIntoActive(response, ready, key, occurredAt)) return;
  const delayMs = (rule.onDelaySec ?? 0) * 1000;
  const waitingSince = delayMs > 0 ? await findDelay(tx, rule.id, key) : undefined;
  if (waitingSince !== undefined && waitingSince <= occurredAt) return;
  if (await foldIntoEnded(response, ready, key, occurredAt)) return;
  await expireBefore(response, ready, key, occurredAt);
  // What waits for its delay began later than this: so this was over by then.
  const overAt = earlier(await findEnd(response, ready, key, occurredAt), waitingSince);
  if (overAt !== undefined) {
    const lastedMs = overAt.getTime() - occurredAt.getTime();
    if (lastedMs >= delayMs) await raiseAlarm(response, ready, key, subject, overAt);
    return;
  }
  if (delayMs > 0) {
    const dueAt = new Date(Math.max(occurredAt.getTime() + delayMs, now.getTime()));
    await putDelay(tx, rule.id, key, subject, dueAt);
    return;
  }
  await raiseAlarm(response, ready, key, subject);
}

async function clear(response: Response, ready: ReadyRule, subject: Subject): Promise<void> {
  const key = ready.keyOf(subject);
  const waiting = await dropDelay(response.tx, ready.rule.id, key, subject.occurredAt);
  if (waiting !== undefined) {
    // The clock had not come to it yet, but it lasted for longer than the delay.
    const lastedMs = subject.occurredAt.getTime() - waiting.occurredAt.getTime();
    if (lastedMs >= (ready.rule.onDelaySec ?? 0) * 1000)
      await raiseAlarm(response, ready, key, waiting, subject.occurredAt);
  }
  await endAlarm(response, ready, key, subject.occurredAt);
}

function earlier(a: Date | undefined, b: Date | undefined): Date | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a <= b ? a : b;
}
