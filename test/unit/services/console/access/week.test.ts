import type { DaySpan } from '@dipper/contract/policy-body';
import { describe, expect, it } from 'vitest';
import {
  dayGroupsOf,
  isOn,
  overnightOf,
  spansFromText,
  spansToText,
  wallTimeOf,
} from '../../../../../services/console/access/week.ts';

const DAY: DaySpan[] = [[480, 1080]];
const NIGHT: DaySpan[] = [
  [0, 360],
  [1380, 1440],
];

describe('hours of a week', () => {
  it('are told in as few words as it takes', () => {
    expect(dayGroupsOf([DAY, DAY, DAY, DAY, DAY, [], []]).map(({ days }) => days)).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6],
    ]);
    expect(overnightOf(NIGHT)).toEqual({ night: [1380, 360], rest: [] });
    expect(overnightOf([[0, 1440]])).toBeUndefined();
    expect(overnightOf([[0, 60], DAY[0] ?? [0, 1], [1400, 1440]])).toEqual({ night: [1400, 60], rest: DAY });
  });

  it.each([
    ['', []],
    [
      '08:00-12:00, 14:00-18:00',
      [
        [480, 720],
        [840, 1080],
      ],
    ],
    [
      '8:00至12:00，14:00–18:00',
      [
        [480, 720],
        [840, 1080],
      ],
    ],
    ['０8：00-24：00', [[480, 1440]]],
    ['00:00-24:00', [[0, 1440]]],
    ['12:00-08:00', undefined],
    ['08:00-08:00', undefined],
    ['08:00-24:01', undefined],
    ['08:00', undefined],
    ['全天', undefined],
  ] as const)('written as %j are read', (text, spans) => {
    expect(spansFromText(text)).toEqual(spans);
    if (spans !== undefined) expect(spansFromText(spansToText(spans as unknown as DaySpan[]))).toEqual(spans);
  });

  it('go by the clock on the estate’s wall, and by a special day before all', () => {
    // 2026-11-24 is a Tuesday; 23:30 in Beijing.
    const at = wallTimeOf(Date.parse('2026-11-24T15:30:00.000Z'));
    expect(at).toEqual({ date: '2026-11-24', weekday: 1, minute: 1410 });
    const weekly = Array.from({ length: 7 }, () => NIGHT);
    expect(isOn({ weekly }, at)).toBe(true);
    expect(isOn({ weekly }, { ...at, minute: 360 })).toBe(false);
    expect(isOn({ weekly, specialDays: [{ date: '2026-11-24', spans: [] }] }, at)).toBe(false);
  });
});
