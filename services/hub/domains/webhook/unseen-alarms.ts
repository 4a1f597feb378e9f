import type { Priority } from '@dipper/contract/api/alarm';
import { insertDeliveries } from './fan-out.ts';
import { quietUntil } from './quiet-hours.ts';
import { readToldSubjects } from './told-subject.ts';
import type { WebhookDb, WebhookTx } from './webhook-db.ts';
import { deliveryFor } from './webhook-message.ts';

const MAX_PER_TICK = 50;

/**
 * Tells of alarms that nobody has acknowledged though their time is up. Each timer is a row that is locked, told of and
 * deleted in one transaction: it fires once, whichever copy of the hub comes first, and survives all of them. Ends when
 * somebody acknowledges the alarm; quiet hours put off what is not critical, and ask again then.
 *
 * @returns how many timers were looked at
 */
export function tellUnseen(db: WebhookDb, at: Date, publicUrl: string | undefined): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const due = await tx
      .selectFrom('dipper.webhook_unseen')
      .selectAll()
      .where('due_at', '<=', at)
      .orderBy('due_at')
      .limit(MAX_PER_TICK)
      .forUpdate()
      .skipLocked()
      .execute();
    for (const timer of due) await fire(tx, timer, at, publicUrl);
    return due.length;
  });
}

interface Timer {
  readonly webhook: string;
  readonly alarm: string;
  readonly level: number;
}

async function fire(tx: WebhookTx, timer: Timer, at: Date, publicUrl: string | undefined): Promise<void> {
  const webhook = await tx
    .selectFrom('dipper.webhook')
    .selectAll()
    .where('id', '=', timer.webhook)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  const [alarm] = await readToldSubjects(tx, 'alarm', [timer.alarm]);
  const isTold = webhook?.types.includes('alarm.unseen') === true && alarm !== undefined && !alarm.isAnswered;
  if (webhook === undefined || !isTold) return forget(tx, timer);
  const quietEnd = alarm.priority === 'critical' ? undefined : quietUntil(webhook.quiet_hours, webhook.time_zone, at);
  if (quietEnd !== undefined) {
    await tx
      .updateTable('dipper.webhook_unseen')
      .set({ due_at: quietEnd })
      .where('webhook', '=', timer.webhook)
      .where('alarm', '=', timer.alarm)
      .where('level', '=', timer.level)
      .execute();
    return undefined;
  }
  const levels = webhook.unseen[alarm.priority as Priority]?.toSorted((a, b) => a - b) ?? [];
  const unseen = { level: timer.level, forMin: levels[timer.level - 1] ?? 0 };
  const occasion = `unseen ${timer.level}`;
  await insertDeliveries(tx, [
    deliveryFor(webhook, { type: 'alarm.unseen', subject: alarm, occasion, at, unseen }, publicUrl),
  ]);
  return forget(tx, timer);
}

async function forget(tx: WebhookTx, { webhook, alarm, level }: Timer): Promise<void> {
  await tx
    .deleteFrom('dipper.webhook_unseen')
    .where('webhook', '=', webhook)
    .where('alarm', '=', alarm)
    .where('level', '=', level)
    .execute();
}
