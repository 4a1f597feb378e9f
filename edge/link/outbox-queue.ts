import type { DatabaseSync } from 'node:sqlite';
import { withPosition } from './event-body.ts';
import { EVENT_STATE } from './outbox-file.ts';

export interface BatchLimits {
  readonly maxEvents: number;
  /** Of the JSON array, brackets and commas included. */
  readonly maxBytes: number;
}

export interface SentEvent {
  readonly sequence: number;
  /** The event as it travels. */
  readonly json: string;
}

/** Events of one epoch that travel together. */
export interface Batch {
  readonly epoch: string;
  readonly events: readonly SentEvent[];
  /** Some of them were sent before, maybe by a process that has ended since. */
  readonly isRepeated: boolean;
}

export interface QuarantinedEvent {
  readonly epoch: string;
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  /** How often it has been set aside. */
  readonly quarantines: number;
  /** Milliseconds since 1970. */
  readonly settledAtMs: number;
  readonly json: string;
}

interface WaitingRow {
  readonly position: number;
  readonly sequence: number | null;
  readonly body: string;
  readonly quarantines: number;
}

/** Order of sending. Runs inside the transactions of its caller. */
export interface OutboxQueue {
  /** What was in flight when the process ended is waiting again. */
  restart(): void;
  take(limits: BatchLimits): Batch | undefined;
  quarantine(epoch: string, sequences: readonly number[], nowMs: number): number;
  defer(epoch: string, sequences: readonly number[]): void;
  releaseQuarantined(settledBeforeMs: number): number;
  listQuarantined(limit: number): QuarantinedEvent[];
}

/**
 * An event set aside or deferred travels after the others of its epoch and with a quarter as many companions the next
 * time, so that the bad one ends up alone.
 */
const QUARANTINE_SPLIT = 4;

export function createOutboxQueue(database: DatabaseSync, liveEpoch: () => number): OutboxQueue {
  const { waiting, inFlight, quarantined } = EVENT_STATE;
  const restart = database.prepare(`update event set state = ${waiting} where state = ${inFlight}`);
  const findLive = database.prepare(`select 1 from event where state = ${waiting} and epoch = ? limit 1`);
  const findBacklog = database.prepare(`select min(epoch) as epoch from event where state = ${waiting}`);
  const getEpoch = database.prepare('select id, next_sequence as next from epoch where number = ?');
  const setNext = database.prepare('update epoch set next_sequence = ? where number = ?');
  const listWaiting = database.prepare(
    `select position, sequence, body, quarantines from event
     where state = ${waiting} and epoch = ? order by quarantines, position limit ?`,
  );
  const markSent = database.prepare(`update event set state = ${inFlight}, sequence = ? where position = ?`);
  const markQuarantined = database.prepare(
    `update event set state = ${quarantined}, quarantines = quarantines + 1, settled_at_ms = ?
     where epoch = (select number from epoch where id = ?) and sequence = ? and state = ${inFlight}`,
  );
  const markDeferred = database.prepare(
    `update event set state = ${waiting}, quarantines = quarantines + 1
     where epoch = (select number from epoch where id = ?) and sequence = ? and state = ${inFlight}`,
  );
  const release = database.prepare(
    `update event set state = ${waiting}, settled_at_ms = null where state = ${quarantined} and settled_at_ms < ?`,
  );
  const listQuarantined = database.prepare(
    `select epoch.id as epoch, sequence, event.id as id, type, quarantines, settled_at_ms as settledAtMs, body
     from event join epoch on epoch.number = event.epoch where state = ${quarantined} order by position limit ?`,
  );

  const nextEpoch = (): number | null => {
    const live = liveEpoch();
    if (findLive.get(live) !== undefined) return live;
    return (findBacklog.get() as { epoch: number | null }).epoch;
  };

  return {
    restart: () => void restart.run(),
    take(limits) {
      const number = nextEpoch();
      if (number === null) return undefined;
      const epoch = getEpoch.get(number) as { id: string; next: number };
      const rows = listWaiting.all(number, limits.maxEvents) as unknown as WaitingRow[];
      const quarantines = rows[0]?.quarantines ?? 0;
      const maxEvents = Math.max(1, Math.floor(limits.maxEvents / QUARANTINE_SPLIT ** quarantines));
      const events: SentEvent[] = [];
      let next = epoch.next;
      let bytes = 1;
      let isRepeated = false;
      for (const row of rows) {
        const sequence = row.sequence ?? next;
        const json = withPosition(row.body, epoch.id, sequence);
        bytes += Buffer.byteLength(json) + 1;
        const isFull = events.length >= maxEvents || (events.length > 0 && bytes > limits.maxBytes);
        if (isFull || row.quarantines !== quarantines) break;
        if (row.sequence === null) next += 1;
        else isRepeated = true;
        markSent.run(sequence, row.position);
        events.push({ sequence, json });
      }
      if (next !== epoch.next) setNext.run(next, number);
      return { epoch: epoch.id, events, isRepeated };
    },
    quarantine(epoch, sequences, nowMs) {
      let count = 0;
      for (const sequence of sequences) count += Number(markQuarantined.run(nowMs, epoch, sequence).changes);
      return count;
    },
    defer(epoch, sequences) {
      for (const sequence of sequences) markDeferred.run(epoch, sequence);
    },
    releaseQuarantined: (settledBeforeMs) => Number(release.run(settledBeforeMs).changes),
    listQuarantined(limit) {
      const rows = listQuarantined.all(limit) as unknown as (QuarantinedEvent & { body: string })[];
      return rows.map(({ body, ...event }) => ({ ...event, json: withPosition(body, event.epoch, event.sequence) }));
    },
  };
}
