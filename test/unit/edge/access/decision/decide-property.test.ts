import type { FactorRule, PolicyBody, PolicySchedule } from '@dipper/contract/policy-body';
import { createLocalTime } from '@dipper/edge/access/decision/local-time';
import type { Decision, Identity } from '@dipper/edge/access/decision/request';
import { expect, test } from 'vitest';
import { accessGround } from '../../../../support/access-ground.ts';
import { GATE, hmacOf, IN, OUT, type Person, person, policyBody, uuidOf } from '../../../../support/access-policy.ts';
import { type Happening, slowAnswer } from '../../../../support/slow-access.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Half-hour zones, zones that change at midnight, one that skipped a day, one without summer time. */
const ZONES = [
  ...['Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'],
  ...['America/Havana', 'Asia/Beirut', 'Pacific/Apia', 'Africa/Casablanca', 'UTC'],
];
/** Around what goes wrong: leap days, changes of the clock, ends of years; Samoa left out 2011-12-30. */
const MOMENTS = [
  ...['2028-02-28T20:00:00Z', '2026-02-28T22:00:00Z', '2026-03-29T00:30:00Z', '2026-10-25T00:30:00Z'],
  ...['2026-03-08T06:30:00Z', '2026-11-01T05:30:00Z', '2026-04-04T14:30:00Z', '2026-10-03T15:00:00Z'],
  ...['2025-12-31T15:30:00Z', '2027-01-01T04:30:00Z', '2011-12-30T09:30:00Z', '2026-06-01T04:00:00Z'],
].map((text) => Date.parse(text));

/** Numbers that look random and are the same in every run (mulberry32). */
function createRandom(seed: number) {
  let state = seed;
  const share = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(share() * limit);
  return {
    below,
    chance: (percent: number): boolean => share() * 100 < percent,
    pick: <T>(from: readonly T[]): T => from[below(from.length)] as T,
  };
}
type Random = ReturnType<typeof createRandom>;

const iso = (atMs: number): string => new Date(atMs).toISOString();
const dateOf = (atMs: number): string => iso(atMs).slice(0, 10);

function randomSchedule(random: Random, id: number, nearMs: number): PolicySchedule {
  const span = (): [number, number] => {
    const from = random.pick([0, 60, 119, 120, 150, 480, 1_380, random.below(1_439)]);
    return [from, Math.min(1_440, from + 1 + random.below(600))];
  };
  const day = () => Array.from({ length: random.below(3) }, span);
  const dates = new Set(Array.from({ length: random.below(4) }, () => dateOf(nearMs + (random.below(5) - 2) * DAY_MS)));
  return {
    id: uuidOf(5_000 + id),
    weekly: Array.from({ length: 7 }, day),
    specialDays: [...dates].map((date) => ({ date, spans: day() })),
  };
}

function randomPerson(random: Random, number: number, nearMs: number): Person {
  const pins = ['111111', '222222', '333333'];
  const made = person(number, {
    kind: random.pick(['resident', 'resident', 'visitor', 'vehicle'] as const),
    ...(random.chance(70) ? { pin: random.pick(pins) } : {}),
  });
  const [first] = made.permits;
  const permits = Array.from({ length: random.below(3) + (random.chance(80) ? 1 : 0) }, (_, index) => ({
    ...(first as NonNullable<typeof first>),
    id: uuidOf(number * 100 + 50 + index),
    accessPoints: random.pick([[IN, OUT], [IN, OUT], [IN], [OUT]]),
    validFrom: iso(nearMs + (random.below(60) - 50) * 60 * MINUTE_MS),
    validUntil: iso(nearMs + (random.below(60) - 5) * 60 * MINUTE_MS),
    ...(random.chance(30) ? { schedule: uuidOf(5_000 + random.below(2)) } : {}),
    ...(random.chance(25) ? { uses: 1 + random.below(3) } : {}),
    ...(random.chance(10) ? { credential: made.credentials[0]?.id ?? '' } : {}),
  }));
  return {
    holder: { ...made.holder, ...(random.chance(5) ? { blocked: true as const } : {}) },
    credentials: made.credentials.map((one) => ({ ...one, ...(random.chance(5) ? { blocked: true as const } : {}) })),
    permits,
  };
}

function randomBody(random: Random, nearMs: number): PolicyBody {
  const people = [1, 2, 3, 4].map((number) => randomPerson(random, number, nearMs));
  const rules = (): FactorRule[] =>
    Array.from({ length: 1 + random.below(2) }, () => ({
      ...(random.chance(60) ? { schedule: uuidOf(5_000 + random.below(2)) } : {}),
      anyOf: random.pick<FactorRule['anyOf']>([
        [['card']],
        [['card', 'pin']],
        [['card'], ['pin'], ['button']],
        [['pin', 'card'], ['button']],
      ]),
    }));
  const antiPassback = () =>
    random.chance(60)
      ? {
          antiPassback: { mode: random.pick(['hard', 'soft'] as const), ...(random.chance(50) ? { minutes: 30 } : {}) },
        }
      : {};
  const shared = () => ({
    ...{ device: GATE, factorRules: rules(), ...antiPassback() },
    ...(random.chance(30) ? { whenExpired: random.pick(['residents-only', 'nobody'] as const) } : {}),
  });
  return policyBody(people, {
    timeZone: random.pick(ZONES),
    areas: [
      {
        id: 'lanting',
        ...(random.chance(50) ? { occupancyLimit: 1 + random.below(2) } : {}),
        ...(random.chance(40) ? { resetAtMinute: random.pick([0, 30, 90, 120, 150, 240]) } : {}),
      },
    ],
    accessPoints: [
      { id: IN, toArea: 'lanting', ...shared() },
      { id: OUT, fromArea: 'lanting', ...shared() },
    ],
    schedules: [0, 1].map((id) => randomSchedule(random, id, nearMs)),
  });
}

function randomIdentity(random: Random): Identity {
  const factor = random.pick(['card', 'card', 'card', 'pin', 'pin', 'button'] as const);
  if (factor === 'button') return { kind: 'button', factor };
  const value =
    factor === 'card' ? `CARD000${1 + random.below(5)}` : random.pick(['111111', '222222', '333333', '999999']);
  return { kind: 'value', factor, hmac: hmacOf(factor, value) };
}

const answerOf = (decision: Decision): string =>
  decision.outcome === 'waiting'
    ? 'waiting'
    : decision.outcome === 'denied'
      ? `denied ${decision.reason}`
      : `granted ${decision.reason}${decision.permit === undefined ? '' : ` ${decision.permit}`}`;

test('decides as a guard with a ledger would, in every zone, around every change of the clock', () => {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= 130; seed += 1) {
    const random = createRandom(seed);
    const startMs = random.pick(MOMENTS) + random.below(120) * MINUTE_MS;
    const body = randomBody(random, startMs);
    const expiresAtMs = startMs + random.pick([-1, 2, 600]) * 60 * MINUTE_MS;
    const ground = accessGround(body, iso(expiresAtMs));
    ground.nowMs = startMs;
    const history: Happening[] = [];
    for (let step = 0; step < 14; step += 1) {
      ground.nowMs += random.pick([
        0,
        1,
        5_000,
        19_999,
        20_000,
        MINUTE_MS,
        29 * MINUTE_MS,
        3_600_000,
        random.below(7_200_000),
      ]);
      const asked = { atMs: ground.nowMs, accessPoint: random.pick([IN, IN, OUT]), identity: randomIdentity(random) };
      const expected = slowAnswer(body, expiresAtMs, history, asked);
      const decision = ground.offer(asked.identity, asked.accessPoint);
      const answer = answerOf(decision);
      expect(answer, `seed ${seed}, step ${step}, ${body.timeZone}, ${iso(asked.atMs)}`).toBe(expected);
      history.push({ kind: 'offer', ...asked, answer });
      if (decision.outcome === 'granted') {
        const isTaken = random.chance(75);
        ground.passage(decision, isTaken);
        history.push({ kind: 'passage', atMs: ground.nowMs, of: history.length - 1, isTaken });
      }
      const word = answer.split(' ').slice(0, 2).join(' ');
      seen.set(word, (seen.get(word) ?? 0) + 1);
    }
  }
  // A generator that never comes to something proves nothing about it.
  for (const word of [
    ...['granted PERMITTED', 'granted PERMITTED_POLICY_EXPIRED', 'granted PERMITTED_ANTI_PASSBACK', 'waiting'],
    ...[
      'denied CREDENTIAL_UNKNOWN',
      'denied CREDENTIAL_AMBIGUOUS',
      'denied CREDENTIAL_BLOCKED',
      'denied HOLDER_BLOCKED',
    ],
    ...['denied POLICY_EXPIRED', 'denied ACCESS_POINT_CLOSED', 'denied FACTOR_NOT_ACCEPTED', 'denied FACTORS_DIFFER'],
    ...['denied PERMIT_MISSING', 'denied PERMIT_NOT_HERE', 'denied PERMIT_NOT_YET_VALID', 'denied PERMIT_EXPIRED'],
    ...['denied OUTSIDE_SCHEDULE', 'denied USES_SPENT', 'denied ANTI_PASSBACK', 'denied OCCUPANCY_FULL'],
  ]) {
    expect(seen.get(word), word).toBeGreaterThan(0);
  }
});

test('reads the clock on the wall as the runtime prints it, in every zone', () => {
  for (const timeZone of ZONES) {
    const local = createLocalTime(timeZone);
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
    for (const moment of MOMENTS) {
      for (let atMs = moment - 90 * MINUTE_MS; atMs < moment + 1_600 * MINUTE_MS; atMs += 97 * MINUTE_MS + 1) {
        const { day, minute, weekday } = local.at(atMs);
        const shown = new Date(day * DAY_MS + minute * MINUTE_MS);
        expect(`${iso(shown.getTime()).slice(0, 16).replace('T', ' ')}`, timeZone).toBe(format.format(atMs));
        expect(weekday).toBe((shown.getUTCDay() + 6) % 7);
      }
    }
  }
});
