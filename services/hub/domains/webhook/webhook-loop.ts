import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isDatabaseUnavailable, isTransactionConflict } from '../../database/errors.ts';
import { createPulse } from '../../evaluator/pulse.ts';
import type { ChangeReader } from '../../services.ts';
import { claimDeliveries } from './delivery.repository.ts';
import { type FanOutOptions, fanOut } from './fan-out.ts';
import { tellUnseen } from './unseen-alarms.ts';
import type { WebhookRow } from './webhook.tables.ts';
import type { WebhookSender } from './webhook-sender.ts';

const POLL_MS = 500;
/** Commits come by the hundred a second, and each wakes the loop: what they brought is read together. */
const GATHER_MS = 100;
const MAX_UNDER_WAY = 16;
/** A slow receiver holds up itself, not the others. */
const MAX_UNDER_WAY_PER_WEBHOOK = 4;
const HOUSEKEEPING_EVERY_MS = 10 * 60_000;
const SETTLED_KEPT_MS = 30 * 24 * 3_600_000;
/** What is under way when the hub stops gets this long. */
const STOP_PATIENCE_MS = 2_000;

export interface WebhookLoopOptions extends FanOutOptions {
  readonly changes: ChangeReader;
  readonly send: WebhookSender;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** Besides, every ten minutes: what belongs to somebody else and has to be done now and then. */
  readonly housekeep: () => Promise<void>;
}

export interface WebhookLoop {
  /** Tells other systems until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Does what is due, and waits until it has been done. */
  settle(): Promise<void>;
}

/** Reads what changed, writes deliveries, sends them. Any number of copies of the hub may do this at once. */
export function createWebhookLoop(options: WebhookLoopOptions): WebhookLoop {
  const { db, changes, send, log, now, publicUrl, housekeep } = options;
  const underWay = new Map<Promise<void>, string>();
  const pulse = createPulse();
  let housekeptAt = 0;

  const busyWebhooks = (): string[] => {
    const counts = new Map<string, number>();
    for (const webhook of underWay.values()) counts.set(webhook, (counts.get(webhook) ?? 0) + 1);
    return [...counts].filter(([, count]) => count >= MAX_UNDER_WAY_PER_WEBHOOK).map(([webhook]) => webhook);
  };
  const sendDue = async (signal: AbortSignal): Promise<number> => {
    const room = Math.min(MAX_UNDER_WAY - underWay.size, MAX_UNDER_WAY_PER_WEBHOOK);
    if (room <= 0) return 0;
    const claimed = await claimDeliveries(db, new Date(now()), busyWebhooks(), room);
    for (const delivery of claimed) {
      const attempt = send(delivery, signal)
        .catch((error) => log.error({ err: error, delivery: delivery.id }, 'an attempt was not written down'))
        .finally(() => {
          underWay.delete(attempt);
          pulse.beat();
        });
      underWay.set(attempt, delivery.webhook);
    }
    return claimed.length;
  };
  /** What is wrong with one webhook, or with a change that it would be told of, holds up no other. */
  const fanOutTo = async (webhook: WebhookRow): Promise<void> => {
    try {
      if (await fanOut(options, webhook)) pulse.beat();
    } catch (error) {
      if (isDatabaseUnavailable(error) || isTransactionConflict(error)) throw error;
      log.error({ err: error, webhook: webhook.id }, 'a webhook cannot be told of changes');
    }
  };
  const tick = async (signal: AbortSignal): Promise<void> => {
    const webhooks = await db.selectFrom('dipper.webhook').selectAll().where('disabled_at', 'is', null).execute();
    for (const webhook of webhooks) await fanOutTo(webhook);
    if (webhooks.some(({ types }) => types.includes('alarm.unseen'))) await tellUnseen(db, new Date(now()), publicUrl);
    if (webhooks.length > 0 && (await sendDue(signal)) > 0) pulse.beat();
    if (now() - housekeptAt < HOUSEKEEPING_EVERY_MS) return;
    housekeptAt = now();
    await db
      .deleteFrom('dipper.webhook_delivery')
      .where('status', '<>', 'pending')
      .where('settled_at', '<', new Date(now() - SETTLED_KEPT_MS))
      .execute();
    await housekeep();
  };

  return {
    async run(signal) {
      const cut = new AbortController();
      const stopListening = changes.onChange(pulse.beat);
      while (!signal.aborted) {
        await pulse.next(POLL_MS, signal);
        await delay(GATHER_MS, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) break;
        try {
          await tick(cut.signal);
        } catch (error) {
          const isExpected = isDatabaseUnavailable(error) || isTransactionConflict(error);
          log[isExpected ? 'warn' : 'error']({ err: error }, 'cannot tell webhooks; trying again');
        }
      }
      stopListening();
      const patience = setTimeout(() => cut.abort(), STOP_PATIENCE_MS);
      await Promise.allSettled(underWay.keys());
      clearTimeout(patience);
    },
    async settle() {
      const never = new AbortController().signal;
      do {
        await tick(never);
        await Promise.allSettled([...underWay.keys()]);
      } while ((await claimable(options)) > 0);
    },
  };
}

async function claimable({ db, now }: Pick<WebhookLoopOptions, 'db' | 'now'>): Promise<number> {
  const at = new Date(now());
  const rows = await db
    .selectFrom('dipper.webhook_delivery as d')
    .innerJoin('dipper.webhook as w', 'w.id', 'd.webhook')
    .select('d.id')
    .where('d.status', '=', 'pending')
    .where('d.next_at', '<=', at)
    .where('w.disabled_at', 'is', null)
    .where((eb) => eb.or([eb('w.retry_at', 'is', null), eb('w.retry_at', '<=', at)]))
    .limit(1)
    .execute();
  return rows.length;
}
