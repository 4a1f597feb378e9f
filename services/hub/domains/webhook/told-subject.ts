import type { LocalText, Priority } from '@dipper/contract/api/alarm';
import { sql } from 'kysely';
import { spanFromName } from '../event/event-span.ts';
import type { WebhookDb, WebhookTx } from './webhook-db.ts';

/**
 * What other systems are told of one thing. Chosen column by column: no picture or reference to one, no name of
 * anybody, no note, and of an event nothing that it says beside what happened where.
 */
export interface ToldSubject {
  readonly kind: 'alarm' | 'incident' | 'case' | 'event';
  readonly id: string;
  readonly priority: Priority | null;
  readonly estate: string | null;
  readonly place: string | null;
  readonly grid: string | null;
  /** Of events. */
  readonly eventType: string | null;
  /** Null where somebody outside wrote it. */
  readonly title: LocalText | null;
  readonly placeName: LocalText | null;
  readonly at: Date;
  /** Of alarms: somebody has seen it, or another alarm silences it. */
  readonly isAnswered: boolean;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Located {
  readonly id: string;
  readonly estate: string | null;
  readonly place: string | null;
  readonly place_zh: string | null;
  readonly place_en: string | null;
  readonly place_grid: string | null;
}

const PLACE = sql`left join dipper.place p on p.id = t.place`;
const PLACE_COLUMNS = sql`p.name_zh as place_zh, p.name_en as place_en, p.grid as place_grid`;

/** Reads what is to be told of the targets of changes of one kind. What is gone is left out. */
export async function readToldSubjects(
  db: WebhookDb | WebhookTx,
  kind: ToldSubject['kind'],
  targets: readonly string[],
): Promise<ToldSubject[]> {
  if (targets.length === 0) return [];
  if (kind === 'alarm') return readAlarms(db, targets);
  if (kind === 'incident') return readIncidents(db, targets);
  return kind === 'case' ? readCases(db, targets) : readEvents(db, targets);
}

type AlarmFacts = Located & {
  rule: string;
  priority: Priority;
  title_zh: string;
  title_en: string;
  active: boolean;
  late: boolean;
  occurrences: number;
  agent: string;
  device: string | null;
  incident: string | null;
  suppressed_by: string | null;
  raised_at: Date;
  last_occurred_at: Date;
  cleared_at: Date | null;
  acknowledged_at: Date | null;
};

async function readAlarms(db: WebhookDb | WebhookTx, ids: readonly string[]): Promise<ToldSubject[]> {
  const { rows } = await sql<AlarmFacts>`
    select t.id, t.rule, t.priority, t.title_zh, t.title_en, t.active, t.late, t.occurrences, t.estate, t.agent, t.device,
           t.place, t.incident, t.suppressed_by, t.raised_at, t.last_occurred_at, t.cleared_at, t.acknowledged_at,
           ${PLACE_COLUMNS}
      from dipper.alarm t ${PLACE} where t.id = any(${ids}::uuid[])`.execute(db);
  return rows.map((row) => {
    const isAcknowledged = row.acknowledged_at !== null;
    return {
      ...placed('alarm', row, row.raised_at),
      priority: row.priority,
      title: { zh: row.title_zh, en: row.title_en },
      isAnswered: isAcknowledged || row.suppressed_by !== null,
      data: {
        id: row.id,
        rule: row.rule,
        priority: row.priority,
        title: { zh: row.title_zh, en: row.title_en },
        active: row.active,
        acknowledged: isAcknowledged,
        late: row.late,
        occurrences: row.occurrences,
        suppressed: row.suppressed_by !== null,
        estate: row.estate,
        place: row.place,
        agent: row.agent,
        device: row.device,
        incident: row.incident,
        raisedAt: row.raised_at.toISOString(),
        lastOccurredAt: row.last_occurred_at.toISOString(),
        clearedAt: row.cleared_at?.toISOString() ?? null,
        acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
      },
    };
  });
}

type IncidentFacts = Located & {
  title_zh: string;
  title_en: string;
  priority: Priority;
  open: boolean;
  started_at: Date;
  last_at: Date;
};

async function readIncidents(db: WebhookDb | WebhookTx, ids: readonly string[]): Promise<ToldSubject[]> {
  const { rows } = await sql<IncidentFacts>`
    select t.id, t.title_zh, t.title_en, t.priority, t.open, t.estate, t.place, t.started_at, t.last_at, ${PLACE_COLUMNS}
      from dipper.incident t ${PLACE} where t.id = any(${ids}::uuid[])`.execute(db);
  return rows.map((row) => ({
    ...placed('incident', row, row.started_at),
    priority: row.priority,
    title: { zh: row.title_zh, en: row.title_en },
    data: {
      id: row.id,
      title: { zh: row.title_zh, en: row.title_en },
      priority: row.priority,
      open: row.open,
      estate: row.estate,
      place: row.place,
      startedAt: row.started_at.toISOString(),
      lastAt: row.last_at.toISOString(),
    },
  }));
}

type CaseFacts = Located & {
  number: string;
  title_zh: string;
  title_en: string;
  category: string;
  platform: string;
  priority: Priority;
  source: string;
  state: string;
  version: number;
  grid: string | null;
  opened_at: Date;
  deadline_at: Date | null;
  closed_at: Date | null;
};

async function readCases(db: WebhookDb | WebhookTx, ids: readonly string[]): Promise<ToldSubject[]> {
  const { rows } = await sql<CaseFacts>`
    select t.id, t.number, t.title_zh, t.title_en, t.category, t.platform, t.priority, t.source, t.state, t.version,
           t.estate, t.place, t.grid, t.opened_at, t.deadline_at, t.closed_at, ${PLACE_COLUMNS}
      from dipper.grid_case t ${PLACE} where t.id = any(${ids}::uuid[])`.execute(db);
  return rows.map((row) => {
    // What a resident or a patrol wrote may name somebody.
    const title = row.source === 'alarm' ? { zh: row.title_zh, en: row.title_en } : null;
    return {
      ...placed('case', row, row.opened_at),
      priority: row.priority,
      grid: row.grid ?? row.place_grid,
      title,
      data: {
        id: row.id,
        number: row.number,
        title,
        category: row.category,
        platform: row.platform,
        priority: row.priority,
        source: row.source,
        state: row.state,
        version: row.version,
        estate: row.estate,
        place: row.place,
        grid: row.grid,
        openedAt: row.opened_at.toISOString(),
        deadlineAt: row.deadline_at?.toISOString() ?? null,
        closedAt: row.closed_at?.toISOString() ?? null,
      },
    };
  });
}

type EventFacts = Located & {
  type: string;
  agent: string;
  device: string | null;
  occurred_at: Date;
  received_at: Date;
};

async function readEvents(db: WebhookDb | WebhookTx, targets: readonly string[]): Promise<ToldSubject[]> {
  const told: ToldSubject[] = [];
  for (const target of targets) {
    const span = spanFromName(target);
    if (span === undefined) continue;
    const { agent, epoch, first, last, oldestMs, newestMs } = span;
    // The times are written out: the database plans only the days in which they lie.
    const bounds = sql.raw(`'${new Date(oldestMs).toISOString()}' and '${new Date(newestMs + 1).toISOString()}'`);
    const { rows } = await sql<EventFacts>`
      select t.id, t.type, t.estate, t.agent, t.device, t.place, t.occurred_at, t.received_at, ${PLACE_COLUMNS}
        from dipper.event t ${PLACE}
       where t.agent = ${agent} and t.epoch = ${epoch}::uuid and t.sequence between ${first}::bigint and ${last}::bigint
         and t.occurred_at between ${bounds}
       order by t.sequence`.execute(db);
    told.push(...rows.map(eventFrom));
  }
  return told;
}

function eventFrom(row: EventFacts): ToldSubject {
  return {
    ...placed('event', row, row.occurred_at),
    eventType: row.type,
    data: {
      id: row.id,
      type: row.type,
      estate: row.estate,
      agent: row.agent,
      device: row.device,
      place: row.place,
      occurredAt: row.occurred_at.toISOString(),
      receivedAt: row.received_at.toISOString(),
    },
  };
}

function placed(kind: ToldSubject['kind'], row: Located, at: Date): Omit<ToldSubject, 'data'> {
  return {
    kind,
    id: row.id,
    estate: row.estate,
    place: row.place,
    grid: row.place_grid,
    placeName: row.place_zh === null ? null : { zh: row.place_zh, en: row.place_en ?? row.place_zh },
    at,
    priority: null,
    eventType: null,
    title: null,
    isAnswered: false,
  };
}
