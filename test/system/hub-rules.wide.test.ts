import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CATCH_UP_MS } from '@dipper/hub/evaluator/timers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DebianPostgres, startDebianPostgres } from '../support/debian-postgres.ts';
import { eventually } from '../support/eventually.ts';
import { type HubData, startHubData } from '../support/hub-data.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { gateState } from '../support/sample-events.ts';
import { connectScriptedEdge, type ScriptedEdge } from '../support/scripted-edge.ts';
import { placesWithClosedGates, sampleRulesAnd } from '../support/street-config.ts';

const AGENT = 'edge-a';
const KEYS = 60;
const RULES = `
  - id: unexplained
    on: [camera.frozen]
    when: { phase: started }
    without: { on: [camera.online], afterSec: 10 }
    priority: low
    title: { zh: 停, en: Frozen }
    key: '{device}'
    clear: { on: [camera.frozen], when: { phase: ended } }
  - id: silent
    on: [camera.frozen]
    absence: { forMin: 1 }
    priority: low
    title: { zh: 静, en: Silent }
    key: '{device}'
    clear: { onReturn: true }
`;
const anybody = { username: 'anybody', password: 'anything' };

let database: DebianPostgres;
let broker: Mosquitto;
const hubs: HubData[] = [];
let edge: ScriptedEdge;
let aheadMs = 0;
const now = (): number => Date.now() + aheadMs;

beforeAll(async () => {
  [database, broker] = await Promise.all([startDebianPostgres(), startMosquitto()]);
  const keyDir = mkdtempSync(join(tmpdir(), 'dipper-rules-'));
  for (const copy of ['a', 'b']) {
    hubs.push(
      await startHubData({
        databaseUrl: database.url,
        broker: { url: broker.url, hub: anybody },
        keyDir,
        now,
        places: placesWithClosedGates(1, [AGENT]),
        rules: sampleRulesAnd(RULES),
        mqtt: { protocol: 5, clientId: `hub-${copy}`, sharedGroup: 'copies' },
      }),
    );
  }
  const { publicJwk } = (hubs[0] as HubData).signingKey;
  edge = await connectScriptedEdge({ url: broker.url, agent: () => anybody }, publicJwk, {
    estate: 'lanting',
    agent: AGENT,
  });
  await eventually('both listen', async () =>
    (await Promise.all(hubs.map(({ data }) => data.readiness()))).every(({ broker: heard }) => heard),
  );
});
afterAll(async () => {
  await edge.close();
  await Promise.all(hubs.map((hub) => hub.stop()));
  await Promise.all([database.stop(), broker.stop()]);
});

const count = async (text: string): Promise<number> => {
  const { rows } = await (hubs[0] as HubData).pool.pool.query(text);
  return Number(rows[0]?.count);
};

describe('timers of rules with two copies of the hub', () => {
  it('fire once each, though connections are cut while they are being worked on', async () => {
    const epoch = randomUUID();
    const events = Array.from({ length: KEYS }, (_, index) => ({
      ...gateState({
        epoch,
        sequence: index + 1,
        source: `/lanting/${AGENT}`,
        subject: `camera-${index}`,
        place: 'gate-1',
        time: new Date(now()).toISOString(),
      }),
      type: 'camera.frozen',
      data: { phase: 'started', since: new Date(now()).toISOString() },
    }));
    await edge.sendBatch(events);
    await eventually(
      'all wait for the clock',
      async () => (await count('select count(*) from dipper.rule_timer')) === 2 * KEYS,
    );
    aheadMs += CATCH_UP_MS + 90_000;
    // Whoever works on them now loses the connection, and what it had not committed.
    for (let cut = 0; cut < 5; cut += 1) {
      await (hubs[0] as HubData).pool.pool
        .query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where pid <> pg_backend_pid() and application_name = 'dipper-hub' and state <> 'idle'`,
        )
        .catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
    const raised = `select count(*) from dipper.alarm where rule in ('unexplained', 'silent')`;
    await eventually('all have fired', async () => (await count(raised)) >= 2 * KEYS, { withinMs: 20_000 });
    expect(await count(raised)).toBe(2 * KEYS);
    expect(
      await count(
        `select count(*) from dipper.alarm_transition t join dipper.alarm a on a.id = t.alarm
          where a.rule in ('unexplained', 'silent') and t.what = 'raised'`,
      ),
    ).toBe(2 * KEYS);
    expect(await count('select count(*) from dipper.rule_timer')).toBe(0);
    expect(await count('select count(*) from dipper.rule_failure')).toBe(0);
  });

  it('hear of a rule that was made through the other copy within seconds', async () => {
    const [first, second] = hubs as [HubData, HubData];
    await first.services.rules.create(
      {
        yaml: 'id: new-rule\non: [camera.frozen]\npriority: low\ntitle: { zh: 新, en: New }\nkey: "{device}"\nclear: { byHand: true }\n',
        note: 'for a test',
      },
      { name: 'ada', roles: ['admin'], scope: 'everywhere' },
    );
    const isKnown = async (): Promise<boolean> => {
      const rules = await second.services.rules.list();
      return rules.some(({ id, problems }) => id === 'new-rule' && problems.length === 0);
    };
    expect(await isKnown()).toBe(true);
    await first.stop();
    hubs.shift();
    await eventually('the other copy judges by it', async () => {
      await edge.sendBatch([
        {
          ...gateState({
            epoch: randomUUID(),
            sequence: 1,
            source: `/lanting/${AGENT}`,
            subject: 'camera-new',
            place: 'gate-1',
            time: new Date(now()).toISOString(),
          }),
          type: 'camera.frozen',
          data: { phase: 'started', since: new Date(now()).toISOString() },
        },
      ]);
      return (await second.services.alarms.list({ rule: 'new-rule' })).items.length > 0;
    });
  });
});
