import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '../support/embedded-broker.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../support/embedded-database.ts';
import { eventually } from '../support/eventually.ts';
import { type HubData, startHubData } from '../support/hub-data.ts';
import { faceCaptured, gateState } from '../support/sample-events.ts';
import { connectScriptedEdge, onlineStatus, type ScriptedEdge } from '../support/scripted-edge.ts';

let database: EmbeddedDatabase;
let broker: EmbeddedBroker;
let hub: HubData;
let edge: ScriptedEdge;
/** Every test speaks in an epoch of its own. */
let epoch: string;

beforeAll(async () => {
  [database, broker] = await Promise.all([
    startEmbeddedDatabase(),
    startEmbeddedBroker({ agents: ['lanting/lanting-edge-1', 'heping/lanting-edge-1'] }),
  ]);
  hub = await startHubData({ databaseUrl: database.url, broker });
  edge = await connectScriptedEdge(broker, hub.signingKey.publicJwk);
  await eventually('the hub listens', async () => (await hub.data.readiness()).broker, { everyMs: 20 });
});
afterAll(async () => {
  await edge.close();
  await hub.stop();
  await Promise.all([database.stop(), broker.stop()]);
});
beforeEach(() => {
  epoch = randomUUID();
});
afterEach(async () => {
  expect((await hub.metrics.getSingleMetric('dipper_hub_messages_dropped_total')?.get())?.values[0]?.value).toBe(0);
});

const receipts = (count: number, withinMs = 10_000): Promise<readonly number[]> =>
  eventually(
    `${count} receipted sequences`,
    () => {
      const sequences = edge.receipted.get(epoch) ?? [];
      return sequences.length >= count && sequences;
    },
    { everyMs: 20, withinMs },
  );

async function storedSequences(): Promise<number[]> {
  const rows = await hub.pool.db.selectFrom('dipper.event').select('sequence').where('epoch', '=', epoch).execute();
  return rows.map(({ sequence }) => Number(sequence)).sort((a, b) => a - b);
}

async function deadLetters(): Promise<{ reason: string; sequence: number | null; times: number }[]> {
  const rows = await hub.pool.db
    .selectFrom('dipper.dead_letter')
    .select(['reason', 'sequence', 'times'])
    .where('epoch', '=', epoch)
    .orderBy('sequence')
    .execute();
  return rows.map((row) => ({ ...row, sequence: row.sequence === null ? null : Number(row.sequence) }));
}

describe('ingest', () => {
  it('stores each event in the hypertable of its class and receipts it', async () => {
    await edge.sendBatch([faceCaptured({ epoch, sequence: 1 }), gateState({ epoch, sequence: 2 })]);
    expect(await receipts(2)).toEqual([1, 2]);
    const classes = await hub.pool.db
      .selectFrom('dipper.event')
      .select(['retention', 'type'])
      .where('epoch', '=', epoch)
      .orderBy('sequence')
      .execute();
    expect(classes).toEqual([
      { retention: 'face', type: 'face.captured' },
      { retention: 'device', type: 'gate.state' },
    ]);
    const { rows } = await hub.pool.pool.query(
      `select hypertable_name from timescaledb_information.hypertables where hypertable_schema = 'dipper' order by 1`,
    );
    expect(rows.map((row) => row.hypertable_name)).toEqual([
      'device_sample',
      'event_device',
      'event_face',
      'event_passage',
      'event_scene',
    ]);
  });

  it('stores the valid siblings of what it refuses, and receipts both', async () => {
    const batch = [
      gateState({ epoch, sequence: 1 }),
      { ...gateState({ epoch, sequence: 2 }), type: 'Not a type' },
      { ...gateState({ epoch, sequence: 3 }), data: { position: 'ajar', relay: 'inactive', contact: 'closed' } },
      { ...gateState({ epoch, sequence: 4 }), source: '/lanting/somebody-else' },
      'nonsense without a position',
      gateState({ epoch, sequence: 5 }),
    ];
    await edge.sendBatch(batch);
    expect(await receipts(5)).toEqual([1, 2, 3, 4, 5]);
    expect(await storedSequences()).toEqual([1, 5]);
    expect(await deadLetters()).toEqual([
      { reason: 'EVENT_INVALID', sequence: 2, times: 1 },
      { reason: 'EVENT_INVALID', sequence: 3, times: 1 },
      { reason: 'EVENT_MISDIRECTED', sequence: 4, times: 1 },
    ]);
    const { deadLetters: count, lastDeadLetter } = await hub.services.agents.get('lanting-edge-1');
    expect(count).toBeGreaterThanOrEqual(4);
    expect(lastDeadLetter).toMatch(/^EVENT_/);
  });

  it('keeps events of types it does not know as they are, unless they could hold a picture or a template', async () => {
    const raw = (type: string, sequence: number, data: unknown) => ({ ...gateState({ epoch, sequence }), type, data });
    const said = { level: 3, note: '井盖', deep: [{ open: true }] };
    await edge.sendBatch([
      raw('access.tailgated', 1, said),
      raw('lift.stuck', 2, said),
      raw('camera.wiped', 3, {}),
      raw('lift.stuck', 4, { note: 'x'.repeat(513) }),
      raw('lift.stuck', 5, { ['k'.repeat(513)]: 1 }),
      raw('lift.stuck', 6, { embedding: Array.from({ length: 128 }, () => 0.1) }),
      raw('lift.stuck', 7, Object.fromEntries(Array.from({ length: 20 }, (_, key) => [key, 'x'.repeat(500)]))),
      raw('lift.stuck', 8, 'a text'),
    ]);
    expect(await receipts(8)).toHaveLength(8);
    expect(await deadLetters()).toEqual([
      ...[4, 5, 6].map((sequence) => ({ reason: 'EVENT_TYPE_UNKNOWN', sequence, times: 1 })),
      { reason: 'MESSAGE_TOO_LARGE', sequence: 7, times: 1 },
      { reason: 'EVENT_TYPE_UNKNOWN', sequence: 8, times: 1 },
    ]);
    const { items } = await hub.services.events.list({ type: 'lift.stuck' });
    expect(items).toMatchObject([{ known: false, retention: 'face', data: said, sequence: 2 }]);
    const kept = await hub.pool.db
      .selectFrom('dipper.event')
      .select(['type', 'retention'])
      .where('epoch', '=', epoch)
      .orderBy('sequence')
      .execute();
    expect(kept.map(({ type, retention }) => [type, retention])).toEqual([
      ['access.tailgated', 'passage'],
      ['lift.stuck', 'face'],
      ['camera.wiped', 'device'],
    ]);
  });

  it('keeps of a dead letter no word of what it said', async () => {
    const secret = `secret-${randomUUID()}`;
    await edge.sendBatch([
      { ...gateState({ epoch, sequence: 1 }), [secret]: secret },
      gateState({ epoch, sequence: 2 }),
    ]);
    await receipts(2);
    const { rows } = await hub.pool.pool.query('select to_jsonb(d) as row from dipper.dead_letter d');
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  it('survives what PostgreSQL cannot hold: NUL, half a surrogate, years without a number, numbers without end', async () => {
    const message = (text: string, sequence: number) => ({
      ...gateState({ epoch, sequence }),
      type: 'camera.offline',
      data: { cause: 'CAMERA_UNREACHABLE', since: '2026-11-24T10:00:00.000Z', message: text },
    });
    await edge.sendBatch([
      message('a\0b', 1),
      message('\ud800', 2),
      message('in order', 3),
      gateState({ epoch, sequence: 4, time: '0000-01-01T00:00:00.000Z' }),
      gateState({ epoch, sequence: 5, time: '9999-12-31T23:59:59.999Z' }),
      gateState({ epoch, sequence: 6, time: '2026-13-45T99:00:00.000Z' }),
      gateState({ epoch, sequence: 2_147_483_647 }),
      gateState({ epoch, sequence: 2_147_483_648 }),
      gateState({ epoch: `urn:uuid:${epoch}`, sequence: 7 }),
      { ...gateState({ epoch, sequence: 8 }), correlationid: `urn:uuid:${epoch}` },
    ]);
    expect([...(await receipts(8))].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 8, 2_147_483_647]);
    expect(await storedSequences()).toEqual([3, 4, 5, 2_147_483_647]);
    expect((await deadLetters()).map(({ sequence }) => sequence)).toEqual([1, 2, 6, 8]);
    const clamped = await hub.pool.db
      .selectFrom('dipper.event')
      .select(['occurred_at', 'received_at', 'raw_at'])
      .where('epoch', '=', epoch)
      .where('sequence', '=', '5')
      .executeTakeFirstOrThrow();
    expect(clamped.occurred_at).toEqual(clamped.received_at);
    expect(clamped.raw_at?.toISOString()).toBe('9999-12-31T23:59:59.999Z');
  });

  it('takes no event for later than its arrival, and keeps what its clock claimed', async () => {
    const claimed = new Date(Date.now() + 23 * 3_600_000).toISOString();
    const raw = '2026-11-24T10:00:00.000Z';
    await edge.sendBatch([
      gateState({ epoch, sequence: 1, time: claimed }),
      { ...gateState({ epoch, sequence: 2, time: claimed }), rawtime: raw },
    ]);
    await receipts(2);
    const rows = await hub.pool.db
      .selectFrom('dipper.event')
      .select(['occurred_at', 'received_at', 'raw_at'])
      .where('epoch', '=', epoch)
      .orderBy('sequence')
      .execute();
    expect(rows.map(({ occurred_at, received_at }) => occurred_at.getTime() - received_at.getTime())).toEqual([0, 0]);
    expect(rows.map(({ raw_at }) => raw_at?.toISOString())).toEqual([claimed, raw]);
  });

  it('puts a batch that is no JSON among the dead letters without a receipt, and goes on', async () => {
    const before = await countOf('MESSAGE_NOT_JSON');
    await edge.sendBytes('[{"type": "gate.st');
    await edge.sendBytes(Buffer.from([0xff, 0xfe, 0x00]));
    await edge.sendBytes('{}');
    await edge.sendBatch([gateState({ epoch, sequence: 1 })]);
    expect(await receipts(1)).toEqual([1]);
    expect(await countOf('MESSAGE_NOT_JSON')).toBe(before + 2);
    expect(await countOf('MESSAGE_INVALID')).toBeGreaterThan(0);
  });

  it('stores nothing under the name of an agent of another estate: dead letters, counted once however often they come', async () => {
    const address = { estate: 'heping', agent: 'lanting-edge-1' };
    const login = { url: broker.url, agent: () => broker.agent('heping/lanting-edge-1') };
    const impostor = await connectScriptedEdge(login, hub.signingKey.publicJwk, address);
    const batch = [
      gateState({ epoch, sequence: 1, source: '/heping/lanting-edge-1' }),
      { ...gateState({ epoch, sequence: 2, source: '/heping/lanting-edge-1' }), type: 'Not a type' },
    ];
    const counted = await deadLetterMetric('TOPIC_UNKNOWN');
    await impostor.sendBatch(batch);
    await impostor.sendBatch(batch);
    await eventually(
      'both dead letters, twice',
      async () => (await deadLetters()).filter((l) => l.times === 2).length === 2,
      {
        everyMs: 20,
      },
    );
    expect(await deadLetters()).toEqual([
      { reason: 'TOPIC_UNKNOWN', sequence: 1, times: 2 },
      { reason: 'EVENT_INVALID', sequence: 2, times: 2 },
    ]);
    expect(await deadLetterMetric('TOPIC_UNKNOWN')).toBe(counted + 2);
    // The sequences stay free for the agent whose name it is, and nothing tells the other to forget what is stored nowhere.
    await edge.sendBatch([gateState({ epoch, sequence: 1 })]);
    expect(await receipts(1)).toEqual([1]);
    expect(await storedSequences()).toEqual([1]);
    expect(impostor.receipted.size).toBe(0);
    await impostor.close();
  });

  it('stores what comes twice once, and receipts it twice', async () => {
    const batch = [
      gateState({ epoch, sequence: 1 }),
      { broken: true, epoch, sequence: 2 },
      gateState({ epoch, sequence: 3 }),
    ];
    await edge.sendBatch([...batch, batch[0]]);
    await receipts(3);
    await edge.sendBatch(batch);
    expect(await receipts(6)).toEqual([1, 2, 3, 1, 2, 3]);
    expect(await storedSequences()).toEqual([1, 3]);
    expect(await deadLetters()).toHaveLength(1);
  });

  it('tells an agent that comes back and still waits what it has receipted, in every recent epoch', async () => {
    const [older, outbox] = [randomUUID(), { waiting: 3, quarantined: 0, bytes: 900, budgetBytes: 1_000_000 }];
    await edge.sendBatch([1, 2, 4].map((sequence) => gateState({ epoch, sequence })));
    await edge.sendBatch([gateState({ epoch: older, sequence: 7 })]);
    await receipts(3);
    await eventually('the older epoch', () => edge.receipted.has(older), { everyMs: 20 });
    await edge.close();
    edge = await connectScriptedEdge(broker, hub.signingKey.publicJwk);
    await edge.sendStatus(onlineStatus());
    await edge.sendStatus(onlineStatus({ outbox }));
    expect(await receipts(3)).toEqual([1, 2, 4]);
    expect(edge.receipted.get(older)).toEqual([7]);
    expect((await storedSequences()).length).toBe(3);
  });

  it('receipts nothing before the commit, and everything after the database is back', async () => {
    await database.kill();
    await edge.sendBatch([gateState({ epoch, sequence: 1 })]);
    await edge.sendBatch([gateState({ epoch, sequence: 2 })]);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(edge.receipted.get(epoch)).toBeUndefined();
    await database.restart();
    expect([...(await receipts(2))].sort()).toEqual([1, 2]);
    expect(await storedSequences()).toEqual([1, 2]);
  });

  it('finds its way back to a broker that forgot everything', async () => {
    await broker.restart();
    await edge.close();
    edge = await connectScriptedEdge(broker, hub.signingKey.publicJwk);
    await eventually('the hub listens again', async () => (await hub.data.readiness()).broker, { everyMs: 20 });
    await eventually(
      'a receipt after the restart',
      async () => {
        await edge.sendBatch([gateState({ epoch, sequence: 1 })]);
        return edge.receipted.has(epoch);
      },
      { everyMs: 200 },
    );
    expect(await storedSequences()).toEqual([1]);
  });

  it('keeps the latest state of agents and devices, and enters devices that nobody configured', async () => {
    const status = onlineStatus({ clockOffsetMs: -40 });
    await edge.sendStatus(status);
    const head = { connection: 'online', since: '2026-11-24T10:00:00.000Z' } as const;
    await edge.sendDevice({ kind: 'camera', device: 'lanting-service-face', ...head, picture: 'ok' });
    await edge.sendDevice({ kind: 'camera', device: 'found-camera', ...head, picture: 'unknown' });
    const found = await eventually('the found camera', () => hub.services.devices.find('found-camera'), {
      everyMs: 20,
    });
    expect(found).toMatchObject({ kind: 'camera', agent: 'lanting-edge-1', place: null, name: { zh: 'found-camera' } });
    expect(await hub.services.devices.get('lanting-service-face')).toMatchObject({
      place: 'lanting-service-gate',
      state: { picture: 'ok' },
    });
    const agent = await hub.services.agents.get('lanting-edge-1');
    await edge.sendStatus(status);
    await eventually('the same words again are a sign of life', async () => {
      const { seenAt } = await hub.services.agents.get('lanting-edge-1');
      return (seenAt ?? '') > (agent.seenAt ?? '');
    });
    expect(agent).toMatchObject({ state: 'online', clockOffsetMs: -40, waiting: 0, bootId: status.bootId });
    expect(await hub.services.agents.challenge({ estate: 'lanting', agent: 'lanting-edge-1' })).toMatch(
      /^[0-9a-f-]{36}$/,
    );
    await expect(hub.services.agents.challenge({ estate: 'other', agent: 'lanting-edge-1' })).rejects.toMatchObject({
      code: 'AGENT_OFFLINE',
    });
  });

  it('lists what is stored page by page, the latest first', async () => {
    const started = Date.now() - 60_000;
    const batch = Array.from({ length: 7 }, (_, index) =>
      gateState({
        epoch,
        sequence: index + 1,
        time: new Date(started + Math.floor(index / 2)).toISOString(),
        correlationid: epoch,
      }),
    );
    await edge.sendBatch(batch);
    await receipts(7);
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await hub.services.events.list({
        correlation: epoch,
        limit: 3,
        ...(cursor === undefined ? {} : { cursor }),
      });
      seen.push(...page.items.map(({ sequence }) => sequence));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
    expect(seen[0]).toBe(7);
    await expect(hub.services.events.list({ cursor: 'made-up' })).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
  });
});

async function countOf(reason: string): Promise<number> {
  const row = await hub.pool.db
    .selectFrom('dipper.dead_letter')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('reason', '=', reason)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

async function deadLetterMetric(reason: string): Promise<number> {
  const metric = await hub.metrics.getSingleMetric('dipper_hub_dead_letters_total')?.get();
  return metric?.values.find(({ labels }) => labels['reason'] === reason)?.value ?? 0;
}
