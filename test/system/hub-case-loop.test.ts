import { randomUUID } from 'node:crypto';
import type { CaseDetail, CaseStepRequest } from '@dipper/contract/api/case';
import type { Role } from '@dipper/contract/api/session';
import type { Actor } from '@dipper/hub/services';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '../support/embedded-broker.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../support/embedded-database.ts';
import { eventually } from '../support/eventually.ts';
import { type HubData, startHubData } from '../support/hub-data.ts';
import { placesWithClosedGates } from '../support/street-config.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A Tuesday, 10:00 in Shanghai, in a week without a holiday. */
const START_MS = Date.parse('2026-11-24T02:00:00.000Z');
const why = { note: 'of a test' };

let database: EmbeddedDatabase;
let broker: EmbeddedBroker;
let hub: HubData;
let now = START_MS;
let places = 0;
let id: string;

const actor = (name: string, ...roles: Role[]): Actor => ({ name, roles, scope: 'everywhere' });
const dispatcher = actor('dora', 'dispatcher');
const other = actor('otto', 'dispatcher');
const worker = actor('wang', 'grid-worker');
const supervisor = actor('sun', 'supervisor');
const admin = actor('admin', 'admin');

const startHub = (): Promise<HubData> =>
  startHubData({ databaseUrl: database.url, broker, places: placesWithClosedGates(40, ['edge-a']), now: () => now });

beforeAll(async () => {
  [database, broker] = await Promise.all([startEmbeddedDatabase(), startEmbeddedBroker()]);
  hub = await startHub();
  // The leader of the configuration.
  await hub.pool.pool.query(
    `insert into dipper.account (id, name, name_key, display_name, password_hash, roles)
     values (gen_random_uuid(), 'admin', 'admin', '王局', 'x', '{admin}'),
            (gen_random_uuid(), 'wang', 'wang', '王芳', 'x', '{grid-worker}')`,
  );
});
afterAll(async () => {
  await hub?.stop();
  await Promise.all([database?.stop(), broker?.stop()]);
});
beforeEach(async () => {
  now = Math.max(now, START_MS) + 60_000;
  id = await open();
});

/** Each case lies at a place of its own, so that none looks like another. */
async function open(category = 'water-power-gas'): Promise<string> {
  places += 1;
  const report = { source: 'patrol', category, title: '停水', place: `gate-${places}` } as const;
  return (await hub.services.cases.open(report, worker)).case.id;
}

const get = (of = id): Promise<CaseDetail> => hub.services.cases.get(of, dispatcher);

async function step(by: Actor, request: Omit<CaseStepRequest, 'version'>, of = id): Promise<CaseDetail> {
  return hub.services.cases.takeStep(of, { version: (await get(of)).case.version, ...request }, by);
}

async function bringTo(state: 'accepted' | 'handled', of = id, by = worker): Promise<void> {
  await step(dispatcher, { action: 'establish' }, of);
  await step(dispatcher, { action: 'dispatch', assignee: by.name }, of);
  await step(by, { action: 'accept' }, of);
  if (state === 'handled') await step(by, { action: 'handle', note: 'done' }, of);
}

const refusal = (code: string) => ({ code });
const actionsOf = ({ steps }: CaseDetail): string => steps.map(({ action }) => action).join(' ');

describe('a request', () => {
  it('is decided by somebody else, and nothing moves the case meanwhile', async () => {
    await bringTo('accepted');
    await expect(step(worker, { action: 'return' })).rejects.toMatchObject(refusal('REQUEST_INVALID'));
    const asked = await step(worker, { action: 'return', note: '不属于本网格' });
    expect(asked.case.request).toMatchObject({ action: 'return', by: 'wang', byName: '王芳', note: '不属于本网格' });
    await expect(step(worker, { action: 'handle' })).rejects.toMatchObject(refusal('CASE_REQUEST_PENDING'));
    // The same person with more roles is the same person.
    const both = actor('wang', 'grid-worker', 'dispatcher', 'supervisor', 'admin');
    for (const action of ['approve', 'refuse'] as const) {
      await expect(step(both, { action, ...why })).rejects.toMatchObject(refusal('ASKER_CANNOT_APPROVE'));
    }
    await step(dispatcher, { action: 'comment', note: 'I look into it.' });
    const approved = await step(dispatcher, { action: 'approve' });
    expect(approved.case).toMatchObject({ state: 'established', assignee: null, request: null, firstHandler: 'wang' });
    expect(approved.steps.at(-1)).toMatchObject({ action: 'approve', request: 'return', by: 'dora' });
    // First-handler duty: whoever had it first stays named.
    const again = await step(dispatcher, { action: 'dispatch', assignee: 'li' });
    expect(again.case).toMatchObject({ assignee: 'li', firstHandler: 'wang', firstHandlerName: '王芳' });
  });

  it('can be refused with a reason, or withdrawn by whoever made it', async () => {
    await bringTo('accepted');
    await step(worker, { action: 'suspend', ...why });
    await expect(step(dispatcher, { action: 'approve' })).rejects.toMatchObject(refusal('FORBIDDEN'));
    await expect(step(supervisor, { action: 'refuse' })).rejects.toMatchObject(refusal('REQUEST_INVALID'));
    expect((await step(supervisor, { action: 'refuse', ...why })).case).toMatchObject({
      request: null,
      state: 'accepted',
    });
    await step(worker, { action: 'suspend', ...why });
    await expect(step(dispatcher, { action: 'withdraw' })).rejects.toMatchObject(refusal('FORBIDDEN'));
    expect((await step(worker, { action: 'withdraw' })).case.request).toBeNull();
  });

  it('voids a case only by a chief who did not ask for it', async () => {
    await step(supervisor, { action: 'void', ...why });
    await expect(step(dispatcher, { action: 'approve' })).rejects.toMatchObject(refusal('FORBIDDEN'));
    await expect(step(supervisor, { action: 'approve' })).rejects.toMatchObject(refusal('ASKER_CANNOT_APPROVE'));
    expect((await step(admin, { action: 'approve' })).case).toMatchObject({
      state: 'voided',
      closedAt: expect.any(String),
    });
  });
});

describe('the clock of a case', () => {
  it('stands still while it is suspended, and its deadline moves by as much', async () => {
    await bringTo('accepted');
    const before = Date.parse((await get()).case.deadlineAt);
    await step(worker, { action: 'suspend', ...why });
    now += HOUR_MS;
    await step(supervisor, { action: 'approve' });
    await expect(step(worker, { action: 'handle' })).rejects.toMatchObject(refusal('CASE_SUSPENDED'));
    now += 3 * DAY_MS;
    expect((await get()).case.overdue).toBe(false);
    const { case: resumed } = await step(worker, { action: 'resume' });
    expect(Date.parse(resumed.deadlineAt) - before).toBe(3 * DAY_MS);
    await step(worker, { action: 'handle', note: 'done' });
  });

  it('is extended to what was asked for, once that is approved', async () => {
    await bringTo('accepted');
    const { case: before } = await get();
    const until = new Date(Date.parse(before.deadlineAt) + 2 * DAY_MS).toISOString();
    for (const bad of [before.openedAt, '2026-13-30T00:00:00.000Z', '2028-01-01T00:00:00.000Z']) {
      const attempt = step(worker, { action: 'extend', ...why, until: bad });
      await expect(attempt, bad).rejects.toMatchObject(refusal('REQUEST_INVALID'));
    }
    const asked = await step(worker, { action: 'extend', ...why, until });
    expect([asked.case.deadlineAt, asked.case.request?.until]).toEqual([before.deadlineAt, until]);
    expect((await step(supervisor, { action: 'approve' })).case.deadlineAt).toBe(until);
  });

  it('reminds, escalates, and gives what nobody ends to a leader: once each, by whichever hub', async () => {
    await bringTo('accepted');
    const second = await startHub();
    const clock = async (expected: string): Promise<CaseDetail> => {
      await eventually(expected, async () => actionsOf(await get()).endsWith(expected), { everyMs: 50 });
      return get();
    };
    try {
      const opened = Date.parse((await get()).case.openedAt);
      now = opened + 20 * HOUR_MS + 1_000;
      const reminded = await clock('remind');
      expect(reminded.steps.at(-1)).toMatchObject({ by: 'clock', assignee: 'wang' });
      // The clock decides nothing: whoever decided on what was before is not refused.
      expect(reminded.case.version).toBe(4);
      now = opened + DAY_MS + 1_000;
      expect((await clock('remind escalate')).case).toMatchObject({ overdue: true, supervisedAt: expect.any(String) });
      now = opened + 6 * DAY_MS + 1_000;
      const { case: owned } = await clock('remind escalate entrust');
      expect(owned).toMatchObject({ leader: 'admin', leaderName: '王局' });
    } finally {
      await second.stop();
    }
    await hub.stop();
    hub = await startHub();
    const done = await hub.pool.pool.query(
      `select action, count(*)::int as times from dipper.case_step where grid_case = $1 and by = 'clock' group by action`,
      [id],
    );
    expect(done.rows.map(({ times }) => times as number)).toEqual([1, 1, 1]);
    await step(worker, { action: 'handle', note: 'done' });
    await step(dispatcher, { action: 'verify' });
    await step(supervisor, { action: 'close' });
    const left = await hub.pool.pool.query('select from dipper.case_timer where grid_case = $1', [id]);
    expect(left.rowCount).toBe(0);
  });
});

describe('what the clock has to do', () => {
  const clocked = async (of: string, action: string): Promise<number> =>
    (await get(of)).steps.filter((each) => each.by === 'clock' && each.action === action).length;
  const waitFor = (of: string, action: string) =>
    eventually(action, async () => (await clocked(of, action)) > 0, { everyMs: 50 });

  it('is done to a case whose deadline passed while it was merged, once it stands by itself again', async () => {
    await step(dispatcher, { action: 'merge', into: await open() });
    now += 30 * HOUR_MS;
    await step(dispatcher, { action: 'unmerge' });
    await waitFor(id, 'escalate');
    expect((await get()).case.supervisedAt).not.toBeNull();
    // Once for the time that was allowed, however often the timers are set anew.
    await step(supervisor, { action: 'entrust', assignee: 'admin' });
    const { rows } = await hub.pool.pool.query('select kind from dipper.case_timer where grid_case = $1', [id]);
    expect(rows).toEqual([]);
  });

  it('is done to the others when one case refuses it, and to that one as soon as it can be', async () => {
    await hub.pool.pool.query(`
      create function dipper.refuse_clock() returns trigger language plpgsql as $$
        begin if new.grid_case = '${id}' and new.action in ('remind', 'escalate') then raise exception 'refused'; end if; return new; end $$;
      create trigger case_step_refused before insert on dipper.case_step
        for each row execute function dipper.refuse_clock()`);
    now += 60_000;
    const later = await open();
    now += 25 * HOUR_MS;
    await waitFor(later, 'escalate');
    expect((await get()).steps.map(({ action }) => action)).toEqual(['report']);
    await hub.pool.pool.query(
      'drop trigger case_step_refused on dipper.case_step; drop function dipper.refuse_clock()',
    );
    await waitFor(id, 'escalate');
    expect([await clocked(id, 'remind'), await clocked(id, 'escalate')]).toEqual([1, 1]);
  });

  it('is tried again while there is no leader who could own the case', async () => {
    const account = (change: string) =>
      hub.pool.pool.query(`update dipper.account set ${change} where name = 'admin'`).then(() => undefined);
    const putOff = (): Promise<boolean> =>
      eventually('put off', async () => {
        const { rows } = await hub.pool.pool.query<{ due_at: Date }>(
          `select due_at from dipper.case_timer where grid_case = $1 and kind = 'entrust'`,
          [id],
        );
        return rows[0] !== undefined && rows[0].due_at.getTime() > now;
      });
    await account('disabled_at = now()');
    now += 8 * DAY_MS;
    await putOff();
    await account(`disabled_at = null, roles = '{guard}'`);
    now += HOUR_MS;
    await putOff();
    expect(await clocked(id, 'entrust')).toBe(0);
    await account(`roles = '{admin}'`);
    now += HOUR_MS;
    await waitFor(id, 'entrust');
    expect((await get()).case.leader).toBe('admin');
  });
});

describe('duplicates', () => {
  it('are merged and taken apart again, each keeping its steps', async () => {
    const kept = await open();
    await bringTo('accepted', kept, actor('li', 'grid-worker'));
    await bringTo('handled');
    const merged = await step(dispatcher, { action: 'merge', into: kept, note: '同一件事' });
    expect(merged.case).toMatchObject({ state: 'merged', mergedInto: kept, closedAt: expect.any(String) });
    const keeper = await get(kept);
    expect(keeper.merged.map((each) => each.id)).toEqual([id]);
    expect(keeper.steps.at(-1)).toMatchObject({ action: 'absorb', other: id, by: 'dora' });
    const undone = await step(dispatcher, { action: 'unmerge' });
    expect(undone.case).toMatchObject({ state: 'handled', assignee: 'wang', mergedInto: null, closedAt: null });
    expect(actionsOf(undone)).toBe('report establish dispatch accept handle merge unmerge');
    expect(actionsOf(await get(kept))).toBe('report establish dispatch accept absorb release');
  });

  it('cannot be merged into themselves, into what has ended, or in a ring', async () => {
    const kept = await open();
    const merge = (from: string, into: string) => step(dispatcher, { action: 'merge', into }, from);
    await expect(merge(id, id)).rejects.toMatchObject(refusal('MERGE_NOT_ALLOWED'));
    await expect(merge(id, randomUUID())).rejects.toMatchObject(refusal('MERGE_NOT_ALLOWED'));
    await merge(id, kept);
    await expect(merge(kept, id)).rejects.toMatchObject(refusal('MERGE_NOT_ALLOWED'));
    const both = [await open(), await open()] as const;
    const ring = await Promise.allSettled([merge(both[0], both[1]), merge(both[1], both[0])]);
    expect(ring.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('do not let anybody verify what he handled, by way of the case that stays', async () => {
    const wang = actor('wang', 'grid-worker', 'dispatcher');
    const [middle, kept] = [await open(), await open()];
    await bringTo('handled', id, wang);
    await step(dispatcher, { action: 'merge', into: middle });
    await step(dispatcher, { action: 'merge', into: kept }, middle);
    await bringTo('handled', kept, actor('li', 'grid-worker'));
    for (const action of ['verify', 'reject'] as const) {
      await expect(step(wang, { action }, kept)).rejects.toMatchObject(refusal('HANDLER_CANNOT_VERIFY'));
    }
    expect((await hub.services.cases.get(kept, wang)).case.actions).not.toContain('verify');
    expect((await step(other, { action: 'verify' }, kept)).case.state).toBe('verified');
  });
});

describe('a resident whose report was merged', () => {
  it('says how it was dealt with, and again once the case that stayed was taken up again', async () => {
    const { code, number } = await hub.services.residentReports.report({
      ...{ category: 'water-power-gas', text: '停水', place: `gate-${places}` },
    });
    const reported = (await hub.services.cases.list({ source: 'resident' }, dispatcher)).items;
    const mine = reported.find((each) => each.number === number)?.id ?? '';
    await step(dispatcher, { action: 'merge', into: id }, mine);
    const bringToClose = async (): Promise<void> => {
      await step(dispatcher, { action: 'dispatch', assignee: 'wang' });
      await step(worker, { action: 'accept' });
      await step(worker, { action: 'handle', note: 'done' });
      await step(dispatcher, { action: 'verify' });
      await step(dispatcher, { action: 'close' });
    };
    await step(dispatcher, { action: 'establish' });
    const rate = (satisfaction: 'satisfied' | 'dissatisfied') =>
      hub.services.residentReports.rate(code, { satisfaction });
    await expect(rate('satisfied')).rejects.toMatchObject(refusal('REPORT_NOT_CLOSED'));
    await bringToClose();
    expect(await rate('dissatisfied')).toMatchObject({ satisfaction: 'dissatisfied', canRate: false });
    await expect(rate('satisfied')).rejects.toMatchObject(refusal('REPORT_ALREADY_RATED'));
    await step(supervisor, { action: 'reopen', note: '居民不满意' });
    await bringToClose();
    expect(await rate('satisfied')).toMatchObject({ satisfaction: 'satisfied', state: 'closed' });
    expect(actionsOf(await get(mine))).toBe('report merge rate rate');
  });
});

describe('a step that was taken offline', () => {
  it('is taken once however often it is sent, with the time at which it was taken', async () => {
    await bringTo('accepted');
    const key = randomUUID();
    const { version } = (await get()).case;
    now += HOUR_MS;
    const takenAt = new Date(now - 20 * 60_000).toISOString();
    const request = { action: 'handle', version, key, takenAt, note: 'without signal' } as const;
    const answers = await Promise.all([1, 2, 3].map(() => hub.services.cases.takeStep(id, request, worker)));
    for (const answer of answers) {
      expect(answer.steps.filter(({ action }) => action === 'handle')).toEqual([
        expect.objectContaining({ takenAt, at: new Date(now).toISOString(), clamped: false }),
      ]);
    }
    await step(dispatcher, { action: 'verify' });
    expect((await hub.services.cases.takeStep(id, request, worker)).case.state).toBe('verified');
    const stolen = hub.services.cases.takeStep(id, { ...request, action: 'comment' }, worker);
    await expect(stolen).rejects.toMatchObject(refusal('IDEMPOTENCY_KEY_REUSED'));
    await expect(hub.services.cases.takeStep(id, request, dispatcher)).rejects.toMatchObject(
      refusal('IDEMPOTENCY_KEY_REUSED'),
    );
  });

  it('cannot have been taken in the future, nor before the step that it follows, and says so', async () => {
    await bringTo('accepted');
    const accepted = (await get()).steps.at(-1)?.takenAt ?? '';
    now += HOUR_MS;
    const early = await step(worker, { action: 'comment', note: 'a', takenAt: '2020-01-01T00:00:00.000Z' });
    expect(early.steps.at(-1)).toMatchObject({ takenAt: accepted, clamped: true });
    const late = await step(worker, { action: 'comment', note: 'b', takenAt: '2030-01-01T00:00:00.000Z' });
    expect(late.steps.at(-1)).toMatchObject({ takenAt: new Date(now).toISOString(), clamped: true });
    const never = step(worker, { action: 'comment', note: 'c', takenAt: '2026-13-31T00:00:00.000Z' });
    await expect(never).rejects.toMatchObject(refusal('REQUEST_INVALID'));
  });
});

describe('a chief', () => {
  it('supervises, names a leader, and takes up again what was closed, in a new round with a deadline of its own', async () => {
    await step(supervisor, { action: 'supervise', note: '请今日办结' });
    expect((await step(supervisor, { action: 'entrust', assignee: 'admin' })).case).toMatchObject({ leader: 'admin' });
    expect(
      (await hub.services.cases.list({ supervised: true, leader: 'admin' }, admin)).items.map((each) => each.id),
    ).toContain(id);
    await bringTo('handled');
    await step(dispatcher, { action: 'verify' });
    await step(dispatcher, { action: 'close' });
    now += DAY_MS;
    const { case: again, steps } = await step(supervisor, { action: 'reopen', note: '又停水' });
    expect(again).toMatchObject({
      state: 'established',
      round: 2,
      assignee: null,
      firstHandler: 'wang',
      overdue: false,
    });
    expect(Date.parse(again.deadlineAt)).toBe(now + DAY_MS);
    expect(steps.map(({ round }) => round)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
  });

  it('is not needed to take back a dispatch that nobody has accepted', async () => {
    await step(dispatcher, { action: 'establish' });
    await step(dispatcher, { action: 'dispatch', assignee: 'li' });
    expect((await step(other, { action: 'recall' })).case).toMatchObject({ state: 'established', assignee: null });
  });
});
