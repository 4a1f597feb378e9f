import { type Decision, releaseAlarms } from '../alarm/alarm-silencing.ts';
import type { Response } from '../alarm/response.ts';
import { findDueEntries } from './out-of-service.repository.ts';

/** Returns a device or a rule to service: its alarms are heard again, if they still last. */
export async function endOutOfService(response: Response, decision: Decision): Promise<void> {
  const { tx, changes, now } = response;
  const silenced = await releaseAlarms(response, 'out_of_service', decision);
  await tx
    .updateTable('dipper.out_of_service')
    .set({ ended_at: now, ended_by: decision.by, end_note: decision.note, silenced })
    .where('id', '=', decision.id)
    .execute();
  changes.updated('out-of-service', decision.id);
}

/** Returns to service what was to be out of it until now. The caller has stopped grouping. */
export async function endDueOutOfService(response: Response, limit: number): Promise<void> {
  for (const { id } of await findDueEntries(response.tx, response.now, limit)) {
    await endOutOfService(response, { id, by: null, note: null });
  }
}
