import type { AlarmRow } from '../../database/schema.ts';
import { settleIncident } from '../incident/incident-grouping.ts';
import { insertAlarmTransition } from './alarm.repository.ts';
import { respondWhenHeard } from './alarm-silencing.ts';
import type { Response } from './response.ts';

/**
 * Clears an active alarm, settles its incident, and lets those be heard that it had silenced.
 * @param note why, where no event and no person did it
 */
export async function clearAlarm(
  response: Response,
  alarm: AlarmRow,
  at: Date,
  by?: string,
  note?: string,
): Promise<void> {
  const { tx, changes } = response;
  const cleared = await tx
    .updateTable('dipper.alarm')
    .set({ active: false, cleared_at: at, clear_due_at: null })
    .where('id', '=', alarm.id)
    .where('active', '=', true)
    .returning('id')
    .executeTakeFirst();
  if (cleared === undefined) return;
  await insertAlarmTransition(tx, { alarm: alarm.id, what: 'cleared', at, note, ...(by === undefined ? {} : { by }) });
  changes.updated('alarm', alarm.id);
  if (alarm.incident !== null) await settleIncident(response, alarm.incident);
  await releaseSilenced(response, alarm.id);
}

async function releaseSilenced(response: Response, suppressor: string): Promise<void> {
  const { tx, changes, now } = response;
  const released = await tx
    .updateTable('dipper.alarm')
    .set({ suppressed_by: null })
    .where('suppressed_by', '=', suppressor)
    .returningAll()
    .execute();
  for (const alarm of released) {
    changes.updated('alarm', alarm.id);
    await insertAlarmTransition(tx, { alarm: alarm.id, what: 'released', at: now });
    await respondWhenHeard(response, alarm);
  }
}
