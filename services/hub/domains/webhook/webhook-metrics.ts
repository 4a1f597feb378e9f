import { Counter, type Registry } from 'prom-client';

export type WebhookMetrics = ReturnType<typeof createWebhookMetrics>;

/** What is counted of webhooks. */
export function createWebhookMetrics(registry: Registry) {
  const registers = [registry];
  return {
    attempts: new Counter({
      name: 'dipper_hub_webhook_attempts_total',
      help: 'Attempts to deliver a message to a webhook, by how they ended',
      labelNames: ['outcome'] as const,
      registers,
    }),
    disabled: new Counter({
      name: 'dipper_hub_webhooks_disabled_total',
      help: 'Webhooks that the hub disabled, by reason',
      labelNames: ['reason'] as const,
      registers,
    }),
  };
}
