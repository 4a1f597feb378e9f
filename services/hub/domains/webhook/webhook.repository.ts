import type { DeliveryView, WebhookView } from '@dipper/contract/api/webhook';
import { sql } from 'kysely';
import type { DeliveryRow, WebhookRow } from './webhook.tables.ts';
import type { WebhookDb } from './webhook-db.ts';

export type CountedWebhookRow = WebhookRow & { readonly pending: number };

/** Newest first, behind an ordinal. */
export function listWebhooks(db: WebhookDb, behind: string | undefined, limit: number): Promise<CountedWebhookRow[]> {
  const newest = selectWebhooks(db).orderBy('w.ordinal', 'desc').limit(limit);
  return (behind === undefined ? newest : newest.where('w.ordinal', '<', behind)).execute();
}

export function findWebhook(db: WebhookDb, id: string): Promise<CountedWebhookRow | undefined> {
  return selectWebhooks(db).where('w.id', '=', id).executeTakeFirst();
}

function selectWebhooks(db: WebhookDb) {
  return db
    .selectFrom('dipper.webhook as w')
    .selectAll('w')
    .select(
      sql<number>`(select count(*)::int from dipper.webhook_delivery d
                    where d.webhook = w.id and d.status = 'pending')`.as('pending'),
    );
}

/** Newest first, behind an ordinal. */
export function listDeliveries(
  db: WebhookDb,
  webhook: string,
  status: DeliveryRow['status'] | undefined,
  behind: string | undefined,
  limit: number,
): Promise<DeliveryRow[]> {
  let query = db
    .selectFrom('dipper.webhook_delivery')
    .selectAll()
    .where('webhook', '=', webhook)
    .orderBy('ordinal', 'desc')
    .limit(limit);
  if (status !== undefined) query = query.where('status', '=', status);
  if (behind !== undefined) query = query.where('ordinal', '<', behind);
  return query.execute();
}

export function webhookFromRow(row: CountedWebhookRow): WebhookView {
  return {
    id: row.id,
    name: row.name,
    format: row.format,
    url: row.shown_url,
    types: row.types,
    filter: row.filter,
    unseen: row.unseen,
    quietHours: row.quiet_hours,
    timeZone: row.time_zone,
    language: row.language,
    pending: row.pending,
    lastDeliveredAt: row.last_delivered_at?.toISOString() ?? null,
    failingSince: row.failing_since?.toISOString() ?? null,
    disabledAt: row.disabled_at?.toISOString() ?? null,
    disabledReason: row.disabled_reason,
    gapAt: row.gap_at?.toISOString() ?? null,
    previousSecretUntil: row.previous_secret_until?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
  };
}

export function deliveryFromRow(row: DeliveryRow): DeliveryView {
  return {
    id: row.id,
    type: row.type,
    subject: row.subject,
    status: row.status,
    attempts: row.attempts,
    nextAttemptAt: row.status === 'pending' ? row.next_at.toISOString() : null,
    httpStatus: row.http_status,
    outcome: row.outcome,
    sha256: row.sha256.toString('hex'),
    createdAt: row.created_at.toISOString(),
    settledAt: row.settled_at?.toISOString() ?? null,
  };
}
