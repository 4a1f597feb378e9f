import type { AccessPointView } from '@dipper/contract/api/access-point';
import type { AccessScheduleView } from '@dipper/contract/api/access-schedule';
import { describe, expect, it } from 'vitest';
import {
  hasOtherWay,
  type PointValues,
  pointActionFrom,
  pointValuesFrom,
} from '../../../../../services/console/access/point-values.ts';
import { ruleNow } from '../../../../../services/console/access/rule-now.ts';

const NIGHT = '00000000-0000-4000-8000-000000000001';
const rules: AccessPointView['rules'] = {
  factorRules: [{ schedule: NIGHT, anyOf: [['pin', 'card']] }, { anyOf: [['card'], ['face']] }],
  ...{ whenExpired: 'nobody', antiPassback: { mode: 'soft', minutes: 30 }, interlock: 'garage' },
  ...{ factorWindowSec: 15, passageSec: 8, outOfOrder: true },
};
const point: AccessPointView = {
  ...{ id: 'east-in', estate: 'lanting', place: 'east', device: 'barrier', agent: 'edge', active: true },
  ...{ name: { zh: '东门进', en: 'East in' }, fromArea: null, toArea: 'yard', rules },
  ...{ version: 4, changedAt: '2026-11-24T00:00:00.000Z', changedBy: 'admin' },
};

describe('an access point in its form', () => {
  it('comes out as it went in, its pairs in one order', () => {
    const action = pointActionFrom(pointValuesFrom(point) as PointValues, point, '', 4);
    const [first, second] = rules.factorRules;
    expect(action).toEqual({
      ...{ what: 'point', id: 'east-in' },
      body: {
        ...{ version: 4, name: point.name, fromArea: null, toArea: 'yard' },
        rules: { ...rules, factorRules: [{ ...first, anyOf: [['card', 'pin']] }, second] },
      },
    });
  });

  it('says nothing that is as the contract has it anyway', () => {
    const plain = { ...point, rules: { factorRules: [{ anyOf: [['card' as const]] }] } };
    const action = pointActionFrom(pointValuesFrom(plain) as PointValues, plain, '', 4);
    expect(action).toMatchObject({ body: { rules: plain.rules } });
    expect(Object.keys((action as { body: { rules: object } }).body.rules)).toEqual(['factorRules']);
  });

  it('has a way in without a face', () => {
    expect(hasOtherWay(['face', 'face+card'])).toBe(false);
    expect(hasOtherWay(['face', 'qr'])).toBe(true);
  });
});

describe('who passes now', () => {
  const schedule = (holidays: AccessScheduleView['holidays']): AccessScheduleView => ({
    ...{ id: NIGHT, estate: 'lanting', name: '夜间', weekly: Array.from({ length: 7 }, () => [[1380, 1440]]) },
    ...{ specialDays: [], holidays, version: 1, changedAt: point.changedAt, changedBy: 'admin' },
  });
  const at = (minute: number) => ({ date: '2026-11-24', weekday: 1, minute });
  const open = { factorRules: rules.factorRules };

  it('is said by the first rule whose hours are on', () => {
    expect(ruleNow(open, [schedule('as-usual')], at(1400)).anyOf).toEqual([['pin', 'card']]);
    expect(ruleNow(open, [schedule('as-usual')], at(700)).anyOf).toEqual([['card'], ['face']]);
    expect(ruleNow({ factorRules: open.factorRules.slice(0, 1) }, [schedule('as-usual')], at(700)).anyOf).toEqual([]);
    // Hours that are gone are never on.
    expect(ruleNow(open, [], at(1400)).anyOf).toEqual([['card'], ['face']]);
  });

  it('is nobody where it is out of order, and depends on holidays only where hours do', () => {
    expect(ruleNow(rules, [schedule('as-usual')], at(700)).anyOf).toEqual([]);
    expect(ruleNow(open, [schedule('closed')], at(700)).dependsOnHolidays).toBe(true);
    expect(ruleNow(open, [schedule('as-usual')], at(700)).dependsOnHolidays).toBe(false);
  });
});
