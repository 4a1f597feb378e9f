import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DebianPostgres, startDebianPostgres } from '../support/debian-postgres.ts';
import { eventually } from '../support/eventually.ts';
import { type HubData, startHubData } from '../support/hub-data.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { faceCaptured, gateState } from '../support/sample-events.ts';
import { connectScriptedEdge, type ScriptedEdge } from '../support/scripted-edge.ts';
import { placesWithClosedGates } from '../support/street-config.ts';

const AGENTS = ['edge-a', 'edge-b', 'edge-c'];
const GATES = 5;
const BATCHES = 40;
const BATCH_EVENTS = 25;

let database: DebianPostgres;
let broker: Mosquitto;
const hubs: HubData[] = [];
const edges: ScriptedEdge[] = [];
const anybody = { username: 'anybody', password: 'anything' };
/** Three copies of one hub. The first two share the batches; the third hears all of them as well. */
const COPIES = [{ sharedGroup: 'copies' }, { sharedGroup: 'copies' }, { sharedGroup: undefined }];

beforeAll(async () => {
  [database, broker] = await Promise.all([startDebianPostgres(), startMosquitto()]);
  const keyDir = mkdtempSync(join(tmpdir(), 'dipper-copies-'));
  const start = (copy: number): Promise<HubData> =>
    startHubData({
      databaseUrl: database.url,
      broker: { url: broker.url, hub: anybody },
      keyDir,
      places: placesWithClosedGates(GATES, AGENTS),
      mqtt: { protocol: 5, clientId: `hub-${copy}`, ...COPIES[copy] },
    });
  hubs.push(...(await Promise.all(COPIES.map((_, copy) => start(copy)))));
  for (const agent of AGENTS) {
    edges.push(
      await connectScriptedEdge({ url: broker.url, agent: () => anybody }, (hubs[0] as HubData).signingKey.publicJwk, {
        estate: 'lanting',
        agent,
      }),
    );
  }
  await eventually('all copies listen', async () =>
    (await Promise.all(hubs.map(({ data }) => data.readiness()))).every((ready) => ready.broker && ready.migrations),
  );
});
afterAll(async () => {
  await Promise.all([...edges.map((edge) => edge.close()), ...hubs.map((hub) => hub.stop())]);
  await Promise.all([database.stop(), broker.stop()]);
});

describe('copies of one hub on Debian PostgreSQL and Mosquitto, MQTT 5', () => {
  it('store everything once, judge it once, and show every change to every reader', async () => {
    const hub = hubs[0] as HubData;
    const epochs = AGENTS.map(() => randomUUID());
    const read = followChanges(hubs[2] as HubData);
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const elements = (agent: number): unknown[] =>
        Array.from({ length: BATCH_EVENTS }, (_, index) => {
          const position = { epoch: epochs[agent] as string, sequence: batch * BATCH_EVENTS + index + 1 };
          const over = { ...position, source: `/lanting/${AGENTS[agent]}`, subject: `camera-${agent}` };
          // Every agent sees faces at every entrance: rules of all of them meet at the same keys.
          return index % 5 === 0
            ? faceCaptured({ ...over, place: `gate-${(batch % GATES) + 1}` })
            : gateState({ ...over, place: `gate-${(batch % GATES) + 1}` });
        });
      await Promise.all(
        edges.flatMap((edge, agent) => {
          const sent = elements(agent);
          return batch % 4 === 0 ? [edge.sendBatch(sent), edge.sendBatch(sent)] : [edge.sendBatch(sent)];
        }),
      );
    }
    const perAgent = BATCHES * BATCH_EVENTS;
    await eventually(
      'all is judged',
      async () => {
        const { rows } = await hub.pool.pool.query(
          `select count(*)::int as done from dipper.agent_epoch e join dipper.agent_evaluation v using (agent, epoch)
            where e.seen = v.evaluated and e.seen = int8multirange(int8range(1, $1::int8, '[]'))`,
          [perAgent],
        );
        return rows[0].done === AGENTS.length;
      },
      { withinMs: 90_000 },
    );
    const { rows: stored } = await hub.pool.pool.query(
      'select count(*)::int as rows, count(distinct (agent, epoch, sequence))::int as events from dipper.event',
    );
    expect(stored).toEqual([{ rows: perAgent * AGENTS.length, events: perAgent * AGENTS.length }]);
    for (const [agent, edge] of edges.entries()) {
      await eventually(
        'everything is receipted',
        () => new Set(edge.receipted.get(epochs[agent] as string)).size === perAgent,
      );
    }
    const alarms = (await hub.services.alarms.list({ rule: 'closed-entrance-face' })).items;
    expect(alarms).toHaveLength(GATES);
    expect(alarms.reduce((sum, { occurrences }) => sum + occurrences, 0)).toBe((perAgent * AGENTS.length) / 5);
    const cases = await hub.services.cases.list({}, { name: 'anybody', roles: ['admin'], scope: 'everywhere' });
    expect(cases.items).toHaveLength(GATES);
    expect(new Set(cases.items.map(({ number }) => number)).size).toBe(GATES);
    expect(new Set(alarms.map(({ incident }) => incident)).size).toBe(GATES);

    await read.stop();
    const { rows: written } = await hub.pool.pool.query(
      `select transaction || '-' || id as cursor from dipper.change order by transaction, id`,
    );
    expect(read.cursors).toEqual(written.map(({ cursor }) => cursor));
  });

  it('all find their way back after the database crashed', async () => {
    const epoch = randomUUID();
    await database.crash();
    await edges[0]?.sendBatch([gateState({ epoch, sequence: 1, source: '/lanting/edge-a' })]);
    await database.restart();
    await eventually('a receipt', () => edges[0]?.receipted.has(epoch), { withinMs: 30_000 });
  });
});

/** Reads changes while they are written, as a feed does. */
function followChanges(hub: HubData): { readonly cursors: string[]; stop(): Promise<void> } {
  const cursors: string[] = [];
  let isStopping = false;
  let after = '0-0';
  const readOn = async (): Promise<void> => {
    for (;;) {
      const isLast = isStopping;
      const changes = await hub.services.changes.read(after, 50);
      cursors.push(...changes.map(({ cursor }) => cursor));
      after = changes.at(-1)?.cursor ?? after;
      if (changes.length > 0) continue;
      if (isLast) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const reading = readOn();
  return {
    cursors,
    async stop() {
      isStopping = true;
      await reading;
    },
  };
}
