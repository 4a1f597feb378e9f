import type { DaySpan, PolicySchedule } from '@dipper/contract/policy-body';
import { SITE_OFFSET_MS } from '../time/zone.ts';

type Weekly = PolicySchedule['weekly'];
type Spans = readonly DaySpan[];

export const DAY_MINUTES = 1440;
/** As the contract counts them. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Days of the week, Monday 0, that follow each other and have the same hours. */
export interface DayGroup {
  readonly days: readonly number[];
  readonly spans: Spans;
}

const isSame = (a: Spans, b: Spans): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The week in as few words as it takes: days that follow each other with the same hours together. */
export function dayGroupsOf(weekly: Weekly): DayGroup[] {
  const groups: { days: number[]; spans: Spans }[] = [];
  for (const [day, spans] of weekly.entries()) {
    const last = groups.at(-1);
    if (last !== undefined && isSame(last.spans, spans)) last.days.push(day);
    else groups.push({ days: [day], spans });
  }
  return groups;
}

/**
 * Hours that are on each day until midnight and from midnight on are one span over midnight, as people say it.
 * @returns undefined where they are not
 */
export function overnightOf(spans: Spans): { readonly night: DaySpan; readonly rest: Spans } | undefined {
  const sorted = spans.toSorted((a, b) => a[0] - b[0]);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined || sorted.length < 2) return undefined;
  if (first[0] !== 0 || last[1] !== DAY_MINUTES) return undefined;
  return { night: [last[0], first[1]], rest: sorted.slice(1, -1) };
}

/** 1380 → `23:00` */
export function clockOf(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** As a field has it: `08:00-12:00, 14:00-18:00`. */
export function spansToText(spans: Spans): string {
  return spans.map(([from, until]) => `${clockOf(from)}-${clockOf(until)}`).join(', ');
}

const SPAN = /^([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)$/;

/**
 * Reads what somebody wrote into a field, with Chinese punctuation as well.
 * @returns undefined for what are no spans that begin before they end
 */
export function spansFromText(text: string): DaySpan[] | undefined {
  const parts = text
    .normalize('NFKC')
    // With what people write between two times: dashes, a wave, and "until" in Chinese.
    .replaceAll(/\s*[-–—~\u81f3]\s*/g, '-')
    .split(/[,;、\s]+/)
    .filter((part) => part !== '');
  const spans = parts.map((part): DaySpan | undefined => {
    const [, fromHour, fromMinute, untilHour, untilMinute] = SPAN.exec(part)?.map(Number) ?? [];
    const [from, until] = [Number(fromHour) * 60 + Number(fromMinute), Number(untilHour) * 60 + Number(untilMinute)];
    return from < until && until <= DAY_MINUTES ? [from, until] : undefined;
  });
  return spans.every((span) => span !== undefined) ? spans : undefined;
}

/** The clock on the estate's wall. */
export interface WallTime {
  /** `2026-11-24` */
  readonly date: string;
  /** Monday 0. */
  readonly weekday: number;
  /** Since midnight. */
  readonly minute: number;
}

/** @param atMs since 1970, UTC */
export function wallTimeOf(atMs: number): WallTime {
  const shown = new Date(atMs + SITE_OFFSET_MS);
  return {
    date: shown.toISOString().slice(0, 10),
    weekday: (shown.getUTCDay() + 6) % 7,
    minute: shown.getUTCHours() * 60 + shown.getUTCMinutes(),
  };
}

/** Whether hours are on, statutory holidays aside: the page does not know the calendar. */
export function isOn(
  { weekly, specialDays = [] }: Pick<PolicySchedule, 'weekly' | 'specialDays'>,
  { date, weekday, minute }: WallTime,
): boolean {
  const special = specialDays.find((day) => day.date === date);
  return (special?.spans ?? weekly[weekday] ?? []).some(([from, until]) => from <= minute && minute < until);
}
