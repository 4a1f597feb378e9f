import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createAddressGuard, type Resolve } from '../../outbound/address-guard.ts';
import type { Sealer } from '../../sealer.ts';
import type { ChangeReader } from '../../services.ts';
import { createWebhookService, type WebhookService } from './webhook.service.ts';
import type { WebhookDb } from './webhook-db.ts';
import { createWebhookLoop, type WebhookLoop } from './webhook-loop.ts';
import { createWebhookMetrics } from './webhook-metrics.ts';
import { createWebhookSender } from './webhook-sender.ts';

export interface WebhooksOptions {
  readonly db: WebhookDb;
  readonly sealer: Sealer;
  readonly changes: ChangeReader;
  /** Networks inside that may be reached. */
  readonly allowedNetworks: readonly string[];
  readonly publicUrl: string | undefined;
  readonly registry: Registry;
  readonly log: Logger;
  readonly housekeep: () => Promise<void>;
  /** Milliseconds since 1970; `Date.now` when absent. */
  readonly now?: () => number;
  /** Evenly spread from 0 up to 1; `Math.random` when absent: it spreads load, it protects nothing. */
  readonly random?: () => number;
  readonly resolve?: Resolve;
}

export interface Webhooks extends WebhookLoop {
  readonly service: WebhookService;
}

/** What tells other systems, put together. */
export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { db, sealer, changes, publicUrl, log, now = Date.now, random = Math.random } = options;
  const guard = createAddressGuard(options.allowedNetworks, options.resolve);
  const metrics = createWebhookMetrics(options.registry);
  const send = createWebhookSender({ db, sealer, guard, metrics, log, now, random });
  const loop = createWebhookLoop({ db, changes, send, log, now, publicUrl, housekeep: options.housekeep });
  return { ...loop, service: createWebhookService({ db, sealer, guard, changes, send, now, publicUrl }) };
}
