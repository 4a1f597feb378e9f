import { clearAlarm } from '../domains/alarm/alarm-clearing.ts';
import { foldIntoAlarm, raiseAlarm } from '../domains/alarm/alarm-raising.ts';
import type { Response } from '../domains/alarm/response.ts';
import type { ReadyRule } from '../rules/rule-book.ts';
import type { Subject } from '../rules/subject.ts';
import type { RuleGuard } from './rule-guard.ts';
import { dropDelay, hasDelay, putDelay, tellRule } from './rule-state.repository.ts';

/** Asks the rules about one subject. */
export type Judge = (response: Response, subject: Subject) => Promise<void>;

export function createJudge(guard: RuleGuard): Judge {
  return async (response, subject) => {
    for (const rule of response.rules.rulesFor(subject.type)) {
      await guard(response, rule, subject, () => ask(response, rule, subject));
    }
  };
}

async function ask(response: Response, rule: ReadyRule, subject: Subject): Promise<void> {
  if (rule.raises(subject)) await raise(response, rule, subject);
  else if (rule.clears(subject)) await clear(response, rule, subject);
}

async function raise(response: Response, ready: ReadyRule, subject: Subject): Promise<void> {
  const { tx, now } = response;
  const { rule } = ready;
  const key = ready.keyOf(subject);
  const newestAt = await tellRule(tx, rule.id, key, subject.occurredAt);
  if (await foldIntoAlarm(response, ready, key, subject)) return;
  if (await hasDelay(tx, rule.id, key)) return;
  const delayMs = (rule.onDelaySec ?? 0) * 1000;
  // Older than what is known, and nothing is active: by now it is over.
  if (newestAt > subject.occurredAt && rule.clear.on !== undefined) {
    const lastedMs = newestAt.getTime() - subject.occurredAt.getTime();
    if (lastedMs >= delayMs) await raiseAlarm(response, ready, key, subject, newestAt);
    return;
  }
  if (delayMs > 0) {
    await putDelay(
      tx,
      rule.id,
      key,
      subject,
      new Date(Math.max(subject.occurredAt.getTime() + delayMs, now.getTime())),
    );
    return;
  }
  await raiseAlarm(response, ready, key, subject);
}

async function clear(response: Response, ready: ReadyRule, subject: Subject): Promise<void> {
  const { tx } = response;
  const { rule } = ready;
  const key = ready.keyOf(subject);
  await tellRule(tx, rule.id, key, subject.occurredAt);
  await dropDelay(tx, rule.id, key, subject.occurredAt);
  const alarm = await tx
    .selectFrom('dipper.alarm')
    .selectAll()
    .where('rule', '=', rule.id)
    .where('key', '=', key)
    .where('active', '=', true)
    // What began after this event is not ended by it.
    .where('last_occurred_at', '<=', subject.occurredAt)
    .forUpdate()
    .executeTakeFirst();
  if (alarm !== undefined) await clearAlarm(response, alarm, subject.occurredAt);
}
