import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { AlarmRow } from '../../database/schema.ts';
import type { CaseTemplate } from '../../rules/rule.ts';
import type { Response } from '../alarm/response.ts';

/** Case numbers count within days of the subdistrict's calendar. */
const CALENDAR_TIME_ZONE = 'Asia/Shanghai';
const calendar = new Intl.DateTimeFormat('sv-SE', { timeZone: CALENDAR_TIME_ZONE });
const HOUR_MS = 3_600_000;

type Origin = Pick<AlarmRow, 'rule' | 'priority' | 'estate' | 'agent' | 'place' | 'device'>;

/**
 * Opens the case of an incident unless it has one: 上报, reported by the rule, routed to the grid of the place.
 * The caller holds the incident (see `joinIncident`), so two alarms never open two.
 */
export async function openCaseOnce(
  response: Response,
  incident: string,
  template: CaseTemplate,
  alarm: Origin,
): Promise<void> {
  const { tx, changes, now, rules, places } = response;
  const existing = await tx
    .selectFrom('dipper.grid_case')
    .select('id')
    .where('incident', '=', incident)
    .executeTakeFirst();
  if (existing !== undefined) return;
  const id = randomUUID();
  const title = rules.textFor(template.title, alarm);
  await tx
    .insertInto('dipper.grid_case')
    .values({
      id,
      number: await nextNumber(response),
      title_zh: title.zh,
      title_en: title.en,
      category: template.category,
      platform: template.platform,
      priority: template.priority ?? alarm.priority,
      source: 'alarm',
      state: 'reported',
      estate: alarm.estate,
      place: alarm.place,
      grid: alarm.place === null ? places.gridOfEstate(alarm.estate) : (places.find(alarm.place)?.grid ?? null),
      incident,
      assignee: null,
      opened_at: now,
      deadline_at: new Date(now.getTime() + template.deadlineHours * HOUR_MS),
      closed_at: null,
    })
    .execute();
  await tx
    .insertInto('dipper.case_step')
    .values({
      id: randomUUID(),
      grid_case: id,
      ordinal: 1,
      action: 'report',
      from_state: null,
      to_state: 'reported',
      by: `rule:${alarm.rule}`,
      note: null,
      assignee: null,
      at: now,
    })
    .execute();
  changes.created('case', id);
  changes.updated('incident', incident);
}

/** `20261124-0007`: the day, and a count that the database hands out. */
async function nextNumber({ tx, now }: Response): Promise<string> {
  const day = calendar.format(now);
  const { rows } = await sql<{ last: number }>`
    insert into dipper.case_number as number (day, last) values (${day}::date, 1)
    on conflict (day) do update set last = number.last + 1
    returning last`.execute(tx);
  return `${day.replaceAll('-', '')}-${String(rows[0]?.last ?? 0).padStart(4, '0')}`;
}
