import { randomUUID } from 'node:crypto';
import type { Alarm } from '@dipper/contract/api/alarm';
import type { ErrorCode } from '@dipper/contract/errors';
import { CATCH_UP_MS } from '@dipper/hub/evaluator/timers';
import type { Actor, AlarmFilter } from '@dipper/hub/services';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '../support/embedded-broker.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../support/embedded-database.ts';
import { eventually } from '../support/eventually.ts';
import { type HubData, startHubData } from '../support/hub-data.ts';
import { faceCaptured, gateState } from '../support/sample-events.ts';
import { connectScriptedEdge, type ScriptedEdge } from '../support/scripted-edge.ts';
import { placesWithClosedGates } from '../support/street-config.ts';

const AGENT = 'edge-a';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const guard: Actor = { name: 'li-ming', roles: ['guard'], scope: 'everywhere' };
const dispatcher: Actor = { name: 'dora', roles: ['dispatcher'], scope: 'everywhere' };

let database: EmbeddedDatabase;
let broker: EmbeddedBroker;
let hub: HubData;
let edge: ScriptedEdge;
let aheadMs = 0;
let gates = 0;
let sequence = 0;
const epoch = randomUUID();
/** Each test has a closed entrance and a camera of its own. */
let place: string;
let camera: string;

const now = (): number => Date.now() + aheadMs;
const startHub = (clientId = 'hub'): Promise<HubData> =>
  startHubData({
    databaseUrl: database.url,
    broker,
    now,
    keyDir: database.dir,
    places: placesWithClosedGates(20, [AGENT]),
    mqtt: { clientId },
  });

beforeAll(async () => {
  [database, broker] = await Promise.all([
    startEmbeddedDatabase(),
    startEmbeddedBroker({ agents: [`lanting/${AGENT}`] }),
  ]);
  hub = await startHub();
  edge = await connectScriptedEdge(broker, hub.signingKey.publicJwk, { estate: 'lanting', agent: AGENT });
  await eventually('the hub listens', async () => (await hub.data.readiness()).broker, { everyMs: 20 });
  await hub.pool.pool.query(
    `insert into dipper.account (id, name, name_key, display_name, password_hash, roles)
     values ($1, 'li-ming', 'li-ming', '李明', 'none', '{guard}')`,
    [randomUUID()],
  );
  aheadMs += CATCH_UP_MS;
});
afterAll(async () => {
  await edge.close();
  await hub.stop();
  await Promise.all([database.stop(), broker.stop()]);
});
beforeEach(() => {
  gates += 1;
  place = `gate-${gates}`;
  camera = `camera-${gates}`;
});

function envelope(at = place) {
  sequence += 1;
  // Each at an instant of its own: lists are in the order of time.
  aheadMs += 10;
  const time = new Date(now()).toISOString();
  return { epoch, sequence, source: `/lanting/${AGENT}`, subject: camera, place: at, time };
}
const face = (at = place): unknown => faceCaptured(envelope(at));
const since = (): string => new Date(now()).toISOString();
const other = (type: string, data: unknown, at = place): unknown => ({ ...gateState(envelope(at)), type, data });
const covered = (phase: 'started' | 'ended'): unknown =>
  other('camera.tampered', { kind: 'covered', phase, since: since() });
const forced = (at = place): unknown =>
  other('gate.forced', { phase: 'started', since: since(), relay: 'inactive', contact: 'open' }, at);

/** Sends a batch and waits until all of it is judged. */
async function tell(...events: unknown[]): Promise<void> {
  await edge.sendBatch(events);
  const isDone = async (): Promise<boolean> => {
    const { rows } = await hub.pool.pool.query(
      `select e.seen = v.evaluated and upper(e.seen) > $2 as done
         from dipper.agent_epoch e join dipper.agent_evaluation v using (agent, epoch) where e.epoch = $1`,
      [epoch, sequence],
    );
    return rows[0]?.done === true;
  };
  await eventually('all is judged', isDone, { everyMs: 20 });
}

const alarms = async (filter: AlarmFilter): Promise<readonly Alarm[]> => (await hub.services.alarms.list(filter)).items;
async function alarm(filter: AlarmFilter): Promise<Alarm> {
  const [first] = await alarms(filter);
  if (first === undefined) throw new Error(`no alarm ${JSON.stringify(filter)}`);
  return first;
}
const history = async (id: string): Promise<string> =>
  (await hub.services.alarms.history(id)).transitions
    .map(({ what, by, note }) => [what, by, note].filter((part) => part !== null).join(':'))
    .join(' ');
const refused = async (code: ErrorCode, call: Promise<unknown>): Promise<void> =>
  expect(call).rejects.toMatchObject({ code });
const ended = (id: string): Promise<unknown> =>
  eventually('the shelf has ended', async () => (await hub.services.shelves.get(id)).endedAt !== null, { everyMs: 20 });

describe('a shelf', () => {
  it('silences an alarm and what its rule raises meanwhile, and ends by the clock once, with two hubs and a restart', async () => {
    await tell(covered('started'));
    const first = await alarm({ device: camera });
    const shelf = await hub.services.shelves.shelve({ alarm: first.id, forMin: 30, reason: '检修' }, guard);
    expect(shelf).toMatchObject({ silenced: 1, shelvedByName: '李明', reason: '检修', endedAt: null });
    expect(await alarms({ device: camera })).toEqual([]);
    expect(await alarms({ device: camera, shelved: true })).toMatchObject([
      { id: first.id, shelvedUntil: shelf.until },
    ]);
    expect((await hub.services.alarmFigures.standing(guard)).shelved).toEqual({ entries: 1, alarms: 1 });
    await refused(
      'ALARM_ALREADY_SHELVED',
      hub.services.shelves.shelve({ alarm: first.id, forMin: 1, reason: 'again' }, guard),
    );

    // It came and went; then it comes again and stays.
    aheadMs += 2 * MINUTE_MS;
    await tell(covered('ended'), covered('started'), covered('ended'), covered('started'));
    expect(await alarms({ device: camera })).toEqual([]);
    const silent = await alarms({ device: camera, shelved: true });
    expect(silent.map(({ active, incident }) => [active, incident !== null])).toEqual([
      [true, false],
      [false, false],
      [false, true],
    ]);

    await hub.stop();
    const copies = await Promise.all([startHub(), startHub('hub-2')]);
    hub = copies[0] as HubData;
    await eventually('the hub listens', async () => (await hub.data.readiness()).broker, { everyMs: 20 });
    aheadMs += 28 * MINUTE_MS;
    await ended(shelf.id);
    await (copies[1] as HubData).stop();
    const heard = await alarms({ device: camera });
    expect(heard.map(({ active, incident }) => [active, incident !== null])).toEqual([
      [true, true],
      [false, true],
    ]);
    expect(await history(heard[0]?.id ?? '')).toBe('raised shelved unshelved');
    expect(await history(first.id)).toBe('raised shelved:li-ming:检修 cleared unshelved');
    expect(await hub.services.shelves.get(shelf.id)).toMatchObject({ endedBy: null, silenced: 3 });
    const { items } = await hub.services.cases.list({ place }, dispatcher);
    expect(items).toHaveLength(1);
  });

  it('can be ended early, which everybody is told', async () => {
    await tell(face());
    const { id } = await alarm({ place });
    const head = await hub.services.changes.head();
    const shelf = await hub.services.shelves.shelve({ alarm: id, forMin: 5, reason: 'test' }, guard);
    await hub.services.shelves.end(shelf.id, { note: 'mistake' }, dispatcher);
    expect(await alarm({ place })).toMatchObject({ id, shelf: null, shelvedUntil: null });
    expect(await history(id)).toContain('unshelved:dora:mistake');
    await refused('ALREADY_ENDED', hub.services.shelves.end(shelf.id, {}, guard));
    const told = await eventually('the changes', async () => {
      const changes = await hub.services.changes.read(head, 10);
      return changes.length >= 4 ? changes.map(({ kind, change }) => `${kind} ${change}`) : undefined;
    });
    expect(told).toEqual(expect.arrayContaining(['shelf created', 'shelf updated', 'alarm updated']));
  });

  it('is neither for what is critical to safety, nor for longer than is allowed', async () => {
    await tell(forced(), face());
    const critical = await alarm({ place, rule: 'barrier-forced' });
    expect(critical.safetyCritical).toBe(true);
    const shelve = (id: string, forMin: number) =>
      hub.services.shelves.shelve({ alarm: id, forMin, reason: 'noise' }, dispatcher);
    await refused('ALARM_SAFETY_CRITICAL', shelve(critical.id, 1));
    await refused('SHELF_TOO_LONG', shelve((await alarm({ place, rule: 'closed-entrance-face' })).id, 12 * 60 + 1));
    await refused('NOT_FOUND', shelve(randomUUID(), 1));
  });
});

describe('out of service', () => {
  it('silences a device until its end, counts what it silences, and never what is critical to safety', async () => {
    await tell(covered('started'));
    const take = (until?: string) =>
      hub.services.outOfService.take(
        { device: camera, reason: '施工', ...(until === undefined ? {} : { until }) },
        dispatcher,
      );
    await refused('NOT_FOUND', hub.services.outOfService.take({ device: 'nothing', reason: 'no' }, dispatcher));
    await hub.pool.pool.query(
      `insert into dipper.device (id, agent, place, kind, name_zh, name_en, configured)
       values ($1, $2, $3, 'camera', '机', 'Camera', false) on conflict do nothing`,
      [camera, AGENT, place],
    );
    await refused('REQUEST_INVALID', take('2020-01-01T00:00:00.000Z'));
    const entry = await take(new Date(now() + HOUR_MS).toISOString());
    await refused('ALREADY_OUT_OF_SERVICE', take());
    await tell(other('camera.frozen', { phase: 'started', since: since() }), forced());
    expect((await alarms({ device: camera })).map(({ rule }) => rule)).toEqual(['barrier-forced']);
    expect((await alarms({ device: camera, outOfService: true })).map(({ rule }) => rule).sort()).toEqual([
      'camera-covered',
      'camera-frozen',
    ]);
    expect((await hub.services.alarmFigures.standing(guard)).outOfService).toEqual({ entries: 1, alarms: 2 });
    expect((await hub.services.outOfService.get(entry.id)).silenced).toBe(2);
    aheadMs += HOUR_MS;
    await eventually('back', async () => (await hub.services.outOfService.get(entry.id)).endedAt !== null);
    expect((await alarms({ device: camera, active: true })).every(({ incident }) => incident !== null)).toBe(true);
    expect(await alarms({ device: camera, active: true })).toHaveLength(3);
  });

  it('silences a rule everywhere until somebody ends it, unless it is critical to safety', async () => {
    const take = (rule: string) => hub.services.outOfService.take({ rule, reason: '规则有误' }, dispatcher);
    await refused('ALARM_SAFETY_CRITICAL', take('barrier-forced'));
    await refused('NOT_FOUND', take('no-such-rule'));
    const entry = await take('closed-entrance-face');
    await tell(face());
    expect(await alarms({ place })).toEqual([]);
    await hub.services.outOfService.end(entry.id, { note: '已修正' }, dispatcher);
    const heard = await alarm({ place });
    expect(heard.incident).not.toBeNull();
    expect(await history(heard.id)).toBe('raised taken-out-of-service returned-to-service:dora:已修正');
  });
});

describe('bad actors', () => {
  it('are noticed: what chatters, what is stale, and a flood, and all of it is in the figures', async () => {
    aheadMs += HOUR_MS;
    const from = new Date(now()).toISOString();
    await tell(covered('started'), covered('ended'), covered('started'), covered('ended'), covered('started'));
    expect((await alarms({ device: camera })).map(({ chattering }) => chattering)).toEqual([true, false, false]);
    for (let other = 0; other < 8; other += 1) await tell(face(`gate-${11 + other}`));
    const { flood, chattering } = await hub.services.alarmFigures.standing(guard);
    expect(chattering).toBe(1);
    expect(flood).toMatchObject({ until: null, alarms: 11, peak: 11 });

    const [first] = await alarms({ device: camera, active: false });
    aheadMs += 30_000;
    await hub.services.alarms.acknowledge(first?.id ?? '', {}, guard);
    expect(await alarm({ device: camera, acknowledged: true })).toMatchObject({ acknowledgedByName: '李明' });
    aheadMs += HOUR_MS;
    expect((await hub.services.alarmFigures.standing(guard)).flood).toBeNull();
    const figures = await hub.services.alarmFigures.figures({ from, until: new Date(now()).toISOString() }, guard);
    expect(figures).toMatchObject({ announced: 11, peakPerTenMin: 11, operators: 1, late: 0 });
    expect(figures.perOperatorHour).toBeCloseTo(11 / (HOUR_MS + 30_000) / (1 / HOUR_MS), 0);
    expect(figures.floods).toMatchObject([{ alarms: 11, peak: 11 }]);
    expect(figures.priorities.find(({ priority }) => priority === 'high')).toMatchObject({
      announced: 11,
      acknowledged: 1,
      inTime: 1,
      withinSec: 300,
    });
    expect(figures.worst[0]).toMatchObject({ rule: 'camera-covered', device: camera, announced: 3, chattering: 1 });
    expect(figures.worst).toHaveLength(9);
    expect(figures.worstShare).toBe(1);
    expect(figures.steps.reduce((sum, { alarms: count }) => sum + count, 0)).toBe(11);

    expect(await alarms({ device: camera, stale: true })).toEqual([]);
    aheadMs += 23 * HOUR_MS;
    expect(await alarm({ device: camera, stale: true })).toMatchObject({ stale: true, active: true });
    expect((await hub.services.alarmFigures.standing(guard)).stale).toBeGreaterThanOrEqual(1);
    await refused('REQUEST_INVALID', hub.services.alarmFigures.figures({ from, until: from }, guard));
  });
});

describe('incidents', () => {
  const incidentAt = async (at: string): Promise<string> => (await alarm({ place: at })).incident ?? 'none';
  const caseOf = async (id: string): Promise<string | null> => (await hub.services.incidents.get(id)).case;

  it('are joined and split by a person, with the case, and either undoes the other', async () => {
    const beside = `gate-${gates + 10}`;
    aheadMs += HOUR_MS;
    await tell(other('onvif.event', { topic: 'tns1:Nothing' }), forced());
    const into = await incidentAt(place);
    await hub.services.incidents.get(into);
    await tell(face(beside));
    const from = await incidentAt(beside);
    expect(await caseOf(into)).not.toBeNull();
    await refused(
      'INCIDENTS_HAVE_CASES',
      hub.services.incidents.join(into, { incident: from, reason: '同一人' }, guard),
    );
    await refused('JOIN_NOT_ALLOWED', hub.services.incidents.join(into, { incident: into, reason: '同一人' }, guard));

    // Without a case of its own the other one takes it over.
    await hub.pool.pool.query('update dipper.grid_case set incident = null where incident = $1', [into]);
    const moving = await caseOf(from);
    const joined = await hub.services.incidents.join(into, { incident: from, reason: '同一人' }, guard);
    expect(joined.incident).toMatchObject({ id: into, alarms: 2, open: true, priority: 'critical', case: moving });
    expect(joined.transitions).toMatchObject([
      { what: 'joined', other: from, by: 'li-ming', byName: '李明', movesCase: true },
    ]);
    expect(await hub.services.incidents.get(from)).toMatchObject({ alarms: 0, joinedInto: into, case: null });
    expect((await hub.services.incidents.list({})).items.map(({ id }) => id)).not.toContain(from);
    await refused('INCIDENT_JOINED', hub.services.incidents.join(from, { incident: into, reason: '反过来' }, guard));

    // What comes of its place and time later belongs to the incident it was joined into.
    camera = `${camera}-b`;
    await tell(other('camera.tampered', { kind: 'covered', phase: 'started', since: since() }, beside));
    expect(await incidentAt(beside)).toBe(into);

    const moved = joined.transitions[0]?.alarms ?? [];
    const made = await hub.services.incidents.split(into, { alarms: moved, reason: '不是', takesCase: true }, guard);
    expect(made.incident).toMatchObject({ alarms: 1, case: moving, priority: 'high', joinedInto: null });
    expect(await hub.services.incidents.get(into)).toMatchObject({ alarms: 2, case: null });
    await refused(
      'SPLIT_NOT_ALLOWED',
      hub.services.incidents.split(made.incident.id, { alarms: moved, reason: 'all' }, guard),
    );
    const back = await hub.services.incidents.join(into, { incident: made.incident.id, reason: '还是' }, guard);
    expect(back.incident).toMatchObject({ alarms: 3, case: moving });
    expect(await history(moved[0] ?? '')).toBe('raised moved:li-ming:同一人 moved:li-ming:不是 moved:li-ming:还是');
  });
});

describe('two incidents that have a case each', () => {
  it('are joined by a dispatcher, which merges the cases', async () => {
    const beside = `gate-${gates + 10}`;
    aheadMs += 3 * HOUR_MS;
    await tell(forced(), face(beside));
    const [into, from] = [(await alarm({ place })).incident ?? '', (await alarm({ place: beside })).incident ?? ''];
    const [kept, other] = [await hub.services.incidents.get(into), await hub.services.incidents.get(from)];
    await refused(
      'INCIDENTS_HAVE_CASES',
      hub.services.incidents.join(into, { incident: from, reason: '同一人' }, guard),
    );
    const joined = await hub.services.incidents.join(into, { incident: from, reason: '同一人' }, dispatcher);
    expect(joined.incident).toMatchObject({ alarms: 2, case: kept.case });
    const merged = await hub.services.cases.get(other.case ?? '', dispatcher);
    expect(merged.case).toMatchObject({ state: 'merged', incident: from });
    expect(merged.steps.at(-1)).toMatchObject({ action: 'merge', by: 'dora', note: '同一人' });
    expect((await hub.services.cases.list({ incident: into }, dispatcher)).items).toHaveLength(1);
  });
});

describe('notes for the next shift', () => {
  it('are kept in order, with who wrote them', async () => {
    await hub.services.handovers.write({ text: ' 东门道闸待修 ', estate: 'lanting' }, guard);
    await hub.services.handovers.write({ text: '全部正常' }, dispatcher);
    expect((await hub.services.handovers.list({ estate: 'lanting' }, guard)).items).toMatchObject([
      { text: '全部正常', writtenBy: 'dora', writtenByName: null, estate: null },
      { text: '东门道闸待修', writtenByName: '李明' },
    ]);
    expect((await hub.services.handovers.list({ estate: 'elsewhere' }, guard)).items).toHaveLength(1);
  });
});
