import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isDipperError } from '@dipper/contract/errors';
import type { Actor } from '@dipper/hub/services';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DebianPostgres, startDebianPostgres } from '../support/debian-postgres.ts';
import { eventually } from '../support/eventually.ts';
import { type HubData, startHubData } from '../support/hub-data.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { faceCaptured, gateState } from '../support/sample-events.ts';
import { connectScriptedEdge, type ScriptedEdge } from '../support/scripted-edge.ts';
import { placesWithClosedGates, sampleRulesAnd } from '../support/street-config.ts';

const AGENTS = ['edge-a', 'edge-b', 'edge-c'];
const GATES = 8;
const BATCHES = 30;
const SEED = 20_261_124;
const admin: Actor = { name: 'admin', roles: ['admin'], scope: 'everywhere' };
const anybody = { username: 'anybody', password: 'anything' };

/** Covered cameras make no case, so that incidents with and without one meet. */
const rules = sampleRulesAnd('').replace(/(id: camera-covered\n[\s\S]*?) {4}case:\n[\s\S]*?(?=\n {2}- id:)/, '$1');

let database: DebianPostgres;
let broker: Mosquitto;
let hubs: HubData[] = [];
const edges: ScriptedEdge[] = [];
/** Park and Miller's generator: the same decisions in every run, though never the same interleaving. */
let state = SEED;
const random = (below: number): number => {
  state = (state * 48_271) % 2_147_483_647;
  return state % below;
};
const oneOf = <T>(items: readonly T[]): T | undefined => items[random(Math.max(1, items.length))];

beforeAll(async () => {
  [database, broker] = await Promise.all([startDebianPostgres(), startMosquitto()]);
  const keyDir = mkdtempSync(join(tmpdir(), 'dipper-regrouping-'));
  const start = (copy: number): Promise<HubData> =>
    startHubData({
      databaseUrl: database.url,
      broker: { url: broker.url, hub: anybody },
      keyDir,
      places: placesWithClosedGates(GATES, AGENTS),
      rules,
      mqtt: { protocol: 5, clientId: `hub-${copy}`, sharedGroup: 'copies' },
    });
  hubs = await Promise.all([start(1), start(2)]);
  const { publicJwk } = (hubs[0] as HubData).signingKey;
  for (const agent of AGENTS) {
    const address = { estate: 'lanting', agent };
    edges.push(await connectScriptedEdge({ url: broker.url, agent: () => anybody }, publicJwk, address));
  }
  await eventually('both copies listen', async () =>
    (await Promise.all(hubs.map(({ data }) => data.readiness()))).every((ready) => ready.broker),
  );
});
afterAll(async () => {
  await Promise.all([...edges.map((edge) => edge.close()), ...hubs.map((hub) => hub.stop())]);
  await Promise.all([database.stop(), broker.stop()]);
});

/** What somebody does at one moment, with whatever lies there; says what it was. */
async function act(hub: HubData): Promise<string> {
  const { incidents, alarms, shelves } = hub.services;
  const open = (await incidents.list({ limit: 50 })).items;
  const [one, another] = [oneOf(open), oneOf(open)];
  if (one === undefined || another === undefined) return 'nothing';
  switch (random(5)) {
    case 0:
    case 1:
      await incidents.join(one.id, { incident: another.id, reason: 'one happening' }, admin);
      return 'join';
    case 2: {
      const inside = (await alarms.list({ incident: one.id, limit: 100 })).items.map(({ id }) => id);
      const chosen = inside.slice(0, 1 + random(Math.max(1, inside.length - 1)));
      if (chosen.length === 0) return 'nothing';
      await incidents.split(one.id, { alarms: chosen, reason: 'another one', takesCase: random(2) === 0 }, admin);
      return 'split';
    }
    case 3: {
      const shelf = oneOf((await shelves.list({ ended: false })).items);
      const alarm = oneOf((await alarms.list({ active: true, limit: 50 })).items);
      if (shelf !== undefined) await shelves.end(shelf.id, {}, admin);
      else if (alarm !== undefined) await shelves.shelve({ alarm: alarm.id, forMin: 5, reason: 'noise' }, admin);
      return 'shelf';
    }
    default: {
      const alarm = oneOf((await alarms.list({ acknowledged: false, limit: 50 })).items);
      if (alarm !== undefined) await alarms.acknowledge(alarm.id, {}, admin);
      return 'acknowledgement';
    }
  }
}

describe('joins, splits, shelves and acknowledgements while alarms come twice, on two hubs', () => {
  it('end with at most one case per incident and no alarm lost, and never deadlock', async () => {
    const epochs = AGENTS.map(() => randomUUID());
    const sequences = AGENTS.map(() => 0);
    const event = (agent: number): unknown => {
      sequences[agent] = (sequences[agent] ?? 0) + 1;
      const over = {
        epoch: epochs[agent] as string,
        sequence: sequences[agent] as number,
        source: `/lanting/${AGENTS[agent]}`,
        subject: `camera-${agent}-${random(4)}`,
        place: `gate-${1 + random(GATES)}`,
      };
      if (random(12) === 0) return faceCaptured(over);
      const data = { kind: 'covered', phase: random(2) === 0 ? 'started' : 'ended', since: new Date().toISOString() };
      return { ...gateState(over), type: 'camera.tampered', data };
    };
    let isTelling = true;
    const outcomes = new Map<string, number>();
    const people = [0, 1, 0, 1].map(async (copy) => {
      while (isTelling || !['join', 'split', 'shelf'].every((what) => (outcomes.get(what) ?? 0) >= 5)) {
        const outcome = await act(hubs[copy] as HubData).then(
          (what) => what,
          (error: unknown) => (isDipperError(error) ? error.code : Promise.reject(error)),
        );
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        await delay(5);
      }
    });
    for (let batch = 0; batch < BATCHES; batch += 1) {
      await Promise.all(
        edges.map(async (edge, agent) => {
          const elements = Array.from({ length: 12 }, () => event(agent));
          await edge.sendBatch(elements);
          if (batch % 3 === 0) await edge.sendBatch(elements);
        }),
      );
      await delay(20);
    }
    const { pool } = (hubs[0] as HubData).pool;
    const isJudged = async (): Promise<boolean> => {
      const { rows } = await pool.query(
        `select count(*)::int as done from dipper.agent_epoch e join dipper.agent_evaluation v using (agent, epoch)
          where e.seen = v.evaluated and upper(e.seen) > $1`,
        [Math.min(...sequences)],
      );
      return rows[0].done === AGENTS.length;
    };
    await eventually('all is judged', isJudged, { withinMs: 60_000 });
    isTelling = false;
    await Promise.all(people);
    for (const shelf of (await (hubs[0] as HubData).services.shelves.list({ ended: false })).items) {
      await (hubs[0] as HubData).services.shelves.end(shelf.id, {}, admin);
    }

    const count = async (sql: string): Promise<number> =>
      (await pool.query(`select count(*)::int as n ${sql}`)).rows[0].n;
    const wrong = {
      'incidents with two cases': 'from (select from dipper.grid_case group by incident having count(*) > 1) x',
      'alarms that people should have heard of, in no incident':
        'from dipper.alarm where active and shelf is null and incident is null',
      'announced alarms in no incident': 'from dipper.alarm where announced_at is not null and incident is null',
      'alarms in an incident that was joined away':
        'from dipper.alarm a join dipper.incident i on i.id = a.incident where i.joined_into is not null',
      'open cases of an incident that was joined away':
        'from dipper.grid_case c join dipper.incident i on i.id = c.incident where i.joined_into is not null and c.closed_at is null',
      'alarms without their beginning': `from dipper.alarm a where not exists (select from dipper.alarm_transition t where t.alarm = a.id and what = 'raised')`,
      'incidents that are not as open as their alarms': `from dipper.incident i where joined_into is null
         and open <> exists (select from dipper.alarm a where a.incident = i.id and active)`,
      'incidents that began after, or ended before, one of their alarms': `from dipper.incident i
         join dipper.alarm a on a.incident = i.id where i.started_at > a.raised_at or i.last_at < a.last_occurred_at`,
    };
    for (const [what, sql] of Object.entries(wrong)) expect([what, await count(sql)]).toEqual([what, 0]);
    const { rows } = await pool.query(`
      select (select count(*)::int from dipper.event where type = 'face.captured') as faces,
             (select sum(occurrences)::int from dipper.alarm where rule = 'closed-entrance-face') as occurrences`);
    expect(rows[0].occurrences).toBe(rows[0].faces);
  }, 120_000);
});
