import { credentialHmac } from '@dipper/contract/credential-hmac';
import { PolicyBody } from '@dipper/contract/policy-body';
import { policyProblems } from '@dipper/contract/policy-check';
import { createValidator } from '@dipper/contract/validation';
import { compilePolicy } from '@dipper/hub/domains/policy/compile-policy';
import { specialDaysWith } from '@dipper/hub/domains/policy/holiday-days';
import type { PolicySource } from '@dipper/hub/domains/policy/policy-source';
import { describe, expect, it } from 'vitest';

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const key = Buffer.alloc(32, 7);
const at = new Date('2026-06-01T00:00:00.000Z');
const always = [[[0, 1440]], [[0, 1440]], [[0, 1440]], [[0, 1440]], [[0, 1440]], [[0, 1440]], [[0, 1440]]] as never;
const calendar = {
  timeZone: 'Asia/Shanghai',
  years: [{ year: 2026, off: ['2026-10-01..2026-10-03'], worked: ['2026-10-10'] }],
};

const source: PolicySource = {
  ...{ estate: 'lanting', agent: 'lanting-edge-1', faces: undefined },
  points: [
    {
      ...{ id: 'way-in', device: 'barrier', name_zh: '进', name_en: 'in', from_area: null, to_area: 'yard' },
      rules: { factorRules: [{ anyOf: [['card'], ['plate']] }], passageSec: 20 },
      ...{ active: true, version: 3, changed_at: at, changed_by: 'admin' },
    },
  ],
  areas: [{ id: 'yard', occupancy_limit: 40, reset_at_minute: null }],
  schedules: [{ id: uuid(50), weekly: always, special_days: [], holidays: 'closed' }],
  holders: [
    { id: uuid(2), kind: 'vehicle', is_blocked: true },
    { id: uuid(1), kind: 'resident', is_blocked: false },
  ],
  credentials: [
    {
      id: uuid(12),
      holder: uuid(2),
      factor: 'plate',
      plate: '浙AD1234F',
      sealed: null,
      duress: false,
      blocked_at: null,
    },
    {
      id: uuid(11),
      holder: uuid(1),
      factor: 'card',
      plate: null,
      sealed: Buffer.alloc(1),
      duress: false,
      blocked_at: at,
    },
    {
      id: uuid(13),
      holder: uuid(1),
      factor: 'pin',
      plate: null,
      sealed: Buffer.alloc(1),
      duress: true,
      blocked_at: null,
    },
  ],
  permits: [
    {
      ...{ id: uuid(21), ordinal: '1', holder: uuid(1), estate: 'lanting', access_points: ['way-in', 'elsewhere'] },
      ...{ schedule: uuid(50), credential: null, valid_from: at, valid_until: null, uses: null },
      ...{ ended_at: null, ended_by: null, created_at: at, created_by: 'admin', uses_elsewhere: 0 },
    },
  ],
} as unknown as PolicySource;
const open = ({ id, plate }: { id: string; plate: string | null }): string =>
  plate ?? (id === uuid(11) ? '04A23B917C' : '123456');
const compile = (from: PolicySource) => compilePolicy(from, { calendar, key, open });

describe('the policy of an edge', () => {
  it('is a valid one, with credentials as HMACs, blocked ones marked, and access points of other edges left out', () => {
    const body = { version: 1, ...compile(source) };
    expect(createValidator(PolicyBody).problems(body)).toEqual([]);
    expect(policyProblems(body)).toEqual([]);
    expect(body.credentials).toEqual([
      {
        id: uuid(11),
        holder: uuid(1),
        factor: 'card',
        hmac: credentialHmac(key, 'card', '04:A2:3B:91:7C'),
        blocked: true,
      },
      { id: uuid(12), holder: uuid(2), factor: 'plate', hmac: credentialHmac(key, 'plate', '浙A·D1234F') },
      { id: uuid(13), holder: uuid(1), factor: 'pin', hmac: credentialHmac(key, 'pin', '123456'), duress: true },
    ]);
    expect(body.holders).toEqual([
      { id: uuid(1), kind: 'resident' },
      { id: uuid(2), kind: 'vehicle', blocked: true },
    ]);
    expect(body.permits).toMatchObject([{ accessPoints: ['way-in'], validUntil: '9999-12-31T23:59:59.999Z' }]);
    expect(body.accessPoints).toEqual([
      {
        id: 'way-in',
        device: 'barrier',
        toArea: 'yard',
        factorRules: [{ anyOf: [['card'], ['plate']] }],
        passageSec: 20,
      },
    ]);
    expect(body.areas).toEqual([{ id: 'yard', occupancyLimit: 40 }]);
  });

  it('is the same bytes for the same facts, in whatever order a database gives them, and others under another key', () => {
    const text = JSON.stringify(compile(source));
    const reversed = Object.fromEntries(
      Object.entries(source).map(([name, value]) => [name, Array.isArray(value) ? value.toReversed() : value]),
    ) as unknown as PolicySource;
    // jsonb gives members in an order of its own.
    const [point] = reversed.points;
    const shuffled = { ...point, rules: { passageSec: 20, factorRules: [{ anyOf: [['card'], ['plate']] }] } };
    expect(JSON.stringify(compile({ ...reversed, points: [shuffled] as never }))).toBe(text);
    expect(JSON.stringify(compilePolicy(source, { calendar, key: Buffer.alloc(32, 8), open }))).not.toBe(text);
  });
});

describe('days that are not as the week has them', () => {
  const weekly = always as never;
  const day = [[480, 720]] as [number, number][];
  it('are the statutory holidays as the schedule uses them, with the days worked in lieu; what was entered goes first', () => {
    const closed = specialDaysWith(calendar, weekly, [{ date: '2026-10-02', spans: day }], 'closed');
    expect(closed).toEqual([
      { date: '2026-10-01', spans: [] },
      { date: '2026-10-02', spans: day },
      { date: '2026-10-03', spans: [] },
      { date: '2026-10-10', spans: [[0, 1440]] },
    ]);
    expect(specialDaysWith(calendar, weekly, [], 'as-usual')).toEqual([]);
    const sundays = [[], [], [], [], [], [], day] as never;
    expect(specialDaysWith(calendar, sundays, [], 'as-sunday')[0]).toEqual({ date: '2026-10-01', spans: day });
  });
});
