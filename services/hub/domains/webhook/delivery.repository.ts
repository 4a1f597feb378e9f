import { sql } from 'kysely';
import type { DeliveryRow, WebhookRow } from './webhook.tables.ts';
import type { WebhookDb } from './webhook-db.ts';
import type { NewDelivery } from './webhook-message.ts';

/** Longer than an attempt may take (outbound/bounded-post.ts): whoever holds a delivery longer is dead. */
const LEASE_MS = 15_000;

/**
 * Takes deliveries to be attempted now, for this copy of the hub alone. Of each subject only the oldest that is still to
 * be delivered can be taken, so a later change never overtakes an earlier one.
 *
 * @param busy webhooks that are left alone for the moment
 */
export async function claimDeliveries(
  db: WebhookDb,
  at: Date,
  busy: readonly string[],
  limit: number,
): Promise<DeliveryRow[]> {
  const { rows } = await sql<DeliveryRow>`
    update dipper.webhook_delivery
       set lease_until = ${new Date(at.getTime() + LEASE_MS)}, attempts = attempts + 1
     where id in (
       select d.id from dipper.webhook_delivery d join dipper.webhook w on w.id = d.webhook
        where d.status = 'pending' and d.next_at <= ${at} and (d.lease_until is null or d.lease_until <= ${at})
          and w.disabled_at is null and (w.retry_at is null or w.retry_at <= ${at}) and not w.id = any(${busy}::uuid[])
          and not exists (
            select from dipper.webhook_delivery earlier
             where earlier.webhook = d.webhook and earlier.subject = d.subject and earlier.status = 'pending'
               and earlier.ordinal < d.ordinal)
        order by d.ordinal limit ${limit} for update of d skip locked)
    returning *`.execute(db);
  return rows.toSorted((a, b) => (BigInt(a.ordinal) < BigInt(b.ordinal) ? -1 : 1));
}

/** Writes a delivery that this copy of the hub sends at once, for a person who waits for it: no other takes it meanwhile. */
export function insertClaimed(db: WebhookDb, delivery: NewDelivery, at: Date): Promise<DeliveryRow> {
  return db
    .insertInto('dipper.webhook_delivery')
    .values({ ...delivery, lease_until: new Date(at.getTime() + LEASE_MS), attempts: 1 })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** How an attempt ended. */
export interface Attempt {
  readonly delivery: DeliveryRow;
  readonly httpStatus: number | null;
  /** `DELIVERED`, or why not, in a word. */
  readonly outcome: string;
  readonly at: Date;
}

export async function settleDelivered(db: WebhookDb, { delivery, httpStatus, outcome, at }: Attempt): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx
      .updateTable('dipper.webhook_delivery')
      .set({ status: 'delivered', payload: null, lease_until: null, settled_at: at, http_status: httpStatus, outcome })
      .where('id', '=', delivery.id)
      .execute();
    await tx
      .updateTable('dipper.webhook')
      .set({ failures: 0, failing_since: null, retry_at: null, last_delivered_at: at })
      .where('id', '=', delivery.webhook)
      .execute();
  });
}

/** @param nextAt undefined: given up */
export async function settleFailed(db: WebhookDb, attempt: Attempt, nextAt: Date | undefined): Promise<void> {
  const { delivery, httpStatus, outcome, at } = attempt;
  await db
    .updateTable('dipper.webhook_delivery')
    .set({
      http_status: httpStatus,
      outcome,
      lease_until: null,
      ...(nextAt === undefined ? { status: 'failed', payload: null, settled_at: at } : { next_at: nextAt }),
    })
    .where('id', '=', delivery.id)
    .execute();
}

/** The hub stops in the middle: as if it had not been tried. */
export async function giveBack(db: WebhookDb, { id }: DeliveryRow): Promise<void> {
  await db
    .updateTable('dipper.webhook_delivery')
    .set({ lease_until: null, attempts: sql<number>`greatest(attempts - 1, 0)` })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .execute();
}

/** Notes that an address failed as a whole; of several attempts at once the first counts. @returns it afterwards */
export async function noteFailure(
  db: WebhookDb,
  webhook: string,
  at: Date,
  retryAt: Date,
): Promise<WebhookRow | undefined> {
  return db
    .updateTable('dipper.webhook')
    .set({
      failures: sql<number>`failures + 1`,
      failing_since: sql<Date>`coalesce(failing_since, ${at}::timestamptz)`,
      retry_at: retryAt,
    })
    .where('id', '=', webhook)
    .where((eb) => eb.or([eb('retry_at', 'is', null), eb('retry_at', '<=', at)]))
    .returningAll()
    .executeTakeFirst();
}

/** @returns whether it was enabled before */
export async function disableWebhook(
  db: WebhookDb,
  webhook: string,
  reason: NonNullable<WebhookRow['disabled_reason']>,
  at: Date,
): Promise<boolean> {
  const row = await db
    .updateTable('dipper.webhook')
    .set({ disabled_at: at, disabled_reason: reason })
    .where('id', '=', webhook)
    .where('disabled_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
