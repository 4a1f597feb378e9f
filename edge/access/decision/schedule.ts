import type { DaySpan, PolicySchedule } from '@dipper/contract/policy-body';
import type { LocalInstant } from './local-time.ts';

/** Whether something is on at a local time. */
export type Schedule = (local: LocalInstant) => boolean;

const DAY_MS = 86_400_000;

/** A schedule of a policy, its special days found by their number. */
export function compileSchedule({ weekly, specialDays }: PolicySchedule): Schedule {
  const special = new Map(
    (specialDays ?? []).map(({ date, spans }) => [Date.parse(`${date}T00:00:00.000Z`) / DAY_MS, spans] as const),
  );
  return ({ day, minute, weekday }) => {
    const spans: readonly DaySpan[] = special.get(day) ?? weekly[weekday] ?? [];
    return spans.some(([from, until]) => minute >= from && minute < until);
  };
}
