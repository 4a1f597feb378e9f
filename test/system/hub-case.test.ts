import { randomUUID } from 'node:crypto';
import type { CaseAction, CaseDetail } from '@dipper/contract/api/case';
import type { Role } from '@dipper/contract/api/session';
import type { Actor } from '@dipper/hub/services';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '../support/embedded-broker.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../support/embedded-database.ts';
import { eventually } from '../support/eventually.ts';
import { type HubData, startHubData } from '../support/hub-data.ts';
import { faceCaptured } from '../support/sample-events.ts';
import { connectScriptedEdge, type ScriptedEdge } from '../support/scripted-edge.ts';
import { placesWithClosedGates, sampleRulesAnd } from '../support/street-config.ts';

const AGENT = 'edge-a';
const MANUAL_RULE = `
  - id: by-hand
    on: [face.captured]
    priority: low
    title: { zh: 手动, en: By hand }
    key: '{place}'
    clear: { byHand: true }
`;

let database: EmbeddedDatabase;
let broker: EmbeddedBroker;
let hub: HubData;
let edge: ScriptedEdge;
let gates = 0;
let place: string;
let id: string;

const actor = (name: string, ...roles: Role[]): Actor => ({ name, roles, scope: 'everywhere' });
const dispatcher = actor('dora', 'dispatcher');
const worker = actor('wang', 'grid-worker');
const supervisor = actor('sun', 'supervisor');
const admin = actor('admin', 'admin');

beforeAll(async () => {
  [database, broker] = await Promise.all([
    startEmbeddedDatabase(),
    startEmbeddedBroker({ agents: [`lanting/${AGENT}`] }),
  ]);
  hub = await startHubData({
    databaseUrl: database.url,
    broker,
    places: placesWithClosedGates(20, [AGENT]),
    rules: sampleRulesAnd(MANUAL_RULE),
  });
  edge = await connectScriptedEdge(broker, hub.signingKey.publicJwk, { estate: 'lanting', agent: AGENT });
  await eventually('the hub listens', async () => (await hub.data.readiness()).broker, { everyMs: 20 });
});
afterAll(async () => {
  await edge.close();
  await hub.stop();
  await Promise.all([database.stop(), broker.stop()]);
});

/** Each test has a case of its own, opened by a face at a closed entrance. */
beforeEach(async () => {
  gates += 1;
  place = `gate-${gates}`;
  await edge.sendBatch([
    faceCaptured({ epoch: randomUUID(), source: `/lanting/${AGENT}`, subject: `camera-${gates}`, place }),
  ]);
  const opened = await eventually('the case', async () => (await hub.services.cases.list({ place }, admin)).items[0], {
    everyMs: 20,
  });
  id = opened.id;
});

let version: number;
async function step(
  action: CaseAction,
  by: Actor,
  more: { assignee?: string; note?: string } = {},
): Promise<CaseDetail> {
  version = (await hub.services.cases.get(id, by)).case.version;
  return hub.services.cases.takeStep(id, { action, version, ...more }, by);
}

describe('a case', () => {
  it('goes from report to close, each step on record, and knows who may do what next', async () => {
    const reported = await hub.services.cases.get(id, dispatcher);
    expect(reported.case).toMatchObject({
      state: 'reported',
      version: 1,
      actions: ['establish', 'void', 'merge', 'comment'],
    });
    expect(Date.parse(reported.case.deadlineAt) - Date.parse(reported.case.openedAt)).toBe(24 * 3_600_000);
    expect(reported.alarms.length).toBeGreaterThan(0);
    await step('establish', dispatcher);
    await step('dispatch', dispatcher, { assignee: 'wang' });
    expect((await hub.services.cases.get(id, worker)).case.actions).toEqual([
      'accept',
      'return',
      'suspend',
      'extend',
      'comment',
    ]);
    expect((await hub.services.cases.get(id, actor('other', 'grid-worker'))).case.actions).toEqual([]);
    await step('accept', worker);
    await step('handle', worker, { note: 'Looked; nobody there any more.' });
    await step('verify', dispatcher);
    const { case: closed, steps } = await step('close', supervisor);
    expect(closed).toMatchObject({ state: 'closed', assignee: 'wang', version: 7, closedAt: expect.any(String) });
    expect(steps.map(({ action, by }) => `${action} ${by}`)).toEqual([
      'report rule:closed-entrance-face',
      'establish dora',
      'dispatch dora',
      'accept wang',
      'handle wang',
      'verify dora',
      'close sun',
    ]);
    expect((await step('reopen', supervisor)).case).toMatchObject({
      state: 'established',
      assignee: null,
      closedAt: null,
    });
  });

  it('tells whoever decides on an older version', async () => {
    await step('establish', dispatcher);
    await expect(
      hub.services.cases.takeStep(id, { action: 'dispatch', version: 1, assignee: 'wang' }, dispatcher),
    ).rejects.toMatchObject({ code: 'VERSION_CONFLICT', status: 409 });
    const both = await Promise.allSettled(
      ['wang', 'li'].map((assignee) =>
        hub.services.cases.takeStep(id, { action: 'dispatch', version: 2, assignee }, dispatcher),
      ),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('refuses what the role, the state or the order of things does not allow', async () => {
    await expect(step('establish', worker)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(step('close', dispatcher)).rejects.toMatchObject({ code: 'STEP_NOT_ALLOWED' });
    await step('establish', dispatcher);
    await expect(step('dispatch', dispatcher)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(step('supervise', dispatcher, { note: '.' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await step('dispatch', dispatcher, { assignee: 'wang' });
    await expect(step('accept', actor('other', 'grid-worker'))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(
      hub.services.cases.takeStep(randomUUID(), { action: 'comment', version: 1 }, dispatcher),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('lets nobody verify what he handled himself', async () => {
    await step('establish', admin);
    await step('dispatch', admin, { assignee: 'admin' });
    await step('accept', admin);
    const { case: handled } = await step('handle', admin);
    expect(handled.actions).not.toContain('verify');
    await expect(step('verify', admin)).rejects.toMatchObject({ code: 'HANDLER_CANNOT_VERIFY' });
    expect((await step('reject', dispatcher)).case).toMatchObject({ state: 'accepted', assignee: 'admin' });
  });

  it('is overdue from its deadline on until it has ended', async () => {
    const overdue = async (isOverdue: boolean): Promise<string[]> =>
      (await hub.services.cases.list({ place, overdue: isOverdue }, admin)).items.map((each) => each.id);
    expect([await overdue(true), await overdue(false)]).toEqual([[], [id]]);
    await hub.pool.pool.query(`update dipper.grid_case set deadline_at = now() - interval '1 s' where id = $1`, [id]);
    expect([await overdue(true), await overdue(false)]).toEqual([[id], []]);
    await step('void', dispatcher, { note: 'A cat.' });
    await step('approve', supervisor);
    expect([await overdue(true), await overdue(false)]).toEqual([[], [id]]);
  });

  it('keeps its steps from being changed', async () => {
    await expect(hub.pool.pool.query(`update dipper.case_step set note = 'other'`)).rejects.toThrow(/append-only/);
    await expect(hub.pool.pool.query('delete from dipper.alarm_transition')).rejects.toThrow(/append-only/);
  });
});

describe('an alarm', () => {
  it('is acknowledged once, and cleared with it where a person has to', async () => {
    const alarms = (await hub.services.alarms.list({ place })).items;
    const byRule = (rule: string): string => alarms.find((alarm) => alarm.rule === rule)?.id ?? '';
    const guard = actor('gao', 'guard');
    expect(
      await hub.services.alarms.acknowledge(byRule('closed-entrance-face'), { note: 'seen' }, guard),
    ).toMatchObject({
      acknowledged: true,
      acknowledgedBy: 'gao',
      active: true,
    });
    expect(await hub.services.alarms.acknowledge(byRule('by-hand'), {}, guard)).toMatchObject({ active: false });
    await expect(hub.services.alarms.acknowledge(byRule('by-hand'), {}, guard)).rejects.toMatchObject({
      code: 'ALARM_ALREADY_ACKNOWLEDGED',
    });
    await expect(hub.services.alarms.acknowledge(randomUUID(), {}, guard)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(hub.services.alarms.get('no-id')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await hub.services.alarms.list({ place, acknowledged: false })).items).toEqual([]);
  });
});

describe('places', () => {
  it('say whether they are open, and where they lie', async () => {
    expect(await hub.services.places.get('gate-1')).toMatchObject({
      open: false,
      grid: 'grid-1',
      estateName: { en: 'Estate' },
      communityName: { en: 'Community' },
    });
    expect(await hub.services.places.get('open-gate')).toMatchObject({ open: null, grid: null, gridName: null });
    const first = await hub.services.places.list({ limit: 15 });
    const second = await hub.services.places.list({ limit: 15, cursor: first.nextCursor ?? '' });
    expect(first.items.length + second.items.length).toBe(21);
    expect(second.nextCursor).toBeNull();
  });
});
