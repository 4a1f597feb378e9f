import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { DENIAL_REASONS } from '@dipper/contract/access-reasons';
import type { DoorAction } from '@dipper/contract/door-action';
import type { PassClaims } from '@dipper/contract/pass';
import type { PolicyAccessPoint, PolicyBody, PolicySchedule } from '@dipper/contract/policy-body';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GATE, hmacOf, IN, OUT, person, policyBody, uuidOf } from '../support/access-policy.ts';
import { type Entrance, startEntrance } from '../support/entrance.ts';
import { eventually } from '../support/eventually.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';

const LANE = 'lanting-garage-barrier';
const DOOR = 'lanting-side-door';
const READERS = {
  ...{ in: IN, out: OUT, unknown: 'nowhere', broken: 'broken', closed: 'closed', pair: 'pair', pin: 'pin-pad' },
  ...{ hard: 'hard', full: 'full', sluice: 'sluice', lane: 'lane-in' },
};

let broker: Mosquitto;
let entrance: Entrance;
let version = 6;
/** What a card came to before there was any policy. */
let unruled: string;

beforeAll(async () => {
  broker = await startMosquitto();
  entrance = await startEntrance({
    gates: {
      [GATE]: {
        simulated: { kind: 'barrier', travelMs: 50, holdOpenMs: 100, relayPulseMs: 50 },
        config: { contactToken: 'input-arm-down', place: 'lanting-service-gate' },
      },
      [LANE]: {
        simulated: { kind: 'barrier', travelMs: 50, holdOpenMs: 400, relayPulseMs: 50, loops: true },
        config: {
          contactToken: 'input-arm-down',
          inputs: [
            { role: 'arm-loop', token: 'input-arm-loop' },
            { role: 'entry-loop', token: 'input-entry-loop' },
            { role: 'exit-loop', token: 'input-exit-loop' },
            { role: 'exit-button', token: 'input-exit-button' },
          ],
        },
      },
      // A controller of Profile C, whose reader asks.
      [DOOR]: {
        simulated: { kind: 'door', accessTimeMs: 600_000, reader: true, answerWithinMs: 60_000 },
        config: { kind: 'door', driver: 'door' },
      },
    },
    broker: broker.url,
    readers: READERS,
    wiredReaders: { 'side-reader': { accessPoint: 'side-in', device: DOOR } },
  });
  const atFirst = async () => {
    const word = await answer('in', 'card', 'CARD0001', 500);
    return word !== 'silence' && word;
  };
  unruled = await eventually('the first reader', atFirst);
  await goBy(policyBody([]));
  // Each reader is followed once something is heard of it.
  for (const reader of Object.keys(READERS)) {
    await eventually(`the reader ${reader}`, async () => (await answer(reader, 'card', 'NOBODY', 500)) !== 'silence');
  }
});
afterAll(async () => {
  await entrance?.close();
  await broker?.stop();
});

/** Has the gate process go by a policy, one version after the other. */
async function goBy(body: PolicyBody, claims?: Parameters<Entrance['setPolicy']>[1]): Promise<void> {
  version += 1;
  await entrance.setPolicy({ ...body, version }, claims);
}

/** What a reading comes to: the decision and its reason, `waiting` for a request without one. */
async function answer(reader: string, factor: string, value: string, withinMs = 10_000): Promise<string> {
  const since = entrance.reports.length;
  await entrance.read(reader, factor, value);
  const decided = () =>
    entrance.access(since).find(({ type }) => type === 'access.granted' || type === 'access.denied');
  const event = await eventually('a decision', decided, { withinMs, everyMs: 5 }).catch(() => undefined);
  if (event === undefined) return entrance.access(since).length > 0 ? 'waiting' : 'silence';
  const reason = 'reason' in event.data ? event.data.reason : '';
  return `${event.type.slice('access.'.length)} ${reason}`;
}

const point = (id: string, parts: Partial<PolicyAccessPoint>): PolicyAccessPoint => ({
  ...{ id, device: GATE, factorRules: [{ anyOf: [['card']] }] },
  ...parts,
});
const never: PolicySchedule = { id: uuidOf(9), weekly: Array.from({ length: 7 }, () => []) };
const everywhere = [IN, OUT, 'broken', 'closed', 'pair', 'pin-pad', 'hard', 'full', 'sluice', 'lane-in', 'side-in'];
const year = { validFrom: '2026-01-01T00:00:00.000Z', validUntil: '2099-01-01T00:00:00.000Z' };
const somebody = (number: number, options: Parameters<typeof person>[1] = {}) =>
  person(number, { accessPoints: everywhere, ...options, permit: { ...year, ...options.permit } });

const residents = [1, 2, 3].map((number) => somebody(number, { pin: `13579${number}`, duressPin: `24680${number}` }));
const blocked = somebody(11);
const people = [
  ...residents,
  { ...blocked, credentials: blocked.credentials.map((one) => ({ ...one, blocked: true as const })) },
  { ...somebody(12), holder: { ...somebody(12).holder, blocked: true as const } },
  { ...somebody(13), permits: [] },
  somebody(14, { accessPoints: [OUT] }),
  somebody(15, { permit: { validFrom: '2098-01-01T00:00:00.000Z' } }),
  somebody(16, { permit: { validUntil: '2026-02-01T00:00:00.000Z' } }),
  somebody(17, { permit: { schedule: never.id } }),
  somebody(18, { kind: 'visitor', permit: { uses: 1 } }),
  somebody(19, { card: 'TWINCARD' }),
  somebody(20, { card: 'TWINCARD' }),
  somebody(21, { kind: 'visitor' }),
  somebody(22, { kind: 'visitor', permit: { uses: 1 } }),
];
const body = (parts: Partial<PolicyBody> = {}): PolicyBody => ({
  ...policyBody(people),
  areas: [{ id: 'lanting' }, { id: 'hall', occupancyLimit: 1 }],
  schedules: [never],
  accessPoints: [
    ...policyBody([]).accessPoints,
    point('broken', { outOfOrder: true }),
    point('closed', { factorRules: [{ schedule: never.id, anyOf: [['card']] }] }),
    point('pair', { factorRules: [{ anyOf: [['card', 'pin']] }], factorWindowSec: 2 }),
    point('pin-pad', { factorRules: [{ anyOf: [['pin']] }] }),
    point('hard', { toArea: 'lanting', antiPassback: { mode: 'hard' } }),
    point('full', { toArea: 'hall' }),
    point('sluice', { interlock: 'sluice' }),
    point('side-in', { device: DOOR, factorRules: [{ anyOf: [['card'], ['pin']] }] }),
    point('lane-in', {
      device: LANE,
      toArea: 'lanting',
      interlock: 'sluice',
      factorRules: [{ anyOf: [['card'], ['button']] }],
    }),
  ],
  ...parts,
});

describe('every reason of denial, from the reader to the record', () => {
  beforeAll(() => goBy(body()));

  test.each<[string, string, string, string]>([
    ['denied ACCESS_POINT_UNKNOWN', 'unknown', 'card', 'CARD0001'],
    ['denied ACCESS_POINT_OUT_OF_ORDER', 'broken', 'card', 'CARD0001'],
    [
      'denied PASS_INVALID',
      'in',
      'qr',
      `${Buffer.from('{"alg":"EdDSA","typ":"dipper-pass+jws"}').toString('base64url')}.e30.AAAA`,
    ],
    ['denied CREDENTIAL_UNKNOWN', 'in', 'card', 'CARD9999'],
    ['denied CREDENTIAL_AMBIGUOUS', 'in', 'card', 'TWINCARD'],
    ['denied CREDENTIAL_BLOCKED', 'in', 'card', 'CARD0011'],
    ['denied HOLDER_BLOCKED', 'in', 'card', 'CARD0012'],
    ['denied ACCESS_POINT_CLOSED', 'closed', 'card', 'CARD0001'],
    ['denied FACTOR_NOT_ACCEPTED', 'in', 'pin', '135791'],
    ['denied PERMIT_MISSING', 'in', 'card', 'CARD0013'],
    ['denied PERMIT_NOT_HERE', 'in', 'card', 'CARD0014'],
    ['denied PERMIT_NOT_YET_VALID', 'in', 'card', 'CARD0015'],
    ['denied PERMIT_EXPIRED', 'in', 'card', 'CARD0016'],
    ['denied OUTSIDE_SCHEDULE', 'in', 'card', 'CARD0017'],
    ['granted PERMITTED', 'full', 'card', 'CARD0001'],
    ['denied OCCUPANCY_FULL', 'full', 'card', 'CARD0002'],
    ['granted PERMITTED', 'hard', 'card', 'CARD0003'],
    ['denied ANTI_PASSBACK', 'hard', 'card', 'CARD0003'],
  ])('%s', async (expected, reader, factor, value) => {
    expect(await answer(reader, factor, value)).toBe(expected);
  });

  test.each<[string, Partial<PassClaims>]>([
    ['denied PASS_NOT_YET_VALID', { from: '2098-01-01T00:00:00.000Z' }],
    ['denied PASS_EXPIRED', { until: '2026-02-01T00:00:00.000Z' }],
    ['denied PASS_NOT_HERE', { accessPoints: [OUT] }],
  ])('%s', async (expected, changed) => {
    const token = await entrance.hub.pass({
      ...{
        estate: 'lanting',
        pass: uuidOf(811),
        holder: uuidOf(810),
        permit: uuidOf(812),
        accessPoints: [IN],
        uses: 1,
      },
      ...{ from: year.validFrom, until: year.validUntil, policyVersions: { 'lanting-edge-1': version + 1 } },
      ...changed,
    });
    expect(await answer('in', 'qr', token)).toBe(expected);
  });

  test('two factors of one person, of two, and one alone', async () => {
    expect(await answer('pair', 'card', 'CARD0001', 200)).toBe('waiting');
    expect(await answer('pair', 'pin', '135792')).toBe('denied FACTORS_DIFFER');
    expect(await answer('pair', 'card', 'CARD0001', 200)).toBe('waiting');
    expect(await answer('pair', 'pin', '135791')).toBe('granted PERMITTED');
    const since = entrance.reports.length;
    await entrance.read('pair', 'card', 'CARD0001');
    const record = await entrance.record(since, 'access.denied');
    expect(record.at(-1)?.data).toMatchObject({ reason: 'FACTOR_MISSING' });
  });

  test('duress opens as usual, and is told apart', async () => {
    const since = entrance.reports.length;
    expect(await answer('pin', 'pin', '246801')).toBe('granted PERMITTED');
    const record = await entrance.record(since, 'access.duress');
    expect(record.find(({ type }) => type === 'access.duress')?.data).toMatchObject({
      ...{ holder: residents[0]?.holder.id, granted: true },
    });
  });

  test('wrong PINs lock the pad', async () => {
    for (let count = 0; count < 5; count += 1) expect(await answer('pin', 'pin', '999999')).toMatch(/UNKNOWN/);
    expect(await answer('pin', 'pin', '135791')).toBe('denied PIN_LOCKED');
  });

  test('one of two gates of a sluice stays shut while the other is not', async () => {
    await eventually(
      'both to be closed',
      async () => (await answer('sluice', 'card', 'CARD0001')) === 'granted PERMITTED',
    );
    expect(await answer('lane', 'card', 'CARD0002')).toBe('denied INTERLOCK');
  });
});

test('where no use can be written down, what is used once opens nothing, and residents pass', async () => {
  await goBy(body());
  // Somebody else holds the file: what SQLite answers then is what it answers on a disk that takes nothing.
  using file = new DatabaseSync(entrance.memoryFile);
  file.exec('begin exclusive');
  expect(await answer('in', 'card', 'CARD0022')).toBe('denied MEMORY_UNWRITABLE');
  expect(await answer('in', 'card', 'CARD0002')).toBe('granted PERMITTED');
  file.exec('rollback');
});

test('a policy past its time lets residents in and no visitors', async () => {
  await goBy(body(), { expiresAt: '2026-06-02T00:00:00.000Z' });
  expect(await answer('in', 'card', 'CARD0002')).toBe('granted PERMITTED_POLICY_EXPIRED');
  expect(await answer('in', 'card', 'CARD0021')).toBe('denied POLICY_EXPIRED');
});

test('a policy that cannot be believed changes nothing', async () => {
  await goBy(body());
  expect(await entrance.offerPolicy('{"policy": "torn')).toBe('POLICY_INVALID');
  expect(await answer('in', 'card', 'CARD0002')).toBe('granted PERMITTED');
});

test('vehicles: a loop sees who went through, and who did not', async () => {
  await goBy(body());
  const driven = entrance.simulator.estate.drive(LANE, { stepMs: 60 });
  const since = entrance.reports.length;
  await eventually(
    'the other gate to be closed',
    async () => (await answer('lane', 'card', 'CARD0001')) === 'granted PERMITTED',
  );
  await driven;
  // Others have gone through the other gate meanwhile.
  const taken = await eventually('the vehicle', () =>
    entrance.access(since).find(({ type, data }) => type === 'access.taken' && data.accessPoint === 'lane-in'),
  );
  expect(taken.data).toMatchObject({ holder: residents[0]?.holder.id, by: 'loop' });
  const record = entrance.access(since).filter(({ correlation }) => correlation === taken.correlation);
  expect(record.map(({ type }) => type)).toEqual(['access.requested', 'access.granted', 'access.taken']);
});

describe('a reader of the door’s own controller, which waits for a decision', () => {
  beforeAll(() => goBy(body()));

  const door = () => entrance.simulator.estate.state.devices.find(({ id }) => id === DOOR);
  const command = (action: DoorAction) =>
    entrance.supervisor.command({ id: randomUUID(), device: DOOR, action, deadlineMs: 10_000 });
  /** @returns the record from the request to its decision at least, once the reader has its answer */
  async function present(factor: 'card' | 'pin', value: string) {
    const since = entrance.reports.length;
    entrance.simulator.estate.present(DOOR, { factor, value });
    expect(door()?.reader?.isWaiting).toBe(true);
    const record = await entrance.record(since, 'access.granted', 'access.denied');
    await eventually('the reader’s answer', () => door()?.reader?.isWaiting === false, { withinMs: 20_000 });
    return { record, since };
  }

  test('a card of a resident opens the door, and the reader says so; whoever pushes it has passed', async () => {
    const { record, since } = await present('card', 'CARD0001');
    expect(record[0]?.data).toMatchObject({ reader: 'side-reader', topic: 'tns1:AccessControl/Request/Identifier' });
    expect(record[1]).toMatchObject({ type: 'access.granted', data: { holder: residents[0]?.holder.id } });
    expect(door()).toMatchObject({ reader: { last: 'granted' }, door: { lock: 'Unlocked' } });
    entrance.simulator.estate.setInput(DOOR, 'leaf', { active: true });
    const whole = await entrance.record(since, 'access.taken', 'access.not-taken');
    expect(whole.map(({ type }) => type)).toEqual(['access.requested', 'access.granted', 'access.taken']);
    entrance.simulator.estate.setInput(DOOR, 'leaf', { active: false });
    expect(await command('close')).toMatchObject({ ok: true, lock: 'locked' });
  });

  test('an unknown card and a wrong PIN open nothing, and the reader says so', async () => {
    const { record } = await present('card', 'CARD9999');
    expect(record.at(-1)?.data).toMatchObject({ reason: 'CREDENTIAL_UNKNOWN' });
    expect(door()).toMatchObject({ reader: { last: 'denied' }, door: { mode: 'Locked' } });
    await present('pin', '000000');
    expect(door()).toMatchObject({ reader: { last: 'denied' }, door: { mode: 'Locked' } });
  });

  test('a good card at a door that the guard has locked gets no yes, for which the controller would open', async () => {
    expect(await command('lock')).toMatchObject({ ok: true, hold: 'locked' });
    const { record } = await present('card', 'CARD0002');
    expect(record[1]?.type).toBe('access.granted');
    expect(door()).toMatchObject({ reader: { last: 'denied' }, door: { mode: 'LockedDown', lock: 'Locked' } });
    expect(await command('release')).toMatchObject({ ok: true });
  });
});

test('what is used once is used once, also when the gate process is killed the moment the gate opens', async () => {
  await goBy(body());
  expect(await answer('in', 'card', 'CARD0018')).toBe('granted PERMITTED');
  const claims: PassClaims = {
    ...{ estate: 'lanting', pass: uuidOf(801), holder: uuidOf(800), permit: uuidOf(850), accessPoints: [IN], uses: 1 },
    ...{ from: year.validFrom, until: year.validUntil, policyVersions: { 'lanting-edge-1': version + 1 } },
  };
  const pass = await entrance.hub.pass(claims);
  expect(await answer('in', 'qr', pass)).toBe('granted PERMITTED');

  const { pid } = entrance.supervisor;
  process.kill(pid as number, 'SIGKILL');
  await eventually('another gate process', () => {
    const next = entrance.supervisor.pid;
    return next !== undefined && next !== pid && entrance.supervisor.policy?.version === version;
  });
  const ask = (factor: string, value: string) => async () => {
    const word = await answer('in', factor, value, 1_000);
    return word !== 'silence' && word;
  };
  expect(await eventually('the reader', ask('card', 'CARD0018'))).toBe('denied USES_SPENT');
  expect(await eventually('the reader', ask('qr', pass))).toBe('denied USES_SPENT');
  // Where somebody is has been written behind; anti-passback knows it after the kill.
  expect(await answer('hard', 'card', 'CARD0003')).toBe('denied ANTI_PASSBACK');
  // The next policy knows of no such pass: it was taken back.
  await goBy(body());
  expect(await answer('in', 'qr', pass)).toBe('denied CREDENTIAL_UNKNOWN');
});

test('what a guard has it forget is forgotten, also by the next gate process', async () => {
  await goBy(body());
  await answer('hard', 'card', 'CARD0003');
  expect(await answer('hard', 'card', 'CARD0003')).toBe('denied ANTI_PASSBACK');
  const { supervisor } = entrance;
  const holder = residents[2]?.holder.id ?? '';
  expect(await supervisor.forgive(uuidOf(901), { holder })).toBe(1);
  const { pid } = supervisor;
  process.kill(pid as number, 'SIGKILL');
  await eventually('another gate process', () => {
    const next = supervisor.pid;
    return next !== undefined && next !== pid && supervisor.policy?.version === version;
  });
  expect(await supervisor.forgive(uuidOf(902), { holder })).toBe(0);
  await eventually('the reader', async () => (await answer('unknown', 'card', 'CARD0003', 1_000)) !== 'silence');
  await eventually('the reader', async () => (await answer('hard', 'card', 'CARD9999', 1_000)) !== 'silence');
  expect(await answer('hard', 'card', 'CARD0003')).toBe('granted PERMITTED');
  // Everybody who is in the area, and nobody twice.
  expect(await supervisor.forgive(uuidOf(903), { area: 'lanting' })).toBeGreaterThan(0);
  expect(await supervisor.forgive(uuidOf(904), { area: 'lanting' })).toBe(0);
});

test('a reading that the broker kept, one that comes twice, and one that is none', async () => {
  await goBy(body());
  const topic = 'readers/in/credential';
  const since = entrance.reports.length;
  await entrance.publish(topic, JSON.stringify({ factor: 'card', value: 'CARD0001' }), { qos: 1, retain: true });
  await entrance.publish(topic, 'no JSON', { qos: 1 });
  await entrance.publish(topic, JSON.stringify({ factor: 'face', value: 'x' }), { qos: 1 });
  for (let count = 0; count < 3; count += 1) await entrance.read('in', 'card', 'CARD0002', 'reading-1');
  await entrance.read('in', 'card', 'CARD0013', 'reading-2');
  // A live subscriber is sent a message as it comes, retained or not (MQTT 3.1.1 §3.3.1.3): the first one counts.
  await entrance.record(since, 'access.denied');
  const holders = entrance
    .access(since)
    .flatMap(({ type, data }) => (type === 'access.granted' && 'holder' in data ? data.holder : []));
  expect(holders.filter((holder) => holder === residents[1]?.holder.id)).toHaveLength(1);

  await broker.restart();
  await entrance.publish(topic, '', { retain: true });
});

test('without any policy nobody gets in; and each reason that there is has been seen here', () => {
  expect(unruled).toBe('denied POLICY_MISSING');
  const seen = entrance.access().flatMap(({ type, data }) => (type === 'access.denied' ? data.reason : []));
  expect([...new Set(seen)].sort()).toEqual([...DENIAL_REASONS].sort());
});

test('no value that a reader read stands in any record', () => {
  const told = JSON.stringify(entrance.reports);
  for (const value of ['CARD0001', 'CARD0018', '135791', '246801', hmacOf('card', 'CARD0001')])
    expect(told).not.toContain(value);
});

test('the agent’s own eyes ask as readers do', async () => {
  await goBy(
    body({ accessPoints: [point(IN, { toArea: 'lanting', factorRules: [{ anyOf: [['plate']] }] })], ...withPlate() }),
  );
  const since = entrance.reports.length;
  entrance.supervisor.offerFactor({
    device: GATE,
    factor: 'plate',
    value: '京A·12345',
    atMs: Date.now(),
    evidence: { votes: 3 },
  });
  const record = await entrance.record(since, 'access.taken');
  expect(record[0]).toMatchObject({ type: 'access.requested', data: { factors: ['plate'], evidence: { votes: 3 } } });
});

function withPlate(): Pick<PolicyBody, 'holders' | 'credentials' | 'permits'> {
  const car = person(30, { kind: 'vehicle', plate: '京A12345', accessPoints: [IN], permit: year });
  return { holders: [car.holder], credentials: car.credentials, permits: car.permits };
}
