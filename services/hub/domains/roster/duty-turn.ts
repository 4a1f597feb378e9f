import { WEEKDAYS } from '../place/opening-hours.ts';

/** One line of a roster. Dates and times are those of Asia/Shanghai. */
export interface DutyLine {
  readonly grid: string;
  readonly account: string;
  readonly platform: string | null;
  readonly weekdays: readonly string[] | null;
  /** `2026-02-17` */
  readonly on_date: string | null;
  readonly off: boolean;
  /** `08:00-18:00`; null where `off`. */
  readonly span: string | null;
  readonly from_date: string | null;
  readonly until_date: string | null;
}

export interface DutyTurn<L extends DutyLine = DutyLine> {
  readonly line: L;
  readonly from: Date;
  readonly until: Date;
}

/** Asia/Shanghai has had no summer time since 1991. */
const SHANGHAI_OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * The turns of duty that an instant falls into. A turn over midnight belongs to the day on which it begins. What is said
 * of a date comes before what is said of the week: who is off that day is not on duty, and whoever has hours of their
 * own that day has those alone. An end is not part of a turn.
 */
export function turnsAt<L extends DutyLine>(lines: readonly L[], at: Date): DutyTurn<L>[] {
  const today = Math.floor((at.getTime() + SHANGHAI_OFFSET_MS) / DAY_MS);
  return [today - 1, today].flatMap((day) => turnsOf(lines, day)).filter((turn) => turn.from <= at && at < turn.until);
}

/** @param day days since 1970 in Shanghai */
function turnsOf<L extends DutyLine>(lines: readonly L[], day: number): DutyTurn<L>[] {
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
  // 1970-01-01 was a Thursday.
  const weekday = WEEKDAYS[(((day + 3) % 7) + 7) % 7] ?? '';
  const special = lines.filter((line) => line.on_date === date);
  const hasOwnDay = (line: L): boolean =>
    special.some((each) => each.grid === line.grid && each.account === line.account);
  const weekly = lines.filter(
    (line) =>
      line.weekdays?.includes(weekday) === true &&
      (line.from_date === null || line.from_date <= date) &&
      (line.until_date === null || date <= line.until_date) &&
      !hasOwnDay(line),
  );
  return [...weekly, ...special].flatMap((line) => {
    if (line.off || line.span === null) return [];
    const [from = 0, until = 0] = line.span.split('-').map(minuteOf);
    const midnightMs = day * DAY_MS - SHANGHAI_OFFSET_MS;
    const untilMs = midnightMs + until * MINUTE_MS + (until <= from ? DAY_MS : 0);
    return [{ line, from: new Date(midnightMs + from * MINUTE_MS), until: new Date(untilMs) }];
  });
}

function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}
