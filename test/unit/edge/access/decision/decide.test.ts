import type { PassClaims } from '@dipper/contract/pass';
import type {
  FactorRule,
  PolicyAccessPoint,
  PolicyBody,
  PolicyPermit,
  PolicySchedule,
} from '@dipper/contract/policy-body';
import { describe, expect, test } from 'vitest';
import { accessGround, MINUTE_MS, NOON_MS, wordOf } from '../../../../support/access-ground.ts';
import { GATE, IN, OUT, person, policyBody, uuidOf } from '../../../../support/access-policy.ts';

const HOUR_MS = 60 * MINUTE_MS;

/** The way in with something changed about it. */
function withIn(change: Partial<PolicyAccessPoint>, body: PolicyBody): PolicyBody {
  return {
    ...body,
    accessPoints: body.accessPoints.map((point) => (point.id === IN ? { ...point, ...change } : point)),
  };
}

const everyDay = (id: number, from: number, until: number): PolicySchedule => ({
  id: uuidOf(id),
  weekly: Array.from({ length: 7 }, () => [[from, until]]),
});
const cardAndPin: FactorRule[] = [{ anyOf: [['card', 'pin']] }];
const resident = person(1, { pin: '135790', duressPin: '135791', plate: '京A12345' });
const visitor = person(2, { kind: 'visitor' });

describe('lets somebody through', () => {
  test('with a card, at an access point of their permit', () => {
    const granted = accessGround(policyBody([resident])).card(1);
    expect(granted).toMatchObject({
      ...{ outcome: 'granted', reason: 'PERMITTED', device: GATE, mustFlush: false, passageMs: 10_000 },
      ...{ holder: resident.holder.id, credentials: [resident.credentials[0]?.id], permit: resident.permits[0]?.id },
    });
  });

  test('by a button, which names nobody', () => {
    expect(wordOf(accessGround(policyBody([])).button(OUT))).toBe('granted PERMITTED');
  });

  test('with two factors of one holder, in either order, under one correlation', () => {
    const ground = accessGround(withIn({ factorRules: cardAndPin }, policyBody([resident])));
    const first = ground.card(1);
    const second = ground.value('pin', '135790');
    expect([first.outcome, second.outcome]).toEqual(['waiting', 'granted']);
    expect(second.correlation).toBe(first.correlation);
    expect(second.factors).toEqual(['card', 'pin']);
    expect(wordOf(ground.value('pin', '135790'))).toBe('waiting');
    expect(wordOf(ground.card(1))).toBe('granted PERMITTED');
  });

  test('at an hour that wants one factor, and not at one that wants two', () => {
    const factorRules: FactorRule[] = [{ schedule: uuidOf(9), anyOf: [['card']] }, { anyOf: [['card', 'pin']] }];
    const body = policyBody([resident], { schedules: [everyDay(9, 8 * 60, 20 * 60)] });
    const ground = accessGround(withIn({ factorRules }, body));
    expect(wordOf(ground.card(1))).toBe('granted PERMITTED');
    ground.nowMs += 8 * HOUR_MS - 1;
    expect(wordOf(ground.card(1))).toBe('granted PERMITTED');
    ground.nowMs += 1;
    expect(wordOf(ground.card(1))).toBe('waiting');
  });

  test('under duress as usual, and says so apart', () => {
    const ground = accessGround(withIn({ factorRules: cardAndPin }, policyBody([resident])));
    ground.card(1);
    const granted = ground.value('pin', '135791');
    expect(granted).toMatchObject({ outcome: 'granted', reason: 'PERMITTED', duress: resident.credentials[2]?.id });
    expect(ground.card(1).duress).toBeUndefined();
  });

  test('residents with a policy past its time, where the access point says so or nothing', () => {
    const ground = accessGround(policyBody([resident, visitor]), '2026-06-01T04:00:00.000Z');
    expect(wordOf(ground.card(1))).toBe('granted PERMITTED_POLICY_EXPIRED');
    expect(wordOf(ground.card(2))).toBe('denied POLICY_EXPIRED');
    ground.nowMs -= 1;
    expect(wordOf(ground.card(2))).toBe('granted PERMITTED');
  });

  test('who is where they are not, where anti-passback only warns', () => {
    const ground = accessGround(withIn({ antiPassback: { mode: 'soft' } }, policyBody([resident])));
    ground.card(1);
    expect(wordOf(ground.card(1))).toBe('granted PERMITTED_ANTI_PASSBACK');
  });
});

describe('denies, and says why', () => {
  const denied = (body: PolicyBody | undefined): string => wordOf(accessGround(body).card(1));
  const blockedCard = {
    ...resident,
    credentials: resident.credentials.map((card) => ({ ...card, blocked: true as const })),
  };
  const permitted = (permit: Partial<PolicyPermit>) => person(1, { permit });
  const withPermit = (permit: Partial<PolicyPermit>) => ({
    ...resident,
    permits: resident.permits.map((first) => ({ ...first, ...permit })),
  });
  test.each<[string, PolicyBody | undefined]>([
    ['POLICY_MISSING', undefined],
    ['ACCESS_POINT_UNKNOWN', policyBody([], { accessPoints: [] })],
    ['ACCESS_POINT_OUT_OF_ORDER', withIn({ outOfOrder: true }, policyBody([resident]))],
    ['CREDENTIAL_UNKNOWN', policyBody([visitor])],
    ['CREDENTIAL_AMBIGUOUS', policyBody([resident, person(3, { card: 'CARD0001' })])],
    ['CREDENTIAL_BLOCKED', policyBody([blockedCard])],
    ['HOLDER_BLOCKED', policyBody([{ ...resident, holder: { ...resident.holder, blocked: true } }])],
    [
      'ACCESS_POINT_CLOSED',
      withIn(
        { factorRules: [{ schedule: uuidOf(9), anyOf: [['card']] }] },
        policyBody([resident], { schedules: [everyDay(9, 0, 720)] }),
      ),
    ],
    ['FACTOR_NOT_ACCEPTED', withIn({ factorRules: [{ anyOf: [['plate'], ['qr', 'pin']] }] }, policyBody([resident]))],
    ['PERMIT_MISSING', policyBody([{ ...resident, permits: [] }])],
    ['PERMIT_NOT_HERE', policyBody([permitted({ accessPoints: [OUT] })])],
    ['PERMIT_NOT_YET_VALID', policyBody([permitted({ validFrom: '2026-06-01T04:00:00.001Z' })])],
    ['PERMIT_EXPIRED', policyBody([permitted({ validUntil: '2026-06-01T04:00:00.000Z' })])],
    ['OUTSIDE_SCHEDULE', policyBody([permitted({ schedule: uuidOf(9) })], { schedules: [everyDay(9, 721, 1440)] })],
    ['USES_SPENT', policyBody([permitted({ uses: 2, usesElsewhere: 2 })])],
    // It counts with the PIN only.
    ['PERMIT_MISSING', policyBody([withPermit({ credential: resident.credentials[1]?.id ?? '' })])],
  ])('%s', (reason, body) => expect(denied(body)).toBe(`denied ${reason}`));

  test('the reason of the permit that came nearest', () => {
    const permits = [
      { accessPoints: [OUT] },
      { validUntil: '2026-02-01T00:00:00.000Z' },
      { schedule: uuidOf(9) },
      { validUntil: '2026-03-01T00:00:00.000Z' },
    ].map(
      (permit, index) =>
        ({ ...resident.permits[0], ...permit, id: uuidOf(70 + index) }) as (typeof resident.permits)[0],
    );
    const body = policyBody([{ ...resident, permits }], { schedules: [everyDay(9, 0, 1)] });
    expect(denied(body)).toBe('denied OUTSIDE_SCHEDULE');
  });

  test('the second use of what may be used once, and says that each use is to be on disk first', () => {
    const ground = accessGround(policyBody([permitted({ uses: 1 })]));
    expect(ground.card(1)).toMatchObject({ outcome: 'granted', mustFlush: true });
    expect(wordOf(ground.card(1))).toBe('denied USES_SPENT');
  });

  test('a second factor of somebody else, and one that comes too late', () => {
    const other = person(3, { pin: '246802' });
    const ground = accessGround(
      withIn({ factorRules: cardAndPin, factorWindowSec: 20 }, policyBody([resident, other])),
    );
    const first = ground.card(1);
    expect(ground.value('pin', '246802')).toMatchObject({
      ...{ reason: 'FACTORS_DIFFER', correlation: first.correlation, holder: resident.holder.id },
    });
    expect(wordOf(ground.value('pin', '135790'))).toBe('waiting');
    ground.nowMs += 20_000;
    expect(ground.endWaiting()).toMatchObject([{ reason: 'FACTOR_MISSING', factors: ['pin'] }]);
    expect(wordOf(ground.card(1))).toBe('waiting');
    const next = ground.card(3);
    expect(next).toMatchObject({ outcome: 'waiting', supersedes: { reason: 'FACTOR_MISSING' } });
    expect(ground.endWaiting()).toEqual([]);
  });

  test('a first factor whose credential was taken out of the policy before the second', () => {
    const body = withIn({ factorRules: cardAndPin }, policyBody([resident]));
    const ground = accessGround(body);
    ground.card(1);
    ground.replace({ ...body, credentials: body.credentials.filter(({ factor }) => factor !== 'card') });
    expect(wordOf(ground.value('pin', '135790'))).toBe('denied CREDENTIAL_UNKNOWN');
  });

  test('every PIN after five wrong ones, for a while that doubles; cards go on', () => {
    const factorRules: FactorRule[] = [{ anyOf: [['pin'], ['card']] }];
    const ground = accessGround(withIn({ factorRules }, policyBody([resident])));
    const wrong = () => [1, 2, 3, 4, 5].map(() => wordOf(ground.value('pin', '000000')));
    expect(new Set(wrong())).toEqual(new Set(['denied CREDENTIAL_UNKNOWN']));
    expect(wordOf(ground.value('pin', '135790'))).toBe('denied PIN_LOCKED');
    expect(wordOf(ground.card(1))).toBe('granted PERMITTED');
    // Whoever forces somebody is not told, and the hub is.
    expect(ground.value('pin', '135791').duress).toBe(resident.credentials[2]?.id);
    ground.nowMs += 5 * MINUTE_MS;
    expect(wordOf(ground.value('pin', '135790'))).toBe('granted PERMITTED');
    wrong();
    ground.nowMs += 10 * MINUTE_MS - 1;
    expect(wordOf(ground.value('pin', '135790'))).toBe('denied PIN_LOCKED');
  });
});

describe('anti-passback', () => {
  const hard = (minutes?: number) =>
    withIn({ antiPassback: { mode: 'hard', ...(minutes === undefined ? {} : { minutes }) } }, policyBody([resident]));

  test('denies a second way in until there was a way out', () => {
    const ground = accessGround(hard());
    ground.passage(ground.card(1), true);
    expect(wordOf(ground.card(1))).toBe('denied ANTI_PASSBACK');
    ground.passage(ground.card(1, OUT), true);
    expect(wordOf(ground.card(1))).toBe('granted PERMITTED');
  });

  test('counts a grant as gone through, until nobody went', () => {
    const ground = accessGround(hard());
    const granted = ground.card(1);
    expect(wordOf(ground.card(1))).toBe('denied ANTI_PASSBACK');
    ground.passage(granted, false);
    expect(wordOf(ground.card(1))).toBe('granted PERMITTED');
  });

  test('forgives after its minutes, and at the reset of the area', () => {
    const timed = accessGround(hard(30));
    timed.card(1);
    timed.nowMs += 30 * MINUTE_MS - 1;
    expect(wordOf(timed.card(1))).toBe('denied ANTI_PASSBACK');
    timed.nowMs += 1;
    expect(wordOf(timed.card(1))).toBe('granted PERMITTED');

    // At four in the morning, sixteen hours from noon.
    const reset = accessGround({ ...hard(), areas: [{ id: 'lanting', resetAtMinute: 240 }] });
    reset.card(1);
    reset.nowMs += 16 * HOUR_MS - 1;
    expect(wordOf(reset.card(1))).toBe('denied ANTI_PASSBACK');
    reset.nowMs += 1;
    expect(wordOf(reset.card(1))).toBe('granted PERMITTED');
  });
});

test('a guard’s word forgives one holder, or all who are in an area', () => {
  const people = [1, 2, 3].map((number) => person(number));
  const body = withIn({ antiPassback: { mode: 'hard' } }, policyBody(people));
  const ground = accessGround({ ...body, areas: [{ id: 'lanting', occupancyLimit: 2 }] });
  const granted = ground.card(1);
  ground.card(2);
  expect(ground.forgive({ holder: people[2]?.holder.id ?? '' })).toBe(0);
  expect(ground.forgive({ holder: people[0]?.holder.id ?? '' })).toBe(1);
  // The grant that was under way changes nothing of it any more.
  ground.passage(granted, false);
  expect([1, 2].map((number) => wordOf(ground.card(number)))).toEqual(['granted PERMITTED', 'denied ANTI_PASSBACK']);
  expect(wordOf(ground.card(3))).toBe('denied OCCUPANCY_FULL');
  expect(ground.forgive({ area: 'lanting' })).toBe(2);
  expect([2, 3].map((number) => wordOf(ground.card(number)))).toEqual(['granted PERMITTED', 'granted PERMITTED']);
});

test('an area takes no more than its limit, and who leaves makes room', () => {
  const people = [1, 2, 3].map((number) => person(number));
  const ground = accessGround(
    policyBody(people, { areas: [{ id: 'lanting', occupancyLimit: 2, resetAtMinute: 240 }] }),
  );
  expect([1, 2, 3].map((number) => wordOf(ground.card(number)))).toEqual([
    ...['granted PERMITTED', 'granted PERMITTED', 'denied OCCUPANCY_FULL'],
  ]);
  ground.card(1, OUT);
  expect(wordOf(ground.card(3))).toBe('granted PERMITTED');
  expect(wordOf(ground.card(1))).toBe('denied OCCUPANCY_FULL');
  ground.nowMs += 17 * HOUR_MS;
  expect(wordOf(ground.card(1))).toBe('granted PERMITTED');
  expect([...(ground.memory.occupants.get('lanting') ?? [])]).toEqual([people[0]?.holder.id]);
});

test('of a group only one gate opens, and only when the others are known to be closed', () => {
  const point = (id: string, device: string): PolicyAccessPoint => ({
    ...{ id, device, interlock: 'sluice', factorRules: [{ anyOf: [['card']] }] },
  });
  const body = policyBody([person(1, { accessPoints: ['outer', 'inner'] })], {
    accessPoints: [point('outer', 'outer-door'), point('inner', 'inner-door')],
  });
  const ground = accessGround(body);
  expect(wordOf(ground.card(1, 'outer'))).toBe('denied INTERLOCK');
  ground.memory.doors.set('inner-door', 'closed').set('outer-door', 'closed');
  const granted = ground.card(1, 'outer');
  expect(wordOf(granted)).toBe('granted PERMITTED');
  expect(wordOf(ground.card(1, 'inner'))).toBe('denied INTERLOCK');
  ground.passage(granted, true);
  expect(wordOf(ground.card(1, 'inner'))).toBe('granted PERMITTED');
});

describe('a QR pass', () => {
  const claims: PassClaims = {
    ...{ estate: 'lanting', pass: uuidOf(801), holder: uuidOf(800), permit: uuidOf(850), accessPoints: [IN], uses: 1 },
    ...{ from: '2026-06-01T04:00:00.000Z', until: '2026-06-01T05:00:00.000Z', policyVersions: { 'lanting-edge-1': 8 } },
  };
  const known = policyBody([person(8, { kind: 'visitor', permit: { id: claims.permit, uses: 1 } })], { version: 8 });
  const withPass = {
    ...known,
    credentials: [...known.credentials, { id: claims.pass, holder: claims.holder, factor: 'qr' as const }],
  };

  test('opens before the policy knows it, once, and not after the policy should', () => {
    const ground = accessGround(policyBody([resident]));
    expect(ground.pass(claims)).toMatchObject({ outcome: 'granted', mustFlush: true, holder: claims.holder });
    expect(wordOf(ground.pass(claims))).toBe('denied USES_SPENT');
    ground.replace(withPass);
    expect(wordOf(ground.pass(claims))).toBe('denied USES_SPENT');
    ground.replace({ ...known, version: 9 });
    expect(wordOf(ground.pass(claims))).toBe('denied CREDENTIAL_UNKNOWN');
  });

  test.each<[string, PassClaims | undefined, string, number]>([
    ['PASS_INVALID', undefined, IN, 0],
    ['PASS_INVALID', { ...claims, estate: 'another' }, IN, 0],
    ['PASS_NOT_HERE', { ...claims, policyVersions: { 'another-edge': 1 } }, IN, 0],
    ['PASS_NOT_HERE', claims, OUT, 0],
    ['PASS_NOT_YET_VALID', claims, IN, -1],
    ['PASS_EXPIRED', claims, IN, HOUR_MS],
  ])('%s', (reason, pass, accessPoint, lateMs) => {
    const ground = accessGround(policyBody([resident]));
    ground.nowMs = NOON_MS + lateMs;
    expect(wordOf(ground.pass(pass, accessPoint))).toBe(`denied ${reason}`);
    const informed = accessGround(withPass);
    informed.nowMs = NOON_MS + lateMs;
    expect(wordOf(informed.pass(pass, accessPoint))).toBe(`denied ${reason}`);
  });

  test('is no secret by its id: the id as a QR text opens nothing', () => {
    const ground = accessGround(withPass);
    expect(wordOf(ground.value('qr', claims.pass))).toBe('denied CREDENTIAL_UNKNOWN');
  });
});

test('a face counts where it is enrolled, while consent and assessment last', () => {
  const body = withIn({ factorRules: [{ anyOf: [['face'], ['card']] }] }, policyBody([resident]));
  const until = '2026-06-01T04:00:00.001Z';
  const enrolled = [{ holder: resident.holder.id, consent: uuidOf(5), accessPoints: [IN], validUntil: until }];
  const faces = { assessment: { id: uuidOf(6), validUntil: until }, enrolled };
  const look = (parts: Partial<PolicyBody>, lateMs = 0, expiresAt?: string) => {
    const ground = accessGround({ ...body, ...parts }, expiresAt);
    ground.nowMs += lateMs;
    return wordOf(ground.offer({ kind: 'face', factor: 'face', holder: resident.holder.id }));
  };
  expect(look({ faces })).toBe('granted PERMITTED');
  expect(look({})).toBe('denied CREDENTIAL_UNKNOWN');
  expect(look({ faces: { enrolled } })).toBe('denied CREDENTIAL_UNKNOWN');
  expect(look({ faces: { ...faces, enrolled: enrolled.map((one) => ({ ...one, accessPoints: [OUT] })) } })).toBe(
    'denied CREDENTIAL_UNKNOWN',
  );
  expect(look({ faces }, 1)).toBe('denied CREDENTIAL_UNKNOWN');
  expect(look({ faces }, 0, '2026-06-01T03:00:00.000Z')).toBe('denied POLICY_EXPIRED');
});
