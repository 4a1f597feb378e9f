import type { ImportProblem } from '@dipper/contract/api/import';
import { holderRowsFrom } from '@dipper/hub/domains/holder-import/holder-rows';
import { type KnownHolders, keyOfValue } from '@dipper/hub/domains/holder-import/known-holders';
import { planHolders } from '@dipper/hub/domains/holder-import/plan-holders';
import { endOfDay } from '@dipper/hub/domains/holder-import/until-day';
import { describe, expect, it } from 'vitest';

const fingerprintOf = (factor: string, value: string): Buffer => Buffer.from(`${factor}:${value}`);
const NOW_MS = Date.parse('2026-11-24T08:00:00.000Z');
const YEAR_END_MS = Date.parse('2026-12-31T16:00:00.000Z');

const known: KnownHolders = {
  points: [
    { id: 'east-in', names: ['东门进', 'East gate in'], isActive: true },
    { id: 'east-out', names: ['东门出', 'East gate out'], isActive: true },
    { id: 'old-gate', names: ['旧门', 'Old gate'], isActive: false },
  ],
  schedules: [{ id: 'hours-1', name: '保洁' }],
  residents: [
    { id: 'wang', name: '王芳', unit: '3-2-501' },
    { id: 'zhang-1', name: '张伟', unit: '1-1-101' },
    { id: 'zhang-2', name: '张伟', unit: '1-1-101' },
  ],
  credentials: new Map([
    [keyOfValue('card', fingerprintOf('card', '04A23B91')), { holder: 'wang', owner: null, who: '王芳 3-2-501' }],
    [keyOfValue('plate', fingerprintOf('plate', '浙A12345')), { holder: 'car', owner: 'wang', who: '王芳 3-2-501' }],
  ]),
  permits: new Map([
    ['wang', [{ accessPoints: ['east-in', 'east-out'], schedule: null, untilMs: null }]],
    ['car', [{ accessPoints: ['east-in', 'east-out'], schedule: null, untilMs: null }]],
  ]),
};

function read(...lines: string[]) {
  const { rows, problems: unread } = holderRowsFrom('住户.csv', lines.join('\n'));
  const problems: ImportProblem[] = [...unread];
  let count = 0;
  const plan = planHolders(rows, {
    ...{ file: '住户.csv', known, fingerprintOf, timeZone: 'Asia/Shanghai', nowMs: NOW_MS, problems },
    newId: () => {
      count += 1;
      return `new-${count}`;
    },
  });
  return { plan, said: problems.map(({ line, column, text }) => `${line}:${column}: ${text.en}`), problems };
}

const HEAD = '姓名,房号,卡号,车牌,出入口,时段,有效期至';

describe('a table of residents', () => {
  it('brings people with cards, vehicles and permits; the last day is a whole one', () => {
    const { plan, said } = read(HEAD, '李强,1-1-202,04:A2:3B:01；04A23B02,浙A·D1234F,东门进;east-out,保洁,2026/12/31');
    expect(said).toEqual([]);
    expect(plan.holders).toEqual([
      { id: 'new-1', kind: 'resident', owner: null, name: '李强', unit: '1-1-202' },
      { id: 'new-2', kind: 'vehicle', owner: 'new-1', name: '浙AD1234F', unit: null },
    ]);
    expect(plan.credentials).toEqual([
      { holder: 'new-1', factor: 'card', value: '04A23B01' },
      { holder: 'new-1', factor: 'card', value: '04A23B02' },
      { holder: 'new-2', factor: 'plate', value: '浙AD1234F' },
    ]);
    const permit = { accessPoints: ['east-in', 'east-out'], schedule: 'hours-1', untilMs: YEAR_END_MS };
    expect(plan.permits).toEqual([
      { holder: 'new-1', ...permit },
      { holder: 'new-2', ...permit },
    ]);
    expect(plan.counts).toEqual({ residents: 1, unchanged: 0, cards: 2, vehicles: 1, permits: 2 });
  });

  it('changes nothing where everything is there, however it is written', () => {
    const { plan, said } = read(
      'name,unit,cards,plates,access points',
      '王芳,３-2-501,04-a2-3b-91,浙A 12345,全部',
      '王芳,3-2-501,,,East gate in',
    );
    // A blank within a plate makes it two.
    expect(said[0]).toContain("2:plates: '浙A' is no plate");
    const again = read('name,unit,cards,plates,access points', '王芳,３-2-501,04-a2-3b-91,浙A·12345,全部');
    expect(again.said).toEqual([]);
    expect(again.plan).toMatchObject({ holders: [], credentials: [], permits: [], counts: { unchanged: 1 } });
    expect(plan.permits).toEqual([]);
  });

  it('reads lines about one person together, and adds what is new to whoever is there', () => {
    const { plan, said } = read(
      HEAD,
      '李强,1-1-202,CARD0001,,,,',
      '李强,1-1-202,CARD0002,,,,',
      '王芳,3-2-501,CARD0003,,,,',
    );
    expect(said).toEqual([]);
    expect(plan.holders.map(({ name }) => name)).toEqual(['李强']);
    expect(plan.credentials.map(({ holder }) => holder)).toEqual(['new-1', 'new-1', 'wang']);
    expect(plan.changes.map(({ isNew, cards }) => [isNew, cards])).toEqual([
      [true, 1],
      [false, 1],
      [false, 1],
    ]);
  });

  it('takes nothing away, and says so where somebody may pass otherwise already', () => {
    const { plan, problems } = read(HEAD, '王芳,3-2-501,,,东门进,保洁,');
    expect(plan.permits).toEqual([{ holder: 'wang', accessPoints: ['east-in'], schedule: 'hours-1', untilMs: null }]);
    expect(problems.map(({ severity, column }) => [severity, column])).toEqual([['warning', '出入口']]);
  });

  it.each([
    ['a column that there is not', ['姓名,房号,卡好', '李强,1,'], '1:卡好: there is no such column'],
    ['no names', ['房号', '1-1-202'], "1:null: the column 'name' is missing"],
    ['a name that is empty', [HEAD, ',1-1-202,,,,,'], '2:姓名: is needed and empty'],
    ['a card that a spreadsheet has spoilt', [HEAD, '李强,,1.23E+09,,,,'], "2:卡号: '1.23E+09' is a card number that"],
    ['what is no card', [HEAD, '李强,,王,,,,'], "2:卡号: '王' is no card number"],
    ['what is no plate', [HEAD, '李强,,,A1,,,'], "2:车牌: 'A1' is no plate"],
    ['somebody else’s card', [HEAD, '李强,1,04A23B91,,,,'], "2:卡号: 04A23B91 is 王芳 3-2-501's"],
    ['somebody else’s plate', [HEAD, '李强,1,,浙A12345,,,'], "2:车牌: 浙A12345 is 王芳 3-2-501's"],
    ['a card twice', [HEAD, '李强,1,CARD0001,,,,', '赵敏,2,CARD0001,,,,'], '3:卡号: CARD0001 stands in line 2 already'],
    [
      'an access point that there is not',
      [HEAD, '李强,1,,,东门近,,'],
      "2:出入口: there is no '东门近' here; did you mean",
    ],
    ['hours that there are not', [HEAD, '李强,1,,,东门进,夜间,'], "2:时段: there are no hours '夜间'"],
    ['a day that is over', [HEAD, '李强,1,,,东门进,,2026-11-23'], '2:有效期至: 2026-11-23 is over'],
    ['a day that is none', [HEAD, '李强,1,,,东门进,,2026-02-30'], '2:有效期至: '],
    ['hours without a gate', [HEAD, '李强,1,,,,保洁,'], '2:时段: says nothing without access points'],
    ['two of a name without a unit', [HEAD, '李强,,,,,,', '李强,,,,,,'], '3:姓名: named as line 2 is'],
    ['a name that somebody has, without a unit', [HEAD, '王芳,,,,,,'], '2:房号: there is a resident of that name'],
    ['two whom nobody can tell apart', [HEAD, '张伟,1-1-101,,,,,'], '2:姓名: there are several'],
  ])('with %s says where and what to do', (_what, lines, expected) => {
    const { said } = read(...lines);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(expected);
  });
});

it.each([
  ['2026-12-31', 'Asia/Shanghai', '2026-12-31T16:00:00.000Z'],
  // The clock is put forward at midnight: the day begins at 1.
  ['2026-09-05', 'America/Santiago', '2026-09-06T04:00:00.000Z'],
  ['2026-10-24', 'Europe/Berlin', '2026-10-24T22:00:00.000Z'],
  ['2026-10-25', 'Europe/Berlin', '2026-10-25T23:00:00.000Z'],
  ['2028-02-29', 'UTC', '2028-03-01T00:00:00.000Z'],
])('%s is over in %s at %s', (day, timeZone, at) => {
  expect(endOfDay(day, timeZone).toISOString()).toBe(at);
});
