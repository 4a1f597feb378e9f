import type { EventView } from '@dipper/contract/api/inventory';
import type { PageQuery } from '@dipper/contract/api/page';
import { isEventType, RETENTION_CLASSES } from '@dipper/contract/events';
import { type RawBuilder, sql } from 'kysely';
import { rowLimitOf, timeCursorOf } from '../../database/page-cursor.ts';
import type { Db, Tx } from '../../database/pool.ts';
import type { EventRow } from '../../database/schema.ts';
import { withinScope } from '../../scope/scope.ts';
import type { EventFilter, StoredMedia } from '../../services.ts';
import type { EventSpan } from './event-span.ts';

const EQUALITIES = ['type', 'retention', 'estate', 'place', 'agent', 'device', 'correlation'] as const;

/** One row more than the page holds, the latest occurrence first. */
export async function listEvents(db: Db, query: PageQuery & EventFilter): Promise<EventRow[]> {
  let select = db
    .selectFrom('dipper.event')
    .selectAll()
    .orderBy('occurred_at', 'desc')
    .orderBy('id', 'desc')
    .limit(rowLimitOf(query));
  for (const column of EQUALITIES) {
    const value = query[column];
    if (value !== undefined) select = select.where(column, '=', value);
  }
  if (query.within !== undefined)
    select = select.where(withinScope(query.within, { estate: 'estate', place: 'place' }));
  if (query.from !== undefined) select = select.where('occurred_at', '>=', new Date(query.from));
  if (query.until !== undefined) select = select.where('occurred_at', '<', new Date(query.until));
  const after = timeCursorOf(query);
  if (after !== undefined) {
    // The first condition tells which chunks to leave alone; a comparison of rows does not.
    select = select
      .where('occurred_at', '<=', after.at)
      .where(sql<boolean>`(occurred_at, id) < (${after.at}, ${after.id}::uuid)`);
  }
  return select.execute();
}

export function findEvents(db: Db, ids: readonly string[]): Promise<EventRow[]> {
  return db.selectFrom('dipper.event').selectAll().where('id', '=', sql<string>`any(${ids}::uuid[])`).execute();
}

/** A run of one epoch's sequences; the instants say in which chunks its events lie. */
export interface EventRange {
  readonly agent: string;
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
  readonly oldest: Date;
  readonly newest: Date;
}

/** Events of some types in ranges of sequences, range by range, each in its order. */
export async function listEventsInSequence(
  tx: Tx,
  ranges: readonly EventRange[],
  types: readonly string[],
  limit: number,
): Promise<EventRow[]> {
  const column = <K extends keyof EventRange>(name: K): EventRange[K][] => ranges.map((range) => range[name]);
  const oldest = new Date(Math.min(...ranges.map((range) => range.oldest.getTime())));
  const newest = new Date(Math.max(...ranges.map((range) => range.newest.getTime())));
  const { rows } = await sql<EventRow>`
    select e.* from unnest(${column('agent')}::text[], ${column('epoch')}::uuid[], ${column('first')}::bigint[],
                           ${column('last')}::bigint[], ${column('oldest')}::timestamptz[],
                           ${column('newest')}::timestamptz[])
                    with ordinality as range (agent, epoch, first, last, oldest, newest, ordinal)
      join lateral (select * from dipper.event
                     where agent = range.agent and epoch = range.epoch and sequence between range.first and range.last
                       and occurred_at between range.oldest and range.newest
                       -- Known when it is planned: all other chunks are left alone.
                       and occurred_at between ${oldest} and ${newest}
                       and type = any(${types}::text[])
                     order by sequence limit ${limit}) e on true
     order by range.ordinal, e.sequence
     limit ${limit}`.execute(tx);
  return rows;
}

/** The events of runs of sequences, run by run, in their order. */
export async function findEventSpans(db: Db, spans: readonly EventSpan[]): Promise<EventRow[]> {
  const oldest = new Date(Math.min(...spans.map(({ oldestMs }) => oldestMs)));
  const newest = new Date(Math.max(...spans.map(({ newestMs }) => newestMs)));
  const { rows } = await sql<EventRow>`
    select e.* from unnest(${spans.map(({ agent }) => agent)}::text[], ${spans.map(({ epoch }) => epoch)}::uuid[],
                           ${spans.map(({ first }) => first)}::bigint[], ${spans.map(({ last }) => last)}::bigint[])
                    with ordinality as span (agent, epoch, first, last, ordinal)
      join lateral (select * from dipper.event
                     where agent = span.agent and epoch = span.epoch and sequence between span.first and span.last
                       and occurred_at between ${oldest} and ${newest}) e on true
     order by span.ordinal, e.sequence`.execute(db);
  return rows;
}

/**
 * Days that config/retention.yaml leaves uncompressed: pictures are asked for while they are there, and only
 * in such days an index leads to them.
 */
const RECENT_DAYS = 8;

/** The event that announced a captured picture: looked for among the recent ones first. */
export async function findMediaEvent(db: Db, ref: string): Promise<StoredMedia | undefined> {
  return (await findMediaSince(db, ref, sql`now() - ${RECENT_DAYS} * interval '1 day'`)) ?? findMediaSince(db, ref);
}

async function findMediaSince(
  db: Db,
  ref: string,
  since: RawBuilder<unknown> = sql`'-infinity'::timestamptz`,
): Promise<StoredMedia | undefined> {
  const row = await db
    .selectFrom('dipper.event_face')
    .select(['id', 'estate', 'agent', 'device'])
    .select(sql<{ mime: string; expiresAt: string }>`data -> 'media'`.as('media'))
    .where(sql<boolean>`data #>> '{media,ref}' = ${ref}`)
    .where(sql<boolean>`occurred_at >= ${since}`)
    // What an unknown type says of media is nobody's promise.
    .where('type', '=', 'face.captured')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { id, media, ...where } = row;
  return { ref, mime: media.mime, expiresAt: media.expiresAt, event: id, ...where };
}

/** An event as it is stored. */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly estate: string;
  readonly agent: string;
  readonly device: string | null;
  readonly place: string | null;
  readonly occurredAt: Date;
  readonly rawAt: Date | null;
  readonly receivedAt: Date;
  readonly epoch: string;
  readonly sequence: number;
  readonly correlation: string | null;
  /** JSON. */
  readonly data: string;
}

const TABLES = {
  face: sql.table('dipper.event_face'),
  passage: sql.table('dipper.event_passage'),
  device: sql.table('dipper.event_device'),
  scene: sql.table('dipper.event_scene'),
} satisfies Record<EventRow['retention'], RawBuilder<unknown>>;

/**
 * Parts the elements of JSON texts from each other: JSON writes every control character as an escape (RFC 8259 §7), so
 * it cannot occur inside one.
 */
const JSON_SEPARATOR = '\u001f';

/**
 * The statements that write events into the hypertables of their retention classes, one per class. A column travels as one text
 * that the server splits, which costs both sides a fraction of PostgreSQL's array syntax with its quotes and escapes.
 * Nothing but `data` can hold a comma: the others are uuids, instants, slugs and types.
 */
export function eventInsertions(
  events: readonly { retention: EventRow['retention']; event: NewEvent }[],
): RawBuilder<unknown>[] {
  return RETENTION_CLASSES.flatMap((retention) => {
    const rows = events.filter((entry) => entry.retention === retention).map(({ event }) => event);
    if (rows.length === 0) return [];
    const texts = (textOf: (row: NewEvent) => string | number | null): string => rows.map(textOf).join(',');
    const dates = (dateOf: (row: NewEvent) => Date | null): string => texts((row) => dateOf(row)?.toISOString() ?? '');
    const statement = sql`
      insert into ${TABLES[retention]}
        (id, type, estate, agent, device, place, occurred_at, raw_at, received_at, epoch, sequence, correlation, data)
      select * from unnest(
        string_to_array(${texts((row) => row.id)}, ',')::uuid[],
        string_to_array(${texts((row) => row.type)}, ','),
        string_to_array(${texts((row) => row.estate)}, ','),
        string_to_array(${texts((row) => row.agent)}, ','),
        string_to_array(${texts((row) => row.device)}, ',', ''),
        string_to_array(${texts((row) => row.place)}, ',', ''),
        string_to_array(${dates((row) => row.occurredAt)}, ',')::timestamptz[],
        string_to_array(${dates((row) => row.rawAt)}, ',', '')::timestamptz[],
        string_to_array(${dates((row) => row.receivedAt)}, ',')::timestamptz[],
        string_to_array(${texts((row) => row.epoch)}, ',')::uuid[],
        string_to_array(${texts((row) => row.sequence)}, ',')::bigint[],
        string_to_array(${texts((row) => row.correlation)}, ',', '')::uuid[],
        string_to_array(${rows.map((row) => row.data).join(JSON_SEPARATOR)}, ${JSON_SEPARATOR})::jsonb[])`;
    return [statement];
  });
}

export function eventFromRow(row: EventRow): EventView {
  return {
    id: row.id,
    type: row.type,
    known: isEventType(row.type),
    retention: row.retention,
    estate: row.estate,
    agent: row.agent,
    device: row.device,
    place: row.place,
    occurredAt: row.occurred_at.toISOString(),
    receivedAt: row.received_at.toISOString(),
    epoch: row.epoch,
    sequence: Number(row.sequence),
    correlation: row.correlation,
    data: row.data,
  };
}
