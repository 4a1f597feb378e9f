import { ingestBench } from './ingest-bench.ts';

/** Goal: issue 5, Speed. Twenty estates that have something to tell at once. */
export const bench = ingestBench(
  'batches of 200 events, validated, stored, receipted and judged, against a bare COPY of the same rows',
  0.35,
  { events: 40_000, agents: 20, batchEvents: 200 },
);
