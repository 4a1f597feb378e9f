import type { FeedKind } from '@dipper/contract/api/feed';
import { type Decision, releaseAlarms, type SilenceColumn } from './alarm-silencing.ts';
import type { Response } from './response.ts';

/** Where each silence is kept, and what readers of changes know it as. */
const KEPT = {
  shelf: { table: 'dipper.alarm_shelf', kind: 'shelf' },
  out_of_service: { table: 'dipper.out_of_service', kind: 'out-of-service' },
} as const satisfies Record<SilenceColumn, { readonly table: string; readonly kind: FeedKind }>;

/** Ends an open silence: its alarms are heard again, if they still last. */
export async function endSilence(response: Response, column: SilenceColumn, decision: Decision): Promise<void> {
  const { tx, changes, now } = response;
  const { table, kind } = KEPT[column];
  const silenced = await releaseAlarms(response, column, decision);
  await tx
    .updateTable(table)
    .set({ ended_at: now, ended_by: decision.by, end_note: decision.note, silenced })
    .where('id', '=', decision.id)
    .execute();
  changes.updated(kind, decision.id);
}

/** Ends the silences whose time is up. The caller has stopped grouping. */
export async function endDueSilences(response: Response, column: SilenceColumn, limit: number): Promise<void> {
  const due = await response.tx
    .selectFrom(KEPT[column].table)
    .select('id')
    .where('ended_at', 'is', null)
    .where('until_at', '<=', response.now)
    .orderBy('until_at')
    .limit(limit)
    .execute();
  for (const { id } of due) await endSilence(response, column, { id, by: null, note: null });
}
