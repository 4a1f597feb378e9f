import { randomUUID } from 'node:crypto';
import { PRIORITIES, type Priority } from '@dipper/contract/api/alarm';
import { sql } from 'kysely';
import type { AlarmRow } from '../../database/schema.ts';
import type { Response } from '../alarm/response.ts';

type Grouped = Pick<
  AlarmRow,
  'title_zh' | 'title_en' | 'priority' | 'active' | 'estate' | 'place' | 'agent' | 'raised_at' | 'last_occurred_at'
>;

/**
 * Finds the incident of an alarm's place and time, or begins one. Alarms without a place are grouped by their agent.
 * An incident whose case has ended (closed or voided) takes no more: nobody would be sent for what comes after.
 * One that somebody has joined into another leads there, as long as the case of that one has not ended.
 * Two alarms of one place at once wait for each other, so that they end up in one incident.
 *
 * @returns the incident's id
 */
export async function joinIncident({ tx, changes, rules }: Response, alarm: Grouped): Promise<string> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`incident ${alarm.estate} ${alarm.place ?? alarm.agent}`}, 0))`.execute(
    tx,
  );
  const earliest = new Date(alarm.raised_at.getTime() - rules.incidentWindowMs);
  const latest = new Date(alarm.last_occurred_at.getTime() + rules.incidentWindowMs);
  let near = tx
    .selectFrom('dipper.incident')
    .select(sql<string>`coalesce(joined_into, id)`.as('id'))
    .where('estate', '=', alarm.estate)
    .where('last_at', '>=', earliest)
    .where('started_at', '<=', latest)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('dipper.grid_case')
            .select('id')
            .where('incident', '=', sql<string>`coalesce(dipper.incident.joined_into, dipper.incident.id)`)
            .where('closed_at', 'is not', null),
        ),
      ),
    )
    .orderBy('last_at', 'desc')
    .limit(1);
  near =
    alarm.place === null
      ? near.where('place', 'is', null).where('agent', '=', alarm.agent)
      : near.where('place', '=', alarm.place);
  const nearest = await near.executeTakeFirst();
  if (nearest === undefined) return beginIncident({ tx, changes }, alarm);
  // Another place may lead to the same incident: its alarms wait here, so that only one opens the case.
  const found = await tx
    .selectFrom('dipper.incident')
    .selectAll()
    .where('id', '=', nearest.id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  await tx
    .updateTable('dipper.incident')
    .set({
      open: found.open || alarm.active,
      priority: moreUrgent(found.priority, alarm.priority),
      started_at: earlier(found.started_at, alarm.raised_at),
      last_at: later(found.last_at, alarm.last_occurred_at),
    })
    .where('id', '=', found.id)
    .execute();
  changes.updated('incident', found.id);
  return found.id;
}

/** Begins an incident with what an alarm says. @returns its id */
export async function beginIncident(
  { tx, changes }: Pick<Response, 'tx' | 'changes'>,
  alarm: Grouped,
): Promise<string> {
  const id = randomUUID();
  await tx
    .insertInto('dipper.incident')
    .values({
      id,
      title_zh: alarm.title_zh,
      title_en: alarm.title_en,
      priority: alarm.priority,
      open: alarm.active,
      estate: alarm.estate,
      place: alarm.place,
      agent: alarm.agent,
      started_at: alarm.raised_at,
      last_at: alarm.last_occurred_at,
      joined_into: null,
    })
    .execute();
  changes.created('incident', id);
  return id;
}

/** An incident is open as long as one of its alarms is active. */
export async function settleIncident({ tx, changes }: Response, incident: string): Promise<void> {
  const closed = await tx
    .updateTable('dipper.incident')
    .set({ open: false })
    .where('id', '=', incident)
    .where('open', '=', true)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('dipper.alarm')
            .select('id')
            .whereRef('dipper.alarm.incident', '=', 'dipper.incident.id')
            .where('active', '=', true),
        ),
      ),
    )
    .returning('id')
    .executeTakeFirst();
  if (closed !== undefined) changes.updated('incident', incident);
}

function moreUrgent(a: Priority, b: Priority): Priority {
  return PRIORITIES.indexOf(a) <= PRIORITIES.indexOf(b) ? a : b;
}

function earlier(a: Date, b: Date): Date {
  return a <= b ? a : b;
}

function later(a: Date, b: Date): Date {
  return a >= b ? a : b;
}
