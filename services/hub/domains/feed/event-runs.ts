import type { EventView } from '@dipper/contract/api/inventory';
import type { Change, HubServices } from '../../services.ts';
import { isWithin, spanFromName } from '../event/event-span.ts';

/** Where a reader is: behind a change, and perhaps behind a sequence of the run of events that comes next. */
export interface Position {
  readonly cursor: string;
  readonly told: number;
}

/** Within a run of events a cursor is that of the change before, and the sequence of the event that was told last. */
export function positionOf(after: string | undefined): { cursor: string | undefined; told: number } {
  const [, cursor, sequence] = /^(.*)\.(\d{1,10})$/.exec(after ?? '') ?? [];
  return cursor === undefined ? { cursor: after, told: 0 } : { cursor, told: Number(sequence) };
}

/** What a reader is told of one change. */
type EventMessage = {
  readonly kind: 'event';
  readonly cursor: string;
  readonly change: Change['change'];
  readonly id: string;
  readonly value: EventView;
};

export interface EventRuns {
  messagesOf(change: Change, before: Position): Promise<EventMessage[]>;
}

/** Read in one go: enough that many small runs cost one query, few enough that a slow reader holds little memory. */
const EVENTS_AHEAD = 1_000;

/** Reads the runs of events of a batch of changes as their turns come, some ahead. */
export function createEventRuns(batch: readonly Change[], events: Pick<HubServices['events'], 'findSpans'>): EventRuns {
  const runs = batch.filter(({ kind }) => kind === 'event');
  let ahead: { readonly names: ReadonlySet<string>; readonly views: readonly EventView[] } = {
    names: new Set(),
    views: [],
  };

  const readFrom = async (change: Change): Promise<void> => {
    const names = new Set<string>();
    let count = 0;
    for (const { id } of runs.slice(runs.indexOf(change))) {
      const span = spanFromName(id);
      count += span === undefined ? 0 : span.last - span.first + 1;
      if (names.size > 0 && count > EVENTS_AHEAD) break;
      names.add(id);
    }
    ahead = { names, views: await events.findSpans([...names]) };
  };

  return {
    async messagesOf(change, before) {
      const span = spanFromName(change.id);
      if (span === undefined) return [];
      if (!ahead.names.has(change.id)) await readFrom(change);
      const views = ahead.views.filter((view) => isWithin(span, view) && view.sequence > before.told);
      // Only the last event of a run carries the cursor behind it.
      return views.map((value, index) => ({
        kind: 'event',
        cursor: index === views.length - 1 ? change.cursor : `${before.cursor}.${value.sequence}`,
        change: change.change,
        id: value.id,
        value,
      }));
    },
  };
}
