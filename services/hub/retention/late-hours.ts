import type { RetentionClass } from '@dipper/contract/events';
import { sql } from 'kysely';
import type { Tx } from '../database/pool.ts';

export const HOUR_MS = 3_600_000;
/**
 * From so long after its end on, whatever comes into an hour is put down as late; the hour itself is counted ten
 * minutes after that at the earliest, when no transaction that began before can still be under way.
 */
const LATE_AFTER_MS = 5 * 60_000;
export const COUNTED_AFTER_MS = 15 * 60_000;

/** What the ingest has to know of an event. */
export interface HourEvent {
  readonly retention: RetentionClass;
  readonly event: { readonly agent: string; readonly occurredAt: Date };
}

export interface LateHours {
  /** Puts down the hours that may have been counted already, in the transaction that stores the events. */
  mark(tx: Tx, events: readonly HourEvent[], now: Date): Promise<void>;
  /** What is known of how far a class is counted: the clock that says what is late may have been set back since. */
  noteCounted(retention: RetentionClass, until: Date): void;
}

/** Remembers which hours have to be counted again. Events that come in time cost nothing. */
export function createLateHours(): LateHours {
  const countedUntilMs = new Map<RetentionClass, number>();
  return {
    noteCounted: (retention, until) => void countedUntilMs.set(retention, until.getTime()),
    async mark(tx, events, now) {
      const late = new Map<string, [RetentionClass, Date, string]>();
      for (const { retention, event } of events) {
        const hourMs = Math.floor(event.occurredAt.getTime() / HOUR_MS) * HOUR_MS;
        const isOver = hourMs + HOUR_MS + LATE_AFTER_MS <= now.getTime();
        if (!isOver && hourMs >= (countedUntilMs.get(retention) ?? 0)) continue;
        late.set(`${retention} ${hourMs} ${event.agent}`, [retention, new Date(hourMs), event.agent]);
      }
      if (late.size === 0) return;
      // In one order everywhere, so that two copies of the hub never wait for each other in a circle.
      const rows = [...late.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
      await sql`
        insert into dipper.history_late_hour as known (retention, hour, agent)
        select * from unnest(${rows.map(([retention]) => retention)}::text[], ${rows.map(([, hour]) => hour)}::timestamptz[],
                             ${rows.map(([, , agent]) => agent)}::text[])
        on conflict (retention, hour, agent) do update set refresh = null`.execute(tx);
    },
  };
}
