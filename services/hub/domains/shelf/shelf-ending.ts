import { type Decision, releaseAlarms } from '../alarm/alarm-silencing.ts';
import type { Response } from '../alarm/response.ts';
import { findDueShelves } from './shelf.repository.ts';

/** Ends an open shelf: its alarms are heard again, if they still last. */
export async function endShelf(response: Response, decision: Decision): Promise<void> {
  const { tx, changes, now } = response;
  const silenced = await releaseAlarms(response, 'shelf', decision);
  await tx
    .updateTable('dipper.alarm_shelf')
    .set({ ended_at: now, ended_by: decision.by, end_note: decision.note, silenced })
    .where('id', '=', decision.id)
    .execute();
  changes.updated('shelf', decision.id);
}

/** Ends the shelves whose time is up. The caller has stopped grouping. */
export async function endDueShelves(response: Response, limit: number): Promise<void> {
  for (const { id } of await findDueShelves(response.tx, response.now, limit)) {
    await endShelf(response, { id, by: null, note: null });
  }
}
