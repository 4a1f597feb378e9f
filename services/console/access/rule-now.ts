import type { AccessRules } from '@dipper/contract/api/access-point';
import type { AccessScheduleView } from '@dipper/contract/api/access-schedule';
import { isOn, type WallTime } from './week.ts';

export type Combination = AccessRules['factorRules'][number]['anyOf'][number];

export interface RuleNow {
  /** What is taken now; nobody passes where there is none. */
  readonly anyOf: readonly Combination[];
  /** A rule that decided has hours that are others on statutory holidays. */
  readonly dependsOnHolidays: boolean;
}

/** By what one passes at an instant: the first rule whose hours are on, as the edge decides. */
export function ruleNow(
  { factorRules, outOfOrder }: AccessRules,
  schedules: readonly AccessScheduleView[],
  at: WallTime,
): RuleNow {
  if (outOfOrder === true) return { anyOf: [], dependsOnHolidays: false };
  let dependsOnHolidays = false;
  for (const { schedule: id, anyOf } of factorRules) {
    const schedule = schedules.find((each) => each.id === id);
    if (schedule !== undefined && schedule.holidays !== 'as-usual') dependsOnHolidays = true;
    if (id === undefined || (schedule !== undefined && isOn(schedule, at))) return { anyOf, dependsOnHolidays };
  }
  return { anyOf: [], dependsOnHolidays };
}
