import { sql } from 'kysely';
import type { AlarmRow } from '../../database/schema.ts';
import { openCaseOnce } from '../case/case-opening.ts';
import { joinIncident } from '../incident/incident-grouping.ts';
import type { Response } from './response.ts';

/** What follows from an alarm that people shall hear of: its incident, and the incident's case. */
export async function respondTo(response: Response, alarm: AlarmRow): Promise<void> {
  const incident = await joinIncident(response, alarm);
  await response.tx
    .updateTable('dipper.alarm')
    .set({ incident, announced_at: sql`coalesce(announced_at, ${response.now})` })
    .where('id', '=', alarm.id)
    .execute();
  const template = response.rules.find(alarm.rule)?.rule.case;
  if (template !== undefined) await openCaseOnce(response, incident, template, alarm);
}
