import { EVENTS } from '@dipper/contract/events';
import type { PolicyBody } from '@dipper/contract/policy-body';
import { createValidator } from '@dipper/contract/validation';
import { compilePolicy } from '@dipper/edge/access/decision/decision-policy';
import type { DoorOutcome, GateDriver, GatePosition } from '@dipper/edge/access/driver';
import { createAccessDesk } from '@dipper/edge/access/record/access-desk';
import type { AccessEvent } from '@dipper/edge/access/record/access-record';
import type { AccessStore } from '@dipper/edge/access/record/access-store';
import type { StoreWrite } from '@dipper/edge/access/record/store-messages';
import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NOON_MS } from '../../../../support/access-ground.ts';
import { GATE, hmacOf, IN, OUT, person, policyBody } from '../../../../support/access-policy.ts';

beforeEach(
  () => void vi.useFakeTimers({ now: NOON_MS, toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'Date'] }),
);
afterEach(() => void vi.useRealTimers());

interface GroundOptions {
  readonly seesPassage?: boolean;
  readonly flush?: (write: StoreWrite) => Promise<void>;
}

/** A desk with one gate that does as the test says. */
function deskGround(body: PolicyBody, { seesPassage = false, flush = async () => undefined }: GroundOptions = {}) {
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
    clock: { nowMs: Date.now, floorMs: 0, raise: () => undefined },
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
