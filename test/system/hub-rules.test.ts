import { randomUUID } from 'node:crypto';
import type { Alarm } from '@dipper/contract/api/alarm';
import { CATCH_UP_MS } from '@dipper/hub/evaluator/timers';
import type { Actor } from '@dipper/hub/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '../support/embedded-broker.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../support/embedded-database.ts';
import { eventually } from '../support/eventually.ts';
import { type HubData, startHubData } from '../support/hub-data.ts';
import { gateState } from '../support/sample-events.ts';
import { connectScriptedEdge, type ScriptedEdge } from '../support/scripted-edge.ts';
import { placesWithClosedGates, sampleRulesAnd } from '../support/street-config.ts';

const AGENT = 'edge-a';
const MINUTE_MS = 60_000;
const admin: Actor = { name: 'ada', roles: ['admin'], scope: 'everywhere' };

/** A rule about frozen pictures, with what makes it one of those that keep facts. */
const frozen = (id: string, terms: string, clear = '{ on: [camera.frozen], when: { phase: ended } }'): string => `
id: ${id}
on: [camera.frozen]
when: { phase: started }
priority: low
title: { zh: "{device}", en: "${id} {device}" }
key: "{device}"
clear: ${clear}
${terms}
`;
/** Each way in which facts count; the streams are some seconds long. */
const RULES = {
  'three-times': 'count: { atLeast: 3, withinSec: 20 }',
  'off-delay': 'onDelaySec: 4\noffDelaySec: 6',
  unexplained: 'without: { on: [camera.online], beforeSec: 3, afterSec: 10 }',
  explained: 'with: { on: [camera.online], beforeSec: 5, afterSec: 5 }',
};

let database: EmbeddedDatabase;
let broker: EmbeddedBroker;
let hub: HubData;
let edge: ScriptedEdge;
let aheadMs = 0;
let cameras = 0;

const now = (): number => Date.now() + aheadMs;
const startHub = (): Promise<HubData> =>
  startHubData({
    databaseUrl: database.url,
    broker,
    now,
    keyDir: database.dir,
    places: placesWithClosedGates(2, [AGENT]),
    rules: sampleRulesAnd(''),
  });
const listening = (): Promise<unknown> =>
  eventually('the hub listens', async () => (await hub.data.readiness()).broker, { everyMs: 20 });

beforeAll(async () => {
  [database, broker] = await Promise.all([
    startEmbeddedDatabase(),
    startEmbeddedBroker({ agents: [`lanting/${AGENT}`] }),
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

type What = 'started' | 'ended' | 'online';
const eventOf = (camera: string, what: What, at: number): Record<string, unknown> => ({
  ...gateState({ source: `/lanting/${AGENT}`, subject: camera, place: 'gate-1', time: new Date(at).toISOString() }),
  ...(what === 'online'
    ? { type: 'camera.online', data: { outageMs: 1_000 } }
    : { type: 'camera.frozen', data: { phase: what, since: new Date(at).toISOString() } }),
});
/** Each call is an epoch of its own, so that nothing puts what several calls tell in order. */
async function tell(events: readonly Record<string, unknown>[]): Promise<void> {
  const epoch = randomUUID();
  const batch = events.map((event, index) => ({ ...event, epoch, sequence: index + 1 }));
  await edge.sendBatch(batch);
  await eventually(
    'all is judged',
    async () => {
      const { rows } = await hub.pool.pool.query(
        `select upper(v.evaluated) > $2 as done from dipper.agent_evaluation v where epoch = $1`,
        [epoch, batch.length],
      );
      return rows[0]?.done === true;
    },
    { everyMs: 10 },
  );
}
const newCamera = (): string => `camera-${++cameras}`;
const alarmsOf = async (rule: string, device?: string): Promise<readonly Alarm[]> =>
  (await hub.services.alarms.list({ rule, limit: 200, ...(device === undefined ? {} : { device }) })).items;
const create = (yaml: string) => hub.services.rules.create({ yaml, note: 'for a test' }, admin);

describe('rules in the database', () => {
  it('are in force at once, keep every version, and refuse what cannot be meant', async () => {
    const created = await create(frozen('by-hand', '', '{ byHand: true }'));
    expect(created).toMatchObject({ origin: 'database', version: 1, enabled: true, problems: [], changedBy: 'ada' });
    const camera = newCamera();
    await tell([eventOf(camera, 'started', now())]);
    expect(await alarmsOf('by-hand', camera)).toMatchObject([{ active: true }]);

    await expect(create(frozen('by-hand', ''))).rejects.toMatchObject({ code: 'RULE_EXISTS' });
    await expect(create(frozen('camera-frozen', ''))).rejects.toMatchObject({ code: 'RULE_IN_FILE' });
    await expect(create(frozen('new-rule', 'count: { atleast: 3, withinSec: 2 }'))).rejects.toMatchObject({
      code: 'RULE_INVALID',
      detail: expect.arrayContaining([
        { path: 'line 9', message: "count.atleast is not a key; did you mean 'atLeast'?" },
      ]),
    });
    await expect(create(frozen('new-rule', 'absence: { forMin: 1 }'))).rejects.toMatchObject({ code: 'RULE_INVALID' });

    const off = { version: 1, enabled: false, note: 'too many' };
    const changes = await Promise.allSettled([
      hub.services.rules.change('by-hand', off, admin),
      hub.services.rules.change('by-hand', off, admin),
    ]);
    expect(changes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(changes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'VERSION_CONFLICT' } });
    expect(await hub.services.rules.listVersions('by-hand')).toMatchObject([
      { version: 2, enabled: false, by: 'ada', note: 'too many' },
      { version: 1, enabled: true },
    ]);
    const [orphan] = await eventually('what nothing ends any more is over', async () => {
      const found = await alarmsOf('by-hand', camera);
      return found[0]?.active === false ? found : undefined;
    });
    expect((await hub.services.alarms.history(orphan?.id ?? '')).transitions.at(-1)).toMatchObject({
      what: 'cleared',
      note: 'rule by-hand has been switched off',
    });
    expect((await hub.services.rules.list()).map(({ id }) => id)).toContain('barrier-forced');
  });

  it('are read again when the hub starts, before anything is judged', async () => {
    for (const [id, terms] of Object.entries(RULES)) await create(frozen(id, terms));
    await create(frozen('silent', 'absence: { forMin: 0.2 }', '{ onReturn: true }'));
    await hub.stop();
    hub = await startHub();
    await listening();
    aheadMs += CATCH_UP_MS;
    const camera = newCamera();
    const at = now() - 30_000;
    await tell([1, 2, 3].map((seconds) => eventOf(camera, 'started', at + seconds * 1_000)));
    expect(await alarmsOf('three-times', camera)).toMatchObject([{ active: true, occurrences: 1 }]);
  });
});

describe('rules that keep facts', () => {
  it('wait for the grant that would explain it, and take the alarm back when it comes too late', async () => {
    const camera = newCamera();
    const at = now();
    await tell([eventOf(camera, 'started', at)]);
    expect(await alarmsOf('unexplained', camera)).toEqual([]);
    await hub.stop();
    hub = await startHub();
    await listening();
    aheadMs += CATCH_UP_MS;
    const [raised] = await eventually('raised when nothing came', async () => {
      const found = await alarmsOf('unexplained', camera);
      return found.length > 0 ? found : undefined;
    });
    expect(raised).toMatchObject({ active: true, raisedAt: new Date(at).toISOString() });
    await tell([eventOf(camera, 'online', at + 2_000)]);
    expect(await alarmsOf('unexplained', camera)).toMatchObject([
      { id: raised?.id, active: false, clearedAt: raised?.raisedAt },
    ]);
    const { transitions } = await hub.services.alarms.history(raised?.id ?? '');
    expect(transitions.map(({ what }) => what)).toEqual(['raised', 'cleared']);
    expect(transitions.at(-1)?.note).toMatch(/^taken back/);
  });

  it('notice by the clock that a sign stays out, and that it returns', async () => {
    const camera = newCamera();
    const at = now();
    await tell([eventOf(camera, 'started', at)]);
    aheadMs += MINUTE_MS;
    await eventually('silent', async () => (await alarmsOf('silent', camera))[0]);
    const back = now();
    await tell([eventOf(camera, 'started', back)]);
    expect(await alarmsOf('silent', camera)).toMatchObject([
      { active: false, raisedAt: new Date(at + 12_000).toISOString(), clearedAt: new Date(back).toISOString() },
    ]);
  });
});

describe('a dry run', () => {
  it('answers what the hub made of the same events, whatever the order in which they came, doubled and restarted', async () => {
    aheadMs += 5 * MINUTE_MS;
    const from = new Date(now());
    aheadMs += 10 * MINUTE_MS;
    let seed = 20_261_124;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (seed >> 8) % below;
    };
    const ids = [...Object.keys(RULES), 'silent', 'camera-frozen'];
    const first: Record<string, unknown>[] = [];
    const second: Record<string, unknown>[] = [];
    for (let stream = 0; stream < 8; stream += 1) {
      const camera = newCamera();
      const start = from.getTime() + MINUTE_MS + random(60) * 1_000;
      // In no order.
      const seconds = [...new Set(Array.from({ length: 14 }, () => random(60)))];
      const events = seconds.map((second) => {
        const kind = random(10);
        return eventOf(camera, kind < 5 ? 'started' : kind < 8 ? 'ended' : 'online', start + second * 1_000);
      });
      first.push(...events.slice(0, 7));
      second.push(...events.slice(0, 2), ...events.slice(7));
    }
    await tell(first);
    await hub.stop();
    hub = await startHub();
    await listening();
    aheadMs += CATCH_UP_MS;
    await tell(second);
    // What waits for the clock has been waited for.
    await eventually('nothing is due', async () => {
      const { rows } = await hub.pool.pool.query(`select 1 from dipper.rule_timer where due_at <= $1`, [
        new Date(now()),
      ]);
      return rows.length === 0;
    });
    const until = new Date(now());
    let compared = 0;
    for (const id of ids) {
      const { yaml } = await hub.services.rules.get(id);
      const result = await hub.services.rules.dryRun(
        { yaml, from: from.toISOString(), until: until.toISOString() },
        new AbortController().signal,
      );
      const made = (await alarmsOf(id))
        .filter(({ raisedAt, clearedAt }) => raisedAt !== clearedAt && Date.parse(raisedAt) > from.getTime())
        .map((alarm) => `${alarm.device} ${alarm.raisedAt} ${alarm.clearedAt}`);
      expect(result.first.map((alarm) => `${alarm.key} ${alarm.raisedAt} ${alarm.clearedAt}`).sort(), id).toEqual(
        made.sort(),
      );
      expect(result.alarms).toBe(made.length);
      expect(result.perDay.reduce((sum, { alarms }) => sum + alarms, 0)).toBe(made.length);
      compared += made.length;
    }
    expect(compared).toBeGreaterThan(40);
  });

  it('says what it cannot answer, and ends when nobody waits for it', async () => {
    const time = { from: '2026-01-01T00:00:00Z', until: '2026-03-01T00:00:00Z' };
    const yaml = frozen('any', '');
    const { dryRun } = hub.services.rules;
    const never = new AbortController().signal;
    await expect(dryRun({ yaml, ...time }, never)).rejects.toMatchObject({ code: 'DRY_RUN_TOO_LARGE' });
    const agentRule = (await hub.services.rules.get('agent-offline')).yaml;
    await expect(dryRun({ yaml: agentRule, ...time }, never)).rejects.toMatchObject({ code: 'DRY_RUN_NOT_POSSIBLE' });
    const lastHour = { from: new Date(now() - 60 * MINUTE_MS).toISOString(), until: new Date(now()).toISOString() };
    await expect(dryRun({ yaml, ...lastHour }, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });

  it('is one of two at a time, and makes room when it ends, also because nobody waits for it', async () => {
    const lastHour = { from: new Date(now() - 60 * MINUTE_MS).toISOString(), until: new Date(now()).toISOString() };
    const gone = new AbortController();
    const run = (signal = new AbortController().signal): Promise<string> =>
      hub.services.rules.dryRun({ yaml: frozen('any', ''), ...lastHour }, signal).then(
        () => 'answered',
        (error: Error & { code?: string }) => error.code ?? error.message,
      );
    const three = [run(gone.signal), run(), run()];
    gone.abort(new Error('gone'));
    expect(await Promise.all(three)).toEqual(['gone', 'answered', 'DRY_RUN_BUSY']);
    expect(await Promise.all([run(), run()])).toEqual(['answered', 'answered']);
  });
});
