import type { PassClaims } from '@dipper/contract/pass';
import type { FactorRule, PolicyBody, PolicySchedule } from '@dipper/contract/policy-body';
import { createLocalTime } from '@dipper/edge/access/decision/local-time';
import type { Decision, Grant, Identity } from '@dipper/edge/access/decision/request';
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

/** The other gate of a sluice. */
const INNER = 'lanting-inner-door';
const SLUICE = 'lanting-sluice';
const everyZone = Intl.supportedValuesOf('timeZone');
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
    accessPoints: random.pick([[IN, OUT, SLUICE], [IN, OUT], [IN], [OUT]]),
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

/** Passes of one visit each: known to the policy, not known yet, taken back, of another edge or estate, or for one way only. */
function randomPasses(random: Random, nearMs: number): PassClaims[] {
  return Array.from({ length: 4 }, (_, index) => ({
    ...{
      estate: random.chance(10) ? 'elsewhere' : 'lanting',
      pass: uuidOf(8_000 + index),
      holder: uuidOf(8_100 + index),
    },
    ...{
      permit: uuidOf(8_200 + index),
      accessPoints: random.pick([[IN, OUT, SLUICE], [IN]]),
      uses: 1 + random.below(3),
    },
    from: iso(nearMs + (random.below(40) - 30) * 60 * MINUTE_MS),
    until: iso(nearMs + (random.below(30) - 3) * 60 * MINUTE_MS),
    policyVersions: random.chance(10) ? { 'another-edge': 1 } : { 'lanting-edge-1': random.pick([7, 8, 8, 8]) },
  }));
}

/** Whose passes the policy knows by now. */
function visitorsOf(random: Random, passes: readonly PassClaims[]): Person[] {
  return passes
    .filter(
      ({ estate, policyVersions }) => estate === 'lanting' && 'lanting-edge-1' in policyVersions && random.chance(40),
    )
    .map(({ pass, holder, permit, accessPoints, uses, from, until }) => ({
      holder: { id: holder, kind: 'visitor' },
      credentials: [{ id: pass, holder, factor: 'qr', ...(random.chance(10) ? { blocked: true as const } : {}) }],
      permits: [{ id: permit, holder, accessPoints, uses, validFrom: from, validUntil: until }],
    }));
}

function randomFaces(random: Random, people: readonly Person[], nearMs: number): Pick<PolicyBody, 'faces'> {
  const soon = (): string => iso(nearMs + (random.below(20) - 3) * 60 * MINUTE_MS);
  if (random.chance(20)) return {};
  return {
    faces: {
      ...(random.chance(85) ? { assessment: { id: uuidOf(9_000), validUntil: soon() } } : {}),
      enrolled: people
        .filter(() => random.chance(70))
        .map(({ holder }, index) => ({
          ...{ holder: holder.id, consent: uuidOf(9_001 + index) },
          ...{ accessPoints: random.pick([[IN, OUT], [IN]]), validUntil: soon() },
        })),
    },
  };
}

function randomBody(random: Random, nearMs: number, passes: readonly PassClaims[]): PolicyBody {
  const residents = [1, 2, 3, 4].map((number) => randomPerson(random, number, nearMs));
  const people = [...residents, ...visitorsOf(random, passes)];
  const interlock = random.chance(50) ? { interlock: 'sluice' } : {};
  const rules = (): FactorRule[] =>
    Array.from({ length: 1 + random.below(2) }, () => ({
      ...(random.chance(60) ? { schedule: uuidOf(5_000 + random.below(2)) } : {}),
      anyOf: random.pick<FactorRule['anyOf']>([
        [['card']],
        [['card', 'pin']],
        [['card'], ['pin'], ['button'], ['qr'], ['face']],
        [['pin', 'card'], ['button'], ['qr']],
        [['face', 'card'], ['qr']],
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
    timeZone: random.chance(60) ? random.pick(ZONES) : random.pick(everyZone),
    ...randomFaces(random, residents, nearMs),
    areas: [
      {
        id: 'lanting',
        ...(random.chance(50) ? { occupancyLimit: 1 + random.below(2) } : {}),
        ...(random.chance(40) ? { resetAtMinute: random.pick([0, 30, 90, 120, 150, 240]) } : {}),
      },
    ],
    accessPoints: [
      { id: IN, toArea: 'lanting', ...shared(), ...interlock },
      { id: OUT, fromArea: 'lanting', ...shared() },
      { id: SLUICE, ...shared(), device: INNER, ...interlock },
    ],
    schedules: [0, 1].map((id) => randomSchedule(random, id, nearMs)),
  });
}

function randomIdentity(random: Random, passes: readonly PassClaims[]): Identity {
  const factor = random.pick(['card', 'card', 'card', 'pin', 'pin', 'button', 'qr', 'qr', 'face'] as const);
  if (factor === 'button') return { kind: 'button', factor };
  if (factor === 'face') return { kind: 'face', factor, holder: uuidOf((1 + random.below(5)) * 100) };
  if (factor === 'qr') return { kind: 'pass', factor, claims: random.chance(5) ? undefined : random.pick(passes) };
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
  for (let seed = 1; seed <= 160; seed += 1) {
    const random = createRandom(seed);
    const startMs = random.pick(MOMENTS) + random.below(120) * MINUTE_MS;
    const passes = randomPasses(random, startMs);
    const body = randomBody(random, startMs, passes);
    const expiresAtMs = startMs + random.pick([-1, 2, 600]) * 60 * MINUTE_MS;
    const ground = accessGround(body, iso(expiresAtMs));
    ground.nowMs = startMs;
    const history: Happening[] = [];
    /** A grant that nobody has made use of yet. */
    let open: { readonly decision: Grant; readonly of: number } | undefined;
    const end = (isTaken: boolean): void => {
      if (open === undefined) return;
      ground.passage(open.decision, isTaken);
      history.push({ kind: 'passage', atMs: ground.nowMs, of: open.of, isTaken });
      open = undefined;
    };
    const see = (device: string, isClosed: boolean): void => {
      ground.memory.doors.set(device, isClosed ? 'closed' : random.pick(['open', 'unknown'] as const));
      history.push({ kind: 'door', atMs: ground.nowMs, device, isClosed });
    };
    for (const device of [GATE, INNER]) if (random.chance(80)) see(device, true);
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
      if (random.chance(20)) see(random.pick([GATE, INNER]), random.chance(70));
      const asked = {
        ...{ atMs: ground.nowMs, accessPoint: random.pick([IN, IN, OUT, SLUICE]) },
        identity: randomIdentity(random, passes),
      };
      const expected = slowAnswer(body, expiresAtMs, history, asked);
      const decision = ground.offer(asked.identity, asked.accessPoint);
      const answer = answerOf(decision);
      expect(answer, `seed ${seed}, step ${step}, ${body.timeZone}, ${iso(asked.atMs)}`).toBe(expected);
      history.push({ kind: 'offer', ...asked, answer });
      const of = history.length - 1;
      // Who has got another grant meanwhile has gone through on the first.
      const isSame = open !== undefined && decision.outcome === 'granted' && decision.holder === open.decision.holder;
      end(isSame || random.chance(75));
      if (decision.outcome === 'granted') open = { decision, of };
      if (random.chance(60)) end(random.chance(75));
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
    ...[
      'denied OUTSIDE_SCHEDULE',
      'denied USES_SPENT',
      'denied ANTI_PASSBACK',
      'denied OCCUPANCY_FULL',
      'denied INTERLOCK',
    ],
    ...['denied PASS_INVALID', 'denied PASS_NOT_HERE', 'denied PASS_NOT_YET_VALID', 'denied PASS_EXPIRED'],
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
