import { Counter, Gauge, type Registry } from 'prom-client';

export type IngestMetrics = ReturnType<typeof createIngestMetrics>;

/** What ingest counts. */
export function createIngestMetrics(registry: Registry, heldBatches: () => number) {
  const registers = [registry];
  return {
    events: new Counter({
      name: 'dipper_hub_events_stored_total',
      help: 'Events committed to the database',
      labelNames: ['retention'] as const,
      registers,
    }),
    duplicates: new Counter({
      name: 'dipper_hub_events_duplicate_total',
      help: 'Events received again and receipted again',
      registers,
    }),
    deadLetters: new Counter({
      name: 'dipper_hub_dead_letters_total',
      help: 'Messages and events that were refused',
      labelNames: ['reason'] as const,
      registers,
    }),
    receipts: new Counter({ name: 'dipper_hub_receipts_total', help: 'Receipts handed to the broker', registers }),
    dropped: new Counter({
      name: 'dipper_hub_messages_dropped_total',
      help: 'Messages for which there was no room; edges send them again',
      registers,
    }),
    retries: new Counter({
      name: 'dipper_hub_ingest_retries_total',
      help: 'Transactions of the ingest that had to be tried again',
      registers,
    }),
    held: new Gauge({
      name: 'dipper_hub_batches_held',
      help: 'Batches received and not stored yet',
      registers,
      collect() {
        this.set(heldBatches());
      },
    }),
  };
}
