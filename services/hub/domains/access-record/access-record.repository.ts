import type { PageQuery } from '@dipper/contract/api/page';
import { sql } from 'kysely';
import { rowLimitOf, timeCursorOf } from '../../database/page-cursor.ts';
import type { EventRow } from '../../database/schema.ts';
import { withinScope } from '../../scope/scope.ts';
import type { LocationFilter } from '../../services.ts';
import type { AccessDb } from '../policy/access-db.ts';

export interface AccessRecordFilter extends LocationFilter {
  readonly device?: string;
  readonly accessPoint?: string;
  readonly outcome?: 'granted' | 'denied';
  readonly holder?: string;
  /** `at` from this instant on. */
  readonly from?: string;
  /** `at` before this instant. */
  readonly until?: string;
}

export type DecisionRow = Omit<EventRow, 'retention'>;

/** One decision more than the page holds, the latest first. */
export async function listDecisions(db: AccessDb, query: PageQuery & AccessRecordFilter): Promise<DecisionRow[]> {
  const { outcome, within, from, until } = query;
  const types = outcome === undefined ? ['access.granted', 'access.denied'] : [`access.${outcome}`];
  let select = db
    .selectFrom('dipper.event_passage')
    .selectAll()
    .where('type', 'in', types)
    .orderBy('occurred_at', 'desc')
    .orderBy('id', 'desc')
    .limit(rowLimitOf(query));
  for (const column of ['estate', 'place', 'device'] as const) {
    const value = query[column];
    if (value !== undefined) select = select.where(column, '=', value);
  }
  if (query.accessPoint !== undefined) select = select.where(sql`data ->> 'accessPoint'`, '=', query.accessPoint);
  if (query.holder !== undefined) select = select.where(sql`data ->> 'holder'`, '=', query.holder);
  if (within !== undefined) select = select.where(withinScope(within, { estate: 'estate', place: 'place' }));
  if (from !== undefined) select = select.where('occurred_at', '>=', new Date(from));
  if (until !== undefined) select = select.where('occurred_at', '<', new Date(until));
  const after = timeCursorOf(query);
  if (after !== undefined) {
    // The first condition tells which chunks to leave alone; a comparison of rows does not.
    select = select
      .where('occurred_at', '<=', after.at)
      .where(sql<boolean>`(occurred_at, id) < (${after.at}, ${after.id}::uuid)`);
  }
  return select.execute();
}

/** The longest that a second factor may take before a decision (`PolicyAccessPoint`), and some. */
const BEFORE_MS = 150_000;
/** The longest passage there is, and a gate that closes behind it. */
const AFTER_MS = 600_000;
/** What a record is made of. Duress is not: it is told to the desk by its alarm, and nowhere that others look at. */
const STEP_TYPES = [
  'access.requested',
  'access.granted',
  'access.denied',
  'access.taken',
  'access.not-taken',
  'gate.state',
  'gate.command-unconfirmed',
  'gate.tailgated',
] as const;
/** A gate that flutters is no reason to answer with thousands of rows. */
const MAX_STEPS = 40;

/** What belongs to some decisions, in the order in which it happened. */
export async function listSteps(db: AccessDb, decisions: readonly DecisionRow[]): Promise<EventRow[]> {
  const correlations = decisions.flatMap(({ correlation }) => correlation ?? []);
  if (correlations.length === 0) return [];
  const times = decisions.map(({ occurred_at }) => occurred_at.getTime());
  return db
    .selectFrom('dipper.event')
    .selectAll()
    .where('retention', 'in', ['passage', 'device'])
    .where('occurred_at', '>=', new Date(Math.min(...times) - BEFORE_MS))
    .where('occurred_at', '<=', new Date(Math.max(...times) + AFTER_MS))
    .where('type', 'in', STEP_TYPES)
    .where('correlation', '=', sql<string>`any(${correlations}::uuid[])`)
    .orderBy('occurred_at')
    .orderBy('sequence')
    .limit(decisions.length * MAX_STEPS)
    .execute();
}

/** Whoever is named in decisions, as far as they are still known. */
export function findHolders(db: AccessDb, ids: readonly string[]) {
  return db
    .selectFrom('dipper.access_holder')
    .select(['id', 'kind', 'name', 'unit', 'blocked_at'])
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .execute();
}

/** The names of access points. */
export function findPointNames(db: AccessDb, ids: readonly string[]) {
  return db
    .selectFrom('dipper.access_point')
    .select(['id', 'name_zh', 'name_en'])
    .where('id', '=', sql<string>`any(${ids}::text[])`)
    .execute();
}
