import { randomUUID } from 'node:crypto';
import type { Alarm } from '@dipper/contract/api/alarm';
import type { DipperEvent } from '@dipper/contract/events';
import { CATCH_UP_MS } from '@dipper/hub/evaluator/timers';
import { CONDITIONS, defineCondition } from '@dipper/hub/rules/conditions';
import type { Subject } from '@dipper/hub/rules/subject';
import type { AlarmFilter } from '@dipper/hub/services';
import { Type } from 'typebox';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '../support/embedded-broker.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../support/embedded-database.ts';
import { eventually } from '../support/eventually.ts';
import { type HubData, startHubData } from '../support/hub-data.ts';
import { faceCaptured, gateState } from '../support/sample-events.ts';
import { connectScriptedEdge, onlineStatus, type ScriptedEdge } from '../support/scripted-edge.ts';
import { placesWithClosedGates, sampleRulesAnd } from '../support/street-config.ts';

const AGENT = 'edge-a';
/** An agent whose events are poison to the evaluator. */
const POISONED = 'edge-b';
const MINUTE_MS = 60_000;
const THROWING_RULE = `
  - id: broken
    on: [face.captured]
    when: { explodes: true }
    priority: low
    title: { zh: 坏, en: Broken }
    key: '{agent}'
    clear: { byHand: true }
  - id: after-broken
    on: [face.captured]
    when: { outside-hours: true }
    priority: low
    title: { zh: 后, en: After }
    key: '{place}'
    clear: { byHand: true }
`;

let database: EmbeddedDatabase;
let broker: EmbeddedBroker;
let hub: HubData;
let edge: ScriptedEdge;
let aheadMs = 0;
/** By how much the wall clock was set. */
let stepMs = 0;
let gates = 0;
let explosions: (subject: Subject) => boolean = () => false;
let sequence = 0;
let epoch = randomUUID();
/** Each test has a closed entrance, a camera and an epoch of its own. */
let place: string;
let camera: string;

const now = (): number => Date.now() + aheadMs + stepMs;
const startHub = (change = (rules: string): string => rules, clientId = 'hub'): Promise<HubData> =>
  startHubData({
    databaseUrl: database.url,
    mqtt: { clientId },
    broker,
    now,
    monotonicNow: () => performance.now() + aheadMs,
    keyDir: database.dir,
    places: placesWithClosedGates(40, [AGENT]),
    rules: change(sampleRulesAnd(THROWING_RULE)),
    conditions: {
      ...CONDITIONS,
      explodes: defineCondition({
        parameters: Type.Literal(true),
        holds(subject) {
          if (explosions(subject)) throw new Error('no idea');
          return false;
        },
      }),
    },
  });

beforeAll(async () => {
  [database, broker] = await Promise.all([
    startEmbeddedDatabase(),
    startEmbeddedBroker({ agents: [`lanting/${AGENT}`, `lanting/${POISONED}`] }),
  ]);
  hub = await startHub();
  edge = await connectScriptedEdge(broker, hub.signingKey.publicJwk, { estate: 'lanting', agent: AGENT });
  await listening();
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
  epoch = randomUUID();
  sequence = 0;
});

type Over = { readonly agoMs?: number; readonly epoch?: string; readonly sequence?: number; readonly place?: string };

function envelope({ agoMs = 0, place: at = place, ...over }: Over) {
  sequence += 1;
  const time = new Date(now() - agoMs).toISOString();
  return { epoch, sequence, source: `/lanting/${AGENT}`, subject: camera, place: at, time, ...over };
}
const face = (over: Over = {}): DipperEvent => faceCaptured(envelope(over));
const other = (type: string, data: unknown, over: Over = {}): unknown => ({ ...gateState(envelope(over)), type, data });
const since = (): string => new Date(now()).toISOString();
const offline = (over: Over = {}) => other('camera.offline', { cause: 'CAMERA_UNREACHABLE', since: since() }, over);
const online = (over: Over = {}) => other('camera.online', { outageMs: 1_000 }, over);
const covered = (phase: 'started' | 'ended', over: Over = {}) =>
  other('camera.tampered', { kind: 'covered', phase, since: since() }, over);
const forced = (over: Over = {}) =>
  other('gate.forced', { phase: 'started', since: since(), relay: 'inactive', contact: 'open' }, over);

/** Sends a batch and waits until all of it is judged. */
async function tell(...events: unknown[]): Promise<void> {
  await edge.sendBatch(events);
  await judged();
}

async function judged(count = sequence): Promise<void> {
  await eventually(
    'all is judged',
    async () => {
      const { rows } = await hub.pool.pool.query(
        `select e.seen = v.evaluated and upper(e.seen) > $2 as done
           from dipper.agent_epoch e join dipper.agent_evaluation v using (agent, epoch) where e.epoch = $1`,
        [epoch, count],
      );
      return rows[0]?.done === true;
    },
    { everyMs: 20 },
  );
}

const alarms = async (filter: AlarmFilter): Promise<readonly Alarm[]> => (await hub.services.alarms.list(filter)).items;
const alarm = (filter: AlarmFilter, what: string): Promise<Alarm> =>
  eventually(what, async () => (await alarms(filter))[0], { everyMs: 20 });
const listening = (): Promise<unknown> =>
  eventually('the hub listens', async () => (await hub.data.readiness()).broker, { everyMs: 20 });
const counted = async (of: HubData, metric: string): Promise<number> =>
  (await of.metrics.getSingleMetric(metric)?.get())?.values[0]?.value ?? 0;
/** Until a hub has done a thing again from beginning to end: what was under way may have looked before. */
async function doneAnew(of: HubData, metric: string): Promise<void> {
  const before = await counted(of, metric);
  await eventually(`two more ${metric}`, async () => (await counted(of, metric)) >= before + 2, { everyMs: 20 });
}
/** Until all that is due by now has been done. */
const ticked = (of = hub): Promise<void> => doneAnew(of, 'dipper_hub_clock_ticks_total');
/** Until all that can be judged by now has been judged. */
const settled = (of = hub): Promise<void> => doneAnew(of, 'dipper_hub_evaluator_rounds_total');
const delayed = (rule: string): Promise<unknown> =>
  eventually(
    `${rule} waits for its delay`,
    async () => (await hub.pool.pool.query(`select key from dipper.rule_timer where rule = $1`, [rule])).rows[0],
    { everyMs: 20 },
  );
const viewer = { name: 'somebody', roles: ['dispatcher'], scope: 'everywhere' } as const;
const cases = async () => (await hub.services.cases.list({ place }, viewer)).items;

describe('the evaluator', () => {
  it('makes of faces at a closed entrance one alarm, one incident and one case, however often they are delivered', async () => {
    const head = await hub.services.changes.head();
    const batch = [face({ agoMs: 2_000 }), face({ agoMs: 1_000 })];
    await tell(...batch);
    await tell(...batch);
    await tell(face());
    const [found, ...more] = await alarms({ place, rule: 'closed-entrance-face' });
    expect(more).toEqual([]);
    expect(found).toMatchObject({ occurrences: 3, active: true, late: false, priority: 'high', device: camera });
    expect(found?.media).toMatchObject({ mime: 'image/jpeg' });
    expect(await cases()).toMatchObject([
      {
        state: 'reported',
        grid: 'grid-1',
        source: 'alarm',
        incident: found?.incident,
        number: expect.stringMatching(/^\d{8}-\d{4}$/),
      },
    ]);
    const incident = await hub.services.incidents.get(found?.incident ?? '');
    expect(incident).toMatchObject({ open: true, alarms: 2, place, priority: 'high' });
    const changes = await hub.services.changes.read(head, 200);
    const created = changes.filter(({ change }) => change === 'created').map(({ kind }) => kind);
    expect(created.filter((kind) => kind === 'case')).toHaveLength(1);
    // One row for each run of sequences that was stored at once.
    expect(created.filter((kind) => kind === 'event')).toHaveLength(2);
    expect(await hub.services.changes.read(changes.at(-1)?.cursor ?? '', 10)).toEqual([]);
    await expect(hub.services.changes.read('1-1', 10)).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
  });

  it('begins a new incident with a case of its own once the case of the old one has ended', async () => {
    await tell(face());
    const [ended] = await cases();
    const id = ended?.id ?? '';
    const voided = { action: 'void', version: 1, note: 'A cat.' } as const;
    await hub.services.cases.takeStep(id, voided, { ...viewer, name: 'dora' });
    await hub.services.cases.takeStep(
      id,
      { action: 'approve', version: 2 },
      { ...viewer, name: 'sun', roles: ['supervisor'] },
    );
    await tell(forced());
    const found = await alarm({ device: camera, rule: 'barrier-forced' }, 'barrier forced');
    expect(found).toMatchObject({ priority: 'critical', incident: expect.not.stringContaining(ended?.incident ?? '') });
    const [opened, ...others] = await cases();
    expect(opened).toMatchObject({ state: 'reported', incident: found.incident, priority: 'critical' });
    expect(others).toMatchObject([{ id: ended?.id, state: 'voided' }]);
  });

  it('raises nothing where no hours are set', async () => {
    place = 'open-gate';
    await tell(face());
    expect(await alarms({ place })).toEqual([]);
    expect(await cases()).toEqual([]);
  });

  it('takes the place of a configured device from the configuration, not from the event', async () => {
    camera = 'configured-camera';
    await tell(covered('started', { place: 'open-gate' }));
    expect(await alarms({ device: camera })).toMatchObject([{ place: 'gate-1' }]);
  });

  it('goes on when a rule throws: the event is stored, the other rules are asked, the failure is on record', async () => {
    explosions = () => true;
    await tell(face(), face());
    explosions = () => false;
    expect(await alarms({ place, rule: 'closed-entrance-face' })).toMatchObject([{ occurrences: 2 }]);
    expect(await alarms({ place, rule: 'after-broken' })).toMatchObject([{ occurrences: 2 }]);
    const failures = await hub.pool.db.selectFrom('dipper.rule_failure').select(['rule', 'error', 'event']).execute();
    expect(failures).toHaveLength(2);
    expect(failures[0]).toMatchObject({ rule: 'broken', error: 'Error: no idea', event: expect.any(String) });
    expect(edge.receipted.get(epoch)).toEqual([1, 2]);
  });

  it('marks what comes an hour late, and clears it by the time at which it happened', async () => {
    await tell(face({ agoMs: 61 * MINUTE_MS }));
    expect(await alarms({ place, rule: 'closed-entrance-face' })).toMatchObject([{ late: true }]);
    await eventually('cleared', async () => (await alarms({ place, rule: 'closed-entrance-face', active: false }))[0]);
  });

  it('lets nothing older override what is known since', async () => {
    await tell(covered('ended'));
    const live = epoch;
    epoch = randomUUID();
    sequence = 0;
    await tell(covered('started', { agoMs: 90_000 }));
    expect(await alarms({ device: camera })).toMatchObject([{ rule: 'camera-covered', active: false, late: true }]);
    epoch = live;
    sequence = 1;
    await tell(covered('started'));
    const backlog = randomUUID();
    epoch = backlog;
    sequence = 0;
    await tell(covered('ended', { agoMs: 60_000 }));
    expect(await alarms({ device: camera, active: true })).toHaveLength(1);
  });

  it.each([
    ['in order', [0, 1, 2, 3, 4]],
    ['live before backlog', [4, 0, 1, 2, 3]],
    ['the second outage before the first', [2, 3, 0, 1, 4]],
    ['ends before beginnings', [3, 1, 4, 2, 0]],
    ['backwards', [4, 3, 2, 1, 0]],
  ])('makes the same alarms of the same events, %s', async (_, order) => {
    const start = now();
    const happened = [
      covered('started', { agoMs: 50_000 }),
      covered('ended', { agoMs: 40_000 }),
      covered('started', { agoMs: 30_000 }),
      covered('ended', { agoMs: 20_000 }),
      covered('started', { agoMs: 10_000 }),
    ] as { epoch: string; sequence: number }[];
    for (const index of order) {
      // Each in an epoch of its own, so that nothing puts them in order.
      epoch = randomUUID();
      sequence = 1;
      await tell({ ...happened[index], epoch, sequence });
    }
    const lasted = (await alarms({ device: camera })).map(({ raisedAt, clearedAt, active, occurrences }) => ({
      from: Math.round((start - Date.parse(raisedAt)) / 10_000),
      until: clearedAt === null ? null : Math.round((start - Date.parse(clearedAt)) / 10_000),
      active,
      occurrences,
    }));
    expect(lasted).toEqual([
      { from: 1, until: null, active: true, occurrences: 1 },
      { from: 3, until: 2, active: false, occurrences: 1 },
      { from: 5, until: 4, active: false, occurrences: 1 },
    ]);
    expect(await cases()).toHaveLength(1);
  });

  it('has an incident begin with what came late and happened first', async () => {
    await tell(face({ agoMs: 10_000 }));
    epoch = randomUUID();
    sequence = 0;
    await tell(face({ agoMs: 20_000 }));
    const found = await alarm({ place, rule: 'closed-entrance-face' }, 'one alarm of both');
    expect(found.occurrences).toBe(2);
    const incident = await hub.services.incidents.get(found.incident ?? '');
    expect([incident.startedAt, incident.lastAt]).toEqual([found.raisedAt, found.lastOccurredAt]);
  });

  it('clears by event, and closes the incident with its last alarm', async () => {
    await tell(covered('started'));
    const raised = await alarm({ device: camera, active: true }, 'camera covered');
    await tell(covered('ended'));
    expect(await alarms({ device: camera })).toMatchObject([{ id: raised.id, active: false, acknowledged: false }]);
    expect(await hub.services.incidents.get(raised.incident ?? '')).toMatchObject({
      open: false,
      case: expect.any(String),
    });
  });

  it('waits for a missing sequence, but not for ever', async () => {
    await edge.sendBatch([face({ sequence: 1 }), face({ sequence: 3 })]);
    await eventually('the first is judged', async () => (await alarms({ place, rule: 'closed-entrance-face' }))[0]);
    await settled();
    expect(await alarms({ place, rule: 'closed-entrance-face' })).toMatchObject([{ occurrences: 1 }]);
    aheadMs += 3 * MINUTE_MS;
    await judged(3);
    expect(await alarms({ place, rule: 'closed-entrance-face' })).toMatchObject([{ occurrences: 2 }]);
    await edge.sendBatch([face({ sequence: 2 })]);
    await eventually('the missing one is judged after all', async () => {
      const [found] = await alarms({ place, rule: 'closed-entrance-face' });
      return found?.occurrences === 3;
    });
  });

  it('waits for several missing sequences at once, not for one after the other', async () => {
    await edge.sendBatch([1, 3, 5, 7].map((of) => face({ sequence: of })));
    await eventually('the first is judged', async () => (await alarms({ place, rule: 'closed-entrance-face' }))[0]);
    await settled();
    aheadMs += 3 * MINUTE_MS;
    await judged(7);
    expect(await alarms({ place, rule: 'closed-entrance-face' })).toMatchObject([{ occurrences: 4 }]);
  });

  it('raises after a delay only what lasts, also when the hub was restarted meanwhile', async () => {
    await tell(offline(), online());
    await tell(offline());
    expect(await alarms({ device: camera })).toEqual([]);
    await hub.stop();
    aheadMs += MINUTE_MS;
    hub = await startHub();
    await listening();
    // Its end may be on the way: nothing is raised until the hub has caught up.
    await ticked();
    expect(await alarms({ device: camera })).toEqual([]);
    aheadMs += CATCH_UP_MS;
    const raised = await alarm({ device: camera }, 'camera offline');
    expect(raised).toMatchObject({ rule: 'camera-offline', occurrences: 1, active: true });
    await tell(online());
    expect(await alarms({ device: camera, active: true })).toEqual([]);
  });

  it('clears by time across a restart', async () => {
    await tell(face());
    await hub.stop();
    aheadMs += 11 * MINUTE_MS;
    hub = await startHub();
    await alarm({ place, rule: 'closed-entrance-face', active: false }, 'the alarm cleared');
    expect(await alarms({ place, rule: 'after-broken' })).toMatchObject([{ active: true }]);
  });

  it('forgets refusals and failures of rules after ninety days', async () => {
    const { pool } = hub.pool;
    await pool.query(
      `insert into dipper.dead_letter (topic, reason, sha256, bytes, first_at, last_at)
       select 'topic-' || days, 'EVENT_INVALID', '\\x00', 1, at, at
         from unnest(array[89, 91]) as days, lateral (select $1::timestamptz - days * interval '1 day' as at) as age`,
      [new Date(now())],
    );
    await pool.query(
      `insert into dipper.rule_failure (rule, agent, error, occurred_at)
       select 'rule-' || days, 'a', 'e', $1::timestamptz - days * interval '1 day' from unnest(array[89, 91]) as days`,
      [new Date(now())],
    );
    const kept = async (): Promise<string> =>
      (
        await pool.query(
          `select topic as name from dipper.dead_letter where topic like 'topic-%'
           union select rule from dipper.rule_failure where rule like 'rule-%' order by 1`,
        )
      ).rows
        .map(({ name }) => name)
        .join(' ');
    expect(await kept()).toBe('rule-89 rule-91 topic-89 topic-91');
    aheadMs += 11 * MINUTE_MS;
    await eventually('the oldest are forgotten', async () => (await kept()) === 'rule-89 topic-89', {
      everyMs: 20,
      withinMs: 3_000,
    });
  });

  describe('where judging fails outside of what a rule guards', () => {
    /** Makes writing to a table fail for the poisoned agent, as a defect of ours would. */
    const poison = async (table: string): Promise<void> => {
      await hub.pool.pool.query(
        `create or replace function dipper.poison() returns trigger language plpgsql as
           $$ begin if new.agent = '${POISONED}' and to_jsonb(new) ->> 'rule' is distinct from '-' then raise 'poison'; end if; return new; end $$`,
      );
      await hub.pool.pool.query(
        `create trigger poison before insert or update on dipper.${table} for each row execute function dipper.poison()`,
      );
    };
    const cure = (table: string): Promise<unknown> => hub.pool.pool.query(`drop trigger poison on dipper.${table}`);
    const notJudged = async (): Promise<number> => (await hub.data.readiness()).agentsNotJudged;
    const setAside = async (): Promise<unknown[]> =>
      (await hub.pool.pool.query('select agent, error from dipper.evaluation_failure')).rows;
    const judgedOf = async (id: string): Promise<string | undefined> =>
      (await hub.pool.pool.query('select evaluated::text from dipper.agent_evaluation where epoch = $1', [id])).rows[0]
        ?.evaluated;
    let bad: ScriptedEdge;

    beforeAll(async () => {
      bad = await connectScriptedEdge(broker, hub.signingKey.publicJwk, { estate: 'lanting', agent: POISONED });
    });
    afterAll(async () => {
      await bad?.close();
    });
    const badFace = (id: string, of: number): DipperEvent => ({
      ...face({ epoch: id, sequence: of }),
      source: `/lanting/${POISONED}`,
    });

    it('judges the other agents, says which waits and why, and tries that one again', async () => {
      await poison('agent_evaluation');
      const theirs = randomUUID();
      await bad.sendBatch([badFace(theirs, 1)]);
      await eventually('it is set aside', async () => (await notJudged()) === 1);
      expect(await setAside()).toEqual([{ agent: POISONED, error: 'error: poison' }]);
      sequence = 0;
      await tell(face());
      expect(await alarms({ place, rule: 'closed-entrance-face' })).toMatchObject([{ occurrences: 1 }]);
      expect(await judgedOf(theirs)).toBeUndefined();
      expect(await hub.metrics.metrics()).toMatch(/^dipper_hub_evaluation_failures_total [1-9]/m);
      await cure('agent_evaluation');
      aheadMs += 5 * MINUTE_MS;
      await eventually('it is judged', async () => (await notJudged()) === 0);
      expect(await judgedOf(theirs)).toBe('{[1,2)}');
      expect(await setAside()).toEqual([]);
    });

    it('judges what comes before a bad event at once, and passes over the bad one when it fails for good', async () => {
      await poison('rule_failure');
      const theirs = randomUUID();
      const batch = [badFace(theirs, 1), badFace(theirs, 2), badFace(theirs, 3)];
      explosions = (subject) => subject.event === batch[1]?.id;
      await bad.sendBatch(batch);
      await eventually('the first is judged', async () => (await judgedOf(theirs)) === '{[1,2)}', { everyMs: 20 });
      await eventually(
        'the last is judged',
        async () => {
          aheadMs += MINUTE_MS;
          return (await judgedOf(theirs)) === '{[1,4)}';
        },
        { everyMs: 100 },
      );
      explosions = () => false;
      await cure('rule_failure');
      const { rows } = await hub.pool.pool.query(
        `select agent, event, error from dipper.rule_failure where rule = '-'`,
      );
      expect(rows).toEqual([{ agent: POISONED, event: batch[1]?.id, error: 'error: poison' }]);
      expect(await setAside()).toEqual([]);
    });
  });

  it('clears at its start what no rule can end any more, and says why', async () => {
    await tell(covered('started'), face());
    const [orphan] = await alarms({ device: camera, rule: 'camera-covered' });
    await hub.stop();
    hub = await startHub((rules) => rules.replaceAll(/id: (camera-covered|closed-entrance-face)/g, 'id: new-$1'));
    await alarm({ device: camera, rule: 'camera-covered', active: false }, 'cleared');
    const { rows } = await hub.pool.pool.query(
      `select what, by, note from dipper.alarm_transition where alarm = $1 order by id`,
      [orphan?.id],
    );
    expect(rows.at(-1)).toEqual({
      what: 'cleared',
      by: null,
      note: 'rule camera-covered is not in the rules any more',
    });
    expect(await hub.services.incidents.get(orphan?.incident ?? '')).toMatchObject({ open: true });
    // Cleared by time: it ends by itself, whatever the rules say.
    expect(await alarms({ place, rule: 'closed-entrance-face' })).toMatchObject([{ active: true }]);
    await hub.stop();
    hub = await startHub();
    await listening();
  });

  it('ends nothing, and forgets no timer, on behalf of a rule that another copy of the hub goes by', async () => {
    await tell(covered('started'), offline());
    await delayed('camera-offline');
    const newer = await startHub(
      (rules) => rules.replaceAll(/id: (camera-covered|camera-offline)/g, 'id: new-$1'),
      'hub-2',
    );
    aheadMs += CATCH_UP_MS;
    await alarm({ device: camera, rule: 'camera-offline' }, 'the alarm of the timer');
    await ticked(newer);
    await ticked();
    const active = await alarms({ device: camera, active: true });
    expect(active.map(({ rule }) => rule).sort()).toEqual(['camera-covered', 'camera-offline']);
    // The older copy is gone: now it is certain.
    await hub.stop();
    hub = newer;
    await eventually('cleared', async () => (await alarms({ device: camera, active: true })).length === 0);
    await hub.stop();
    hub = await startHub();
    await listening();
  });

  it('silences the devices of an agent that is gone, counts them, and lets them be heard when it is back', async () => {
    const status = onlineStatus();
    await edge.sendStatus(status);
    await eventually('online', async () => (await hub.services.agents.get(AGENT)).state === 'online', { everyMs: 20 });
    await tell(covered('started'), forced());
    const silenced = await alarm({ device: camera, rule: 'camera-covered' }, 'camera covered');
    const { bootId, version } = status;
    await edge.sendStatus({ state: 'offline', bootId, version, at: since(), reason: 'will' });
    await eventually('offline', async () => (await hub.services.agents.get(AGENT)).state === 'offline', {
      everyMs: 20,
    });
    await delayed('agent-offline');
    aheadMs += MINUTE_MS;
    const gone = await alarm({ rule: 'agent-offline', active: true }, 'agent offline');
    await tell(other('camera.frozen', { phase: 'started', since: since() }));
    expect(await hub.services.alarms.get(gone.id)).toMatchObject({
      suppressed: expect.any(Number),
      device: null,
      place: null,
    });
    expect((await hub.services.alarms.get(gone.id)).suppressed).toBeGreaterThanOrEqual(2);
    expect((await hub.services.alarms.get(silenced.id)).suppressedBy).toBe(gone.id);
    expect((await alarms({ device: camera })).map(({ rule }) => rule)).toEqual(['barrier-forced']);

    aheadMs += 1_000;
    await edge.sendStatus(onlineStatus());
    await alarm({ rule: 'agent-offline', active: false }, 'agent back');
    const heard = await alarms({ device: camera, active: true });
    expect(heard.map(({ rule }) => rule).sort()).toEqual(['barrier-forced', 'camera-covered', 'camera-frozen']);
    expect(heard.every(({ incident, suppressedBy }) => incident !== null && suppressedBy === null)).toBe(true);
  });

  it('notices that an agent has fallen silent, unless it has been deaf itself', async () => {
    await edge.sendStatus(onlineStatus());
    await eventually('judged online', async () => (await alarms({ rule: 'agent-offline', active: true })).length === 0);
    await broker.kill();
    aheadMs += 10 * MINUTE_MS;
    await ticked();
    expect(await alarms({ rule: 'agent-offline', active: true })).toEqual([]);
    await broker.restart();
    await listening();
    aheadMs += 4 * MINUTE_MS;
    await delayed('agent-offline');
    aheadMs += MINUTE_MS;
    expect(await alarm({ rule: 'agent-offline', active: true }, 'agent silent')).toMatchObject({ agent: AGENT });
  });

  it('takes a wall clock that is set for no silence, and misses no silence for it', async () => {
    const status = () => hub.pool.db.selectFrom('dipper.agent_status').selectAll().executeTakeFirst();
    const judgedState = async () => (await status())?.judged_state;
    // Whoever has listened for long enough may call an agent silent.
    aheadMs += 4 * MINUTE_MS;
    const sentAt = now();
    await edge.sendStatus(onlineStatus());
    await eventually(
      'heard and judged online',
      async () => {
        const row = await status();
        return row?.judged_state === 'online' && row.seen_at.getTime() >= sentAt;
      },
      { everyMs: 20 },
    );
    for (const step of [60 * MINUTE_MS, -60 * MINUTE_MS]) {
      stepMs += step;
      await ticked();
      expect(await judgedState()).toBe('online');
    }
    stepMs -= 60 * MINUTE_MS;
    await ticked();
    aheadMs += 4 * MINUTE_MS;
    await eventually('judged silent', async () => (await judgedState()) === 'offline', {
      everyMs: 20,
      withinMs: 3_000,
    });
    stepMs += 60 * MINUTE_MS;
    await ticked();
    expect(await judgedState()).toBe('offline');
  });
});
