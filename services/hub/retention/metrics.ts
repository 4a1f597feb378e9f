import { Counter, Gauge, type Registry } from 'prom-client';

export type RetentionMetrics = ReturnType<typeof createRetentionMetrics>;

/** What the maintenance counts. */
export function createRetentionMetrics(registry: Registry) {
  const registers = [registry];
  const labelNames = ['class'] as const;
  return {
    deletedRows: new Counter({
      name: 'dipper_hub_retention_deleted_rows_total',
      help: 'Rows deleted because their time was over; see the table deletion',
      labelNames,
      registers,
    }),
    slices: new Counter({
      name: 'dipper_hub_maintenance_slices_total',
      help: 'Short transactions of the maintenance',
      labelNames: ['class', 'step'] as const,
      registers,
    }),
    failures: new Counter({
      name: 'dipper_hub_maintenance_failures_total',
      help: 'Runs of the maintenance that ended early; GET /api/v1/retention says why',
      labelNames,
      registers,
    }),
    succeededAt: new Gauge({
      name: 'dipper_hub_maintenance_last_success_timestamp_seconds',
      help: 'When the maintenance of a class last ended well in this copy of the hub',
      labelNames,
      registers,
    }),
    clockLeapSec: new Gauge({
      name: 'dipper_hub_retention_clock_leap_seconds',
      help: 'How far clocks are ahead of what they showed when they were last believed; 0 while they are believed',
      registers,
    }),
  };
}
