import { Counter, Gauge, type Registry } from 'prom-client';

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
    rounds: new Counter({
      name: 'dipper_hub_evaluator_rounds_total',
      help: 'Times the evaluator has judged all that there was to judge',
      registers,
    }),
    ticks: new Counter({
      name: 'dipper_hub_clock_ticks_total',
      help: 'Times all that is due because time has passed was done, by this copy of the hub or another',
      registers,
    }),
    ruleFailures: new Counter({
      name: 'dipper_hub_rule_failures_total',
      help: 'Judgements that ended with an error; see the table rule_failure',
      labelNames: ['rule'] as const,
      registers,
    }),
    evaluationFailures: new Counter({
      name: 'dipper_hub_evaluation_failures_total',
      help: 'Attempts to judge the events of one agent that failed outside of any rule; see the table evaluation_failure',
      registers,
    }),
    agentsNotJudged: new Gauge({
      name: 'dipper_hub_agents_not_judged',
      help: 'Agents whose next events could not be judged and are tried again',
      registers,
    }),
    eventsPassedOver: new Counter({
      name: 'dipper_hub_events_passed_over_total',
      help: 'Events that could not be judged however often they were tried; see the table rule_failure',
      registers,
    }),
    gapsSkipped: new Counter({
      name: 'dipper_hub_sequence_gaps_skipped_total',
      help: 'Gaps in the sequence of an agent that were not filled in time',
      registers,
    }),
  };
}
