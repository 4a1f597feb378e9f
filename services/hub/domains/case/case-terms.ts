import type { Platform } from '@dipper/contract/api/case';
import type { CaseCategory, DeadlineClass } from '@dipper/contract/api/case-category';
import type { CaseCategoriesFile } from './case-categories.file.ts';
import type { WorkingCalendar } from './working-calendar.ts';

/** Time that is allowed for a case: hours round the clock, or working days. */
export type TimeAllowed = { readonly hours: number } | { readonly workingDays: number };

const HOUR_MS = 3_600_000;
const DAY_MIN = 24 * 60;

/** 紧急 and 水电气 round the clock, 一般 and 疑难 in working days. */
const ALLOWED: Readonly<Record<DeadlineClass, TimeAllowed>> = {
  urgent: { hours: 2 },
  utilities: { hours: 24 },
  general: { workingDays: 7 },
  difficult: { workingDays: 15 },
};
const REMIND_BEFORE_MIN: Readonly<Record<DeadlineClass, number>> = {
  urgent: 30,
  utilities: 4 * 60,
  general: DAY_MIN,
  difficult: 2 * DAY_MIN,
};

/** What cases are about, and the clock that their deadlines run by. */
export interface CaseTerms {
  readonly categories: readonly CaseCategory[];
  readonly calendar: WorkingCalendar;
  find(category: string): CaseCategory | undefined;
  /** The name of a category; its id where the configuration does not know it any more. */
  nameOf(category: string): CaseCategory['name'];
  timeAllowed(category: CaseCategory): TimeAllowed;
  /** When what begins now has to be done. */
  deadlineFrom(from: Date, allowed: TimeAllowed): Date;
  /** The deadline of a case whose clock stood still from `suspendedAt` to `resumedAt`. */
  deadlineAfterSuspension(deadline: Date, allowed: TimeAllowed, suspendedAt: Date, resumedAt: Date): Date;
  remindAt(category: string, deadline: Date): Date;
  /** When a case that is still open goes to a leader. */
  entrustAt(deadline: Date): Date;
  leaderOf(platform: Platform): string | undefined;
}

/**
 * @param onUnknownYear called when a deadline runs into a year whose days off the calendar does not know
 */
export function createCaseTerms(
  file: CaseCategoriesFile,
  calendar: WorkingCalendar,
  onUnknownYear: (deadline: Date) => void,
): CaseTerms {
  const categories = file.categories.map(
    (category): CaseCategory => ({
      ...category,
      remindBeforeMin: category.remindBeforeMin ?? REMIND_BEFORE_MIN[category.deadline],
      public: category.public ?? false,
    }),
  );
  const byId = new Map(categories.map((category) => [category.id, category]));
  const inWorkingDays = (from: Date, days: number): Date => {
    const deadline = calendar.endOfWorkingDay(from, days);
    if (!calendar.knows(deadline)) onUnknownYear(deadline);
    return deadline;
  };
  return {
    categories,
    calendar,
    find: (category) => byId.get(category),
    nameOf: (category) => byId.get(category)?.name ?? { zh: category, en: category },
    timeAllowed: ({ deadline }) => ALLOWED[deadline],
    deadlineFrom: (from, allowed) =>
      'hours' in allowed
        ? new Date(from.getTime() + allowed.hours * HOUR_MS)
        : inWorkingDays(from, allowed.workingDays),
    deadlineAfterSuspension(deadline, allowed, suspendedAt, resumedAt) {
      if ('hours' in allowed) return new Date(deadline.getTime() + resumedAt.getTime() - suspendedAt.getTime());
      const days = calendar.workingDaysBetween(suspendedAt, resumedAt);
      return days === 0 ? deadline : inWorkingDays(deadline, days);
    },
    remindAt: (category, deadline) =>
      new Date(deadline.getTime() - (byId.get(category)?.remindBeforeMin ?? DAY_MIN) * 60_000),
    entrustAt: (deadline) => new Date(deadline.getTime() + file.backlog.afterDays * 24 * HOUR_MS),
    leaderOf: (platform) => file.backlog.leaders[platform] ?? file.backlog.leaders['default'],
  };
}
