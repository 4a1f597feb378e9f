import { ingestBench } from './ingest-bench.ts';

/** Goal: issue 5, Speed. A hundred estates that each tell events as they happen. */
export const bench = ingestBench(
  'one event per publish, validated, stored, receipted and judged, against a bare COPY of the same rows',
  0.15,
  { events: 20_000, agents: 100, batchEvents: 1 },
);
