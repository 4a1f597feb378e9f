import { Counter, type Registry } from 'prom-client';

export type EvaluatorMetrics = ReturnType<typeof createEvaluatorMetrics>;

/** What the evaluator counts. */
export function createEvaluatorMetrics(registry: Registry) {
  const registers = [registry];
  return {
    evaluated: new Counter({
      name: 'dipper_hub_events_evaluated_total',
      help: 'Events that the rules were asked about',
      registers,
    }),
    ruleFailures: new Counter({
      name: 'dipper_hub_rule_failures_total',
      help: 'Judgements that ended with an error; see the table rule_failure',
      labelNames: ['rule'] as const,
      registers,
    }),
    gapsSkipped: new Counter({
      name: 'dipper_hub_sequence_gaps_skipped_total',
      help: 'Gaps in the sequence of an agent that were not filled in time',
      registers,
    }),
  };
}
