import { fileURLToPath } from 'node:url';
import { RETENTION_CLASSES, type RetentionClass } from '@dipper/contract/events';
import type pg from 'pg';
import { startChildPart } from '../support/child-part.ts';
import { eventually } from '../support/eventually.ts';
import { type Bench, median, type PreparedBench, type Sample } from './bench.ts';
import { copyIn, copyLine } from './copy-in.ts';
import { agentName, ESTATE, retentionOf, type StreamShape, streamsOf } from './event-stream.ts';
import { type BenchGround, startGround } from './ground.ts';
import type { PublisherReport, PublisherSetting, PublishOrder } from './publisher-process.ts';

const PUBLISHER = fileURLToPath(new URL('publisher-process.ts', import.meta.url));
const COLUMNS =
  'id, type, estate, agent, device, place, occurred_at, raw_at, received_at, epoch, sequence, correlation, data';

export interface IngestShape {
  readonly events: number;
  readonly agents: number;
  readonly batchEvents: number;
}

/**
 * Ingest with validation, rules and receipts until the last receipt, against `COPY` of the same rows into tables of the
 * same form. The embedded database takes no COPY: there the reference is one `insert … unnest` per 2,000 rows.
 */
export function ingestBench(what: string, goal: number, usual: IngestShape): Bench {
  return {
    what,
    unit: 'events/s',
    goal: { ratio: goal, is: 'at-least' },
    options: { events: { type: 'string' }, agents: { type: 'string' } },
    async prepare({ seed, options }) {
      const shape: IngestShape = {
        events: Number(options['events'] ?? usual.events),
        agents: Number(options['agents'] ?? usual.agents),
        batchEvents: usual.batchEvents,
      };
      return prepare(shape, seed, options['database']);
    },
  };
}

async function prepare(shape: IngestShape, seed: number, wanted: string | undefined): Promise<PreparedBench> {
  const agents = Array.from({ length: shape.agents }, (_, index) => agentName(index));
  await using parts = new AsyncDisposableStack();
  const ground = parts.use(await startGround({ database: wanted, agents }));
  const hub = await ground.startHub();
  const setting: PublisherSetting = {
    brokerUrl: ground.broker.url,
    keyFile: hub.keyFile,
    agents: agents.map((agent) => ({ estate: ESTATE, agent, login: ground.loginOf(agent) })),
  };
  const publisher = await startChildPart(PUBLISHER, [], { BENCH_PUBLISHER: JSON.stringify(setting) });
  parts.defer(() => publisher.stop());
  const client = await ground.connect();
  await createReferenceTables(client);
  await eventually('the hub listens', async () => (await fetch(`${hub.url}/readyz`)).ok, { withinMs: 30_000 });

  /** The same for both sides of a round. */
  const shapes: StreamShape[] = [];
  const shapeOf = (round: number): StreamShape => {
    shapes[round] ??= { seed, round, agents: shape.agents, events: shape.events, baseMs: Date.now() };
    return shapes[round];
  };
  const judgedAfterMs: number[] = [];
  const receipts: number[] = [];
  const owned = parts.move();
  return {
    dipper: {
      command: `npm run hub; node test/bench/publisher-process.ts (${shape.events} events of ${shape.agents} agents, ${shape.batchEvents} per publish, ${ground.broker.kind}, ${ground.database.kind}: ${ground.database.version})`,
      async sample(round): Promise<Sample> {
        const before = await countRows(client, 'dipper');
        const order: PublishOrder = { type: 'publish', shape: shapeOf(round), batchEvents: shape.batchEvents };
        const { ms, receipts: count } = await new Promise<Extract<PublisherReport, { type: 'receipted' }>>(
          (resolve) => {
            publisher.process.on('message', function hear(report: PublisherReport) {
              if (report.type !== 'receipted') return;
              publisher.process.off('message', hear);
              resolve(report);
            });
            publisher.process.send(order);
          },
        );
        receipts.push(count);
        const receiptedAt = performance.now();
        await eventually('all is judged', () => isJudged(client), { withinMs: 600_000, everyMs: 100 });
        judgedAfterMs.push(Math.round(performance.now() - receiptedAt));
        const after = await countRows(client, 'dipper');
        return { value: (total(after) - total(before)) / (ms / 1_000), work: difference(before, after) };
      },
    },
    reference: {
      command:
        ground.database.kind === 'embedded'
          ? 'insert into bench.event_… select * from unnest(…), 2,000 rows a statement'
          : `copy bench.event_… (${COLUMNS}) from stdin`,
      async sample(round): Promise<Sample> {
        const before = await countRows(client, 'bench');
        const ms = await storeBare(client, ground, shapeOf(round));
        const after = await countRows(client, 'bench');
        return { value: (total(after) - total(before)) / (ms / 1_000), work: difference(before, after) };
      },
    },
    detail: () => ({
      database: ground.database.version,
      broker: ground.broker.kind,
      ...shape,
      receiptsPerRound: receipts,
      judgedAfterLastReceiptMs: judgedAfterMs,
      medianJudgedAfterMs: median(judgedAfterMs),
    }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Tables of the same form, hypertables as well, that nobody reads. */
async function createReferenceTables(client: pg.Client): Promise<void> {
  await client.query('create schema bench');
  for (const retention of RETENTION_CLASSES) {
    await client.query(`create table bench.event_${retention} (like dipper.event_${retention} including all)`);
    await client.query(
      `select create_hypertable('bench.event_${retention}'::regclass, 'occurred_at',
                                chunk_time_interval => interval '1 day', create_default_indexes => false)`,
    );
  }
}

async function storeBare(client: pg.Client, ground: BenchGround, shape: StreamShape): Promise<number> {
  const rows = new Map<RetentionClass, (string | number | null)[][]>(RETENTION_CLASSES.map((each) => [each, []]));
  const receivedAt = new Date(shape.baseMs).toISOString();
  for (const { estate, agent, events } of streamsOf(shape)) {
    for (const event of events) {
      rows
        .get(retentionOf(event))
        ?.push([
          ...[event.id, event.type, estate, agent, event.subject ?? null, event.place ?? null, event.time, null],
          ...[receivedAt, event.epoch, event.sequence, event.correlationid ?? null, JSON.stringify(event.data)],
        ]);
    }
  }
  if (ground.database.kind === 'embedded') return insertArrays(client, rows);
  const contents = [...rows].map(
    ([retention, lines]) => [retention, Buffer.from(lines.map(copyLine).join(''))] as const,
  );
  const startedAt = performance.now();
  for (const [retention, content] of contents) {
    await copyIn(client, `copy bench.event_${retention} (${COLUMNS}) from stdin`, content);
  }
  return performance.now() - startedAt;
}

const TYPES = 'uuid text text text text text timestamptz timestamptz timestamptz uuid bigint uuid jsonb'.split(' ');
const ROWS_PER_STATEMENT = 2_000;

async function insertArrays(
  client: pg.Client,
  rows: ReadonlyMap<RetentionClass, readonly (string | number | null)[][]>,
): Promise<number> {
  const arrays = TYPES.map((type, index) => `$${index + 1}::${type}[]`).join(', ');
  const statements = [...rows].flatMap(([retention, all]) =>
    Array.from({ length: Math.ceil(all.length / ROWS_PER_STATEMENT) }, (_, index) => {
      const part = all.slice(index * ROWS_PER_STATEMENT, (index + 1) * ROWS_PER_STATEMENT);
      return {
        text: `insert into bench.event_${retention} (${COLUMNS}) select * from unnest(${arrays})`,
        values: TYPES.map((_type, column) => part.map((row) => row[column] ?? null)),
      };
    }),
  );
  const startedAt = performance.now();
  for (const statement of statements) await client.query(statement);
  return performance.now() - startedAt;
}

type Counts = Readonly<Record<string, number>>;

async function countRows(client: pg.Client, schema: 'dipper' | 'bench'): Promise<Counts> {
  const counts: Record<string, number> = {};
  for (const retention of RETENTION_CLASSES) {
    const { rows } = await client.query<{ count: string }>(`select count(*) from ${schema}.event_${retention}`);
    counts[retention] = Number(rows[0]?.count);
  }
  return counts;
}

function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function difference(before: Counts, after: Counts): string {
  return RETENTION_CLASSES.map((each) => `${each} ${(after[each] ?? 0) - (before[each] ?? 0)}`).join(', ');
}

async function isJudged(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ left: string }>(
    `select count(*) as left from dipper.agent_epoch e
       left join dipper.agent_evaluation v on v.agent = e.agent and v.epoch = e.epoch
      where e.seen <> coalesce(v.evaluated, '{}')`,
  );
  return rows[0]?.left === '0';
}
