import { EVENTS } from '@dipper/contract/events';
import type { PolicyBody } from '@dipper/contract/policy-body';
import { createValidator } from '@dipper/contract/validation';
import { compilePolicy } from '@dipper/edge/access/decision/decision-policy';
import { createGateClock, type GateClock } from '@dipper/edge/access/decision/gate-clock';
import type { DoorOutcome, GateDriver, GatePosition } from '@dipper/edge/access/driver';
import { createAccessDesk } from '@dipper/edge/access/record/access-desk';
import type { AccessEvent } from '@dipper/edge/access/record/access-record';
import type { AccessStore } from '@dipper/edge/access/record/access-store';
import type { StoreWrite } from '@dipper/edge/access/record/store-messages';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NOON_MS } from '../../../../support/access-ground.ts';
import { GATE, hmacOf, IN, OUT, person, policyBody } from '../../../../support/access-policy.ts';

beforeEach(
  () => void vi.useFakeTimers({ now: NOON_MS, toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'Date'] }),
);
afterEach(() => void vi.useRealTimers());

interface GroundOptions {
  readonly seesPassage?: boolean;
  readonly flush?: (write: StoreWrite) => Promise<void>;
  readonly clock?: GateClock;
}

/** A desk with one gate that does as the test says. */
function deskGround(body: PolicyBody, options: GroundOptions = {}) {
  const { seesPassage = false, flush = async () => undefined } = options;
  const events: AccessEvent[] = [];
  const commands: string[] = [];
  const notes: StoreWrite[] = [];
  let position: GatePosition = 'closed';
  let outcome = Promise.withResolvers<DoorOutcome>();
  const driver: GateDriver = {
    device: GATE,
    capabilities: { kind: 'barrier', actions: ['open'], feedback: ['contact'], closesItself: false, seesPassage },
    get sight() {
      return { position, relay: 'inactive', contact: position === 'open' ? 'open' : 'closed' } as const;
    },
    ...{ isFollowed: true, isFire: false },
    command(action, { correlation }) {
      commands.push(`${action} ${correlation}`);
      outcome = Promise.withResolvers();
      return outcome.promise;
    },
  };
  const store: AccessStore = {
    restored: { uses: [], whereabouts: [], policy: undefined, floorMs: undefined, movedCorruptTo: undefined },
    note: (write) => void notes.push(write),
    flush,
    close: async () => undefined,
  };
  const policy = compilePolicy(body, { expiresAt: '2026-12-31T00:00:00.000Z' });
  const desk = createAccessDesk({
    policy: () => policy,
    drivers: new Map([[GATE, driver]]),
    placeOf: () => 'lanting-service-gate',
    clock: options.clock ?? { nowMs: Date.now, doubtedMs: undefined, floorMs: 0, raise: () => undefined },
    ...{ store, wallMs: Date.now, monotonicMs: Date.now, emit: (event) => events.push(event) },
    log: pino({ level: 'silent' }),
  });
  return {
    ...{ desk, events, commands, notes },
    card: (number: number, accessPoint = IN) =>
      desk.offer({
        accessPoint,
        identity: { kind: 'value', factor: 'card', hmac: hmacOf('card', `CARD${String(number).padStart(4, '0')}`) },
        reader: 'lanting-reader',
      }),
    door(next: GatePosition) {
      position = next;
      desk.doorSeen(GATE, driver.sight, Date.now());
    },
    async answer(done: DoorOutcome) {
      outcome.resolve(done);
      await vi.advanceTimersByTimeAsync(0);
    },
    types: () => events.map(({ type }) => type),
    /** Every event as its schema in the contract has it, all under one correlation id. */
    expectOneRecord() {
      for (const { type, data } of events) expect(createValidator(EVENTS[type].data).problems(data), type).toEqual([]);
      expect(new Set(events.map(({ correlation }) => correlation)).size).toBe(1);
    },
  };
}

const ok: DoorOutcome = { ok: true, afterMs: 900, position: 'open' };
const resident = person(1, { pin: '135790', duressPin: '135791' });

test('one record from request to passage, under the id that the gate is commanded with', async () => {
  const ground = deskGround(policyBody([resident]));
  await ground.card(1);
  vi.advanceTimersByTime(900);
  ground.door('open');
  await ground.answer(ok);
  expect(ground.types()).toEqual(['access.requested', 'access.granted', 'access.taken']);
  ground.expectOneRecord();
  expect(ground.commands).toEqual([`open ${ground.events[0]?.correlation}`]);
  expect(ground.events.map(({ device, place }) => [device, place])).toEqual(
    Array(3).fill([GATE, 'lanting-service-gate']),
  );
  expect(ground.events[2]?.data).toEqual({
    ...{ accessPoint: IN, holder: resident.holder.id, afterMs: 900, by: 'contact' },
  });
});

describe('a wall clock that leaps ahead', () => {
  const HOUR_MS = 3_600_000;
  const YEAR_MS = 8_760 * HOUR_MS;
  const at = (hours: number): string => new Date(NOON_MS + hours * HOUR_MS).toISOString();
  function leaping(body: PolicyBody) {
    const time = { aheadMs: 0, passedMs: 0 };
    const monotonicMs = () => time.passedMs;
    const wallMs = () => NOON_MS + time.passedMs + time.aheadMs;
    const ground = deskGround(body, { clock: createGateClock({ wallMs, monotonicMs, floorMs: undefined }) });
    const word = async (number: number): Promise<string> => {
      const decision = await ground.card(number);
      return decision.outcome === 'waiting'
        ? 'waiting'
        : `${decision.outcome} ${'reason' in decision && decision.reason}`;
    };
    return { ...ground, time, word };
  }

  test('opens for nobody whose hour has not come, nor for whose hour it would be over; for others it opens', async () => {
    const { time, word } = leaping(
      policyBody([
        person(1),
        person(2, { permit: { validFrom: at(1) } }),
        person(3, { permit: { validUntil: at(1) } }),
      ]),
    );
    expect(await word(3)).toBe('granted PERMITTED');
    time.aheadMs = 2 * HOUR_MS;
    expect([await word(1), await word(2), await word(3)]).toEqual([
      ...['granted PERMITTED', 'denied PERMIT_NOT_YET_VALID', 'denied PERMIT_EXPIRED'],
    ]);
    // It has lasted.
    for (let minute = 0; minute < 11; minute += 1) {
      time.passedMs += 60_000;
      await word(1);
    }
    expect(await word(2)).toBe('granted PERMITTED');
  });

  test('leaves nothing behind when it is undone: anti-passback forgives after its minutes, not after a year', async () => {
    const body = policyBody([person(1, { permit: { validUntil: at(9_999) } })]);
    const accessPoints = body.accessPoints.map((point) => ({
      ...point,
      antiPassback: { mode: 'hard' as const, minutes: 30 },
    }));
    const { time, word } = leaping({ ...body, accessPoints });
    time.aheadMs = YEAR_MS;
    expect(await word(1)).toBe('granted PERMITTED_POLICY_EXPIRED');
    time.aheadMs = 0;
    time.passedMs += 60_000;
    expect(await word(1)).toBe('denied ANTI_PASSBACK');
    time.passedMs += 30 * 60_000;
    expect(await word(1)).toBe('granted PERMITTED');
  });
});

test('a denial is a record of its own, and commands nothing', async () => {
  const ground = deskGround(policyBody([resident]));
  await ground.card(2);
  expect(ground.types()).toEqual(['access.requested', 'access.denied']);
  expect(ground.events[1]?.data).toMatchObject({ reason: 'CREDENTIAL_UNKNOWN', policyVersion: 7 });
  ground.expectOneRecord();
  expect(ground.commands).toEqual([]);
});

test('a gate with loops: an open arm is no passage, a vehicle is', async () => {
  const ground = deskGround(policyBody([resident]), { seesPassage: true });
  const granted = await ground.card(1);
  ground.door('open');
  await ground.answer(ok);
  expect(ground.types()).toEqual(['access.requested', 'access.granted']);
  ground.desk.passageSeen(GATE, 'in', Date.now(), granted.correlation);
  expect(ground.events.at(-1)).toMatchObject({ type: 'access.taken', data: { by: 'loop' } });

  await ground.card(1, OUT);
  ground.door('closed');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ground.types().at(-1)).toBe('access.not-taken');
});

test('a gate that does not open is not taken, says why, and leaves its holder where they were', async () => {
  const body = policyBody([resident]);
  const hard = { mode: 'hard' as const };
  const ground = deskGround({
    ...body,
    accessPoints: body.accessPoints.map((point) => ({ ...point, antiPassback: hard })),
  });
  await ground.card(1);
  await ground.answer({ ok: false, code: 'GATE_UNREACHABLE', message: 'It is gone.', position: 'unknown' });
  expect(ground.events.at(-1)).toMatchObject({ type: 'access.not-taken', data: { cause: 'GATE_UNREACHABLE' } });
  expect((await ground.card(1)).outcome).toBe('granted');
  // What was sent may still move it: until the passage's time is over.
  await ground.answer({ ok: false, code: 'GATE_COMMAND_UNCONFIRMED', message: 'Not seen.', position: 'closed' });
  expect(ground.types().at(-1)).toBe('access.granted');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ground.events.at(-1)).toMatchObject({ type: 'access.not-taken', data: { cause: 'GATE_COMMAND_UNCONFIRMED' } });
});

test('a use that is limited is on disk before the gate is told to open, and a gate whose use cannot be written stays shut', async () => {
  const visitor = person(2, { kind: 'visitor', permit: { uses: 1 } });
  const disk = Promise.withResolvers<void>();
  const written: StoreWrite[] = [];
  const ground = deskGround(policyBody([visitor]), {
    flush(write) {
      written.push(write);
      return disk.promise;
    },
  });
  const offered = ground.card(2);
  await vi.advanceTimersByTimeAsync(0);
  expect(written).toMatchObject([{ uses: [[visitor.permits[0]?.id, 1]] }]);
  expect(ground.commands).toEqual([]);
  // The second asks while the first is being written.
  expect(await ground.card(2)).toMatchObject({ outcome: 'denied', reason: 'USES_SPENT' });
  disk.resolve();
  expect((await offered).outcome).toBe('granted');
  expect(ground.commands).toHaveLength(1);

  const broken = deskGround(policyBody([visitor]), { flush: () => Promise.reject(new Error('disk full')) });
  expect(await broken.card(2)).toMatchObject({ outcome: 'denied', reason: 'MEMORY_UNWRITABLE' });
  expect([broken.commands, broken.types()]).toEqual([[], ['access.requested', 'access.denied']]);
});

test('what need not be on disk first is written behind', async () => {
  const flush = vi.fn(async () => undefined);
  const ground = deskGround(policyBody([resident]), { flush });
  await ground.card(1);
  expect(flush).not.toHaveBeenCalled();
  expect(ground.notes).toMatchObject([{ whereabouts: [[resident.holder.id, { area: 'lanting' }]] }]);
});

test('two factors are one record; the missing second ends it in its time', async () => {
  const body = policyBody([resident]);
  const ground = deskGround({
    ...body,
    accessPoints: body.accessPoints.map((point) => ({ ...point, factorRules: [{ anyOf: [['card', 'pin']] }] })),
  });
  await ground.card(1);
  const pin = { kind: 'value', factor: 'pin', hmac: hmacOf('pin', '135791') } as const;
  await ground.desk.offer({ accessPoint: IN, identity: pin });
  expect(ground.types()).toEqual(['access.requested', 'access.granted', 'access.duress']);
  ground.expectOneRecord();
  // Nothing about the grant itself shows it.
  expect(JSON.stringify(ground.events[1])).not.toMatch(/duress/i);

  await ground.card(1, OUT);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(ground.events.at(-1)).toMatchObject({ type: 'access.denied', data: { reason: 'FACTOR_MISSING' } });
});

test('the exit button is a request of the way out', async () => {
  const ground = deskGround(policyBody([]));
  ground.desk.inputSeen(GATE, 'exit-button', true, Date.now());
  ground.desk.inputSeen(GATE, 'exit-button', false, Date.now());
  await vi.advanceTimersByTimeAsync(0);
  expect(ground.types()).toEqual(['access.requested', 'access.granted']);
  expect(ground.events[0]?.data).toEqual({ accessPoint: OUT, factors: ['button'] });
});

test('whoever is still under way when it ends has not passed', async () => {
  const ground = deskGround(policyBody([resident]), { seesPassage: true });
  await ground.card(1);
  ground.desk.close();
  expect(ground.types().at(-1)).toBe('access.not-taken');
});
