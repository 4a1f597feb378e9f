import type { SequenceRange } from '@dipper/contract/receipts';
import type { Batch, SentEvent } from './outbox-queue.ts';

/** A batch that was sent and of which at least one event is without receipt. Times are monotonic milliseconds. */
export interface InFlightBatch {
  readonly epoch: string;
  /** Those still without receipt, by sequence. */
  readonly events: Map<number, SentEvent>;
  /** A receipt may be for a time when they were sent before this batch was made. */
  readonly isRepeated: boolean;
  /** It holds the place that is kept for one. */
  readonly isProbe: boolean;
  readonly firstSentAtMs: number;
  lastSentAtMs: number;
  sends: number;
  /** Sends after which the hub signed for something sent later, but not for this. */
  ignored: number;
  /** The broker has acknowledged the last send. */
  isTakenByBroker: boolean;
  /** A reason to send it again at this time, whatever the schedule says. */
  wakeAtMs: number | undefined;
}

/** Batches that may be without receipt at a time: the back-pressure, because a broker drops what queues for too long. */
export const WINDOW_BATCHES = 8;
/**
 * One place is kept for a single event of those that wait, another each time, to find out whether the hub lives when all
 * others are taken by batches it ignores. Without it eight bad batches would look like a hub that is away, for ever.
 */
const PROBE_PLACES = 1;

export interface InFlightWindow {
  readonly batches: ReadonlySet<InFlightBatch>;
  readonly isFull: boolean;
  readonly probe: InFlightBatch | undefined;
  add(batch: Batch, nowMs: number, isProbe?: boolean): InFlightBatch;
  remove(batch: InFlightBatch): void;
  /** Takes out what a receipt names; returns the batches it touched. */
  settle(epoch: string, ranges: readonly SequenceRange[]): InFlightBatch[];
  /** Whether something first sent after this batch's last send has been receipted since. */
  isOvertaken(batch: InFlightBatch): boolean;
  bytes(): number;
}

export function createInFlightWindow(): InFlightWindow {
  const batches = new Set<InFlightBatch>();
  let newestSettledMs = Number.NEGATIVE_INFINITY;
  return {
    batches,
    get isFull() {
      return batches.size >= WINDOW_BATCHES - (this.probe === undefined ? PROBE_PLACES : 0);
    },
    get probe() {
      return [...batches].find(({ isProbe }) => isProbe);
    },
    add({ epoch, events, isRepeated }, nowMs, isProbe = false) {
      const batch: InFlightBatch = {
        epoch,
        events: new Map(events.map((event) => [event.sequence, event])),
        isRepeated,
        isProbe,
        firstSentAtMs: nowMs,
        lastSentAtMs: nowMs,
        sends: 0,
        ignored: 0,
        isTakenByBroker: false,
        wakeAtMs: undefined,
      };
      batches.add(batch);
      return batch;
    },
    remove: (batch) => void batches.delete(batch),
    settle(epoch, ranges) {
      const touched: InFlightBatch[] = [];
      for (const batch of batches) {
        if (batch.epoch !== epoch) continue;
        const before = batch.events.size;
        for (const sequence of batch.events.keys()) {
          if (ranges.some(([first, last]) => sequence >= first && sequence <= last)) batch.events.delete(sequence);
        }
        if (batch.events.size === before) continue;
        touched.push(batch);
        // By its first send: the receipt may be for that one, and must not make later ones look answered.
        newestSettledMs = Math.max(newestSettledMs, batch.firstSentAtMs);
        if (batch.events.size === 0) batches.delete(batch);
      }
      return touched;
    },
    isOvertaken: (batch) => newestSettledMs > batch.lastSentAtMs,
    bytes() {
      let bytes = 0;
      for (const batch of batches) bytes += bytesOf(batch);
      return bytes;
    },
  };
}

export function payloadOf(events: Iterable<SentEvent>): string {
  return `[${Array.from(events, (event) => event.json).join(',')}]`;
}

export function bytesOf(batch: InFlightBatch): number {
  return Buffer.byteLength(payloadOf(batch.events.values()));
}
