import type { EventView } from '@dipper/contract/api/inventory';
import type { PageQuery } from '@dipper/contract/api/page';
import { RETENTION_CLASSES } from '@dipper/contract/events';
import { type RawBuilder, sql } from 'kysely';
import { rowLimitOf, timeCursorOf } from '../../database/page-cursor.ts';
import type { Db, Tx } from '../../database/pool.ts';
import type { EventRow } from '../../database/schema.ts';
import type { EventFilter, StoredMedia } from '../../services.ts';

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

/** Events of one epoch in sequence; the instants say in which chunks they lie. */
export function listEventsInSequence(
  tx: Tx,
  range: { agent: string; epoch: string; first: number; last: number; oldest: Date; newest: Date },
): Promise<EventRow[]> {
  return tx
    .selectFrom('dipper.event')
    .selectAll()
    .where('agent', '=', range.agent)
    .where('epoch', '=', range.epoch)
    .where('sequence', '>=', String(range.first))
    .where('sequence', '<=', String(range.last))
    .where('occurred_at', '>=', range.oldest)
    .where('occurred_at', '<=', range.newest)
    .orderBy('sequence')
    .execute();
}

/** The event that announced a captured picture. */
export async function findMediaEvent(db: Db, ref: string): Promise<StoredMedia | undefined> {
  const row = await db
    .selectFrom('dipper.event_face')
    .select(['id', 'estate', 'agent', 'device'])
    .select(sql<{ mime: string; expiresAt: string }>`data -> 'media'`.as('media'))
    .where(sql<boolean>`data #>> '{media,ref}' = ${ref}`)
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

/** Writes events into the hypertable of their retention class, one statement per class. */
export async function insertEvents(
  tx: Tx,
  events: readonly { retention: EventRow['retention']; event: NewEvent }[],
): Promise<void> {
  for (const retention of RETENTION_CLASSES) {
    const rows = events.filter((entry) => entry.retention === retention).map(({ event }) => event);
    if (rows.length === 0) continue;
    const column = <K extends keyof NewEvent>(name: K): NewEvent[K][] => rows.map((row) => row[name]);
    await sql`
      insert into ${TABLES[retention]}
        (id, type, estate, agent, device, place, occurred_at, raw_at, received_at, epoch, sequence, correlation, data)
      select * from unnest(
        ${column('id')}::uuid[], ${column('type')}::text[], ${column('estate')}::text[], ${column('agent')}::text[],
        ${column('device')}::text[], ${column('place')}::text[], ${column('occurredAt')}::timestamptz[],
        ${column('rawAt')}::timestamptz[], ${column('receivedAt')}::timestamptz[], ${column('epoch')}::uuid[],
        ${column('sequence')}::bigint[], ${column('correlation')}::uuid[], ${column('data')}::jsonb[])`.execute(tx);
  }
}

export function eventFromRow(row: EventRow): EventView {
  return {
    id: row.id,
    type: row.type,
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
