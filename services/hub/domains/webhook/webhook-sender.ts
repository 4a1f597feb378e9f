import { isDipperError } from '@dipper/contract/errors';
import type { Logger } from 'pino';
import type { AddressGuard } from '../../outbound/address-guard.ts';
import { type PostAnswer, postBounded } from '../../outbound/bounded-post.ts';
import type { Sealer } from '../../sealer.ts';
import { robotErrorOf } from './chat-message.ts';
import { disableWebhook, giveBack, noteFailure, settleDelivered, settleFailed } from './delivery.repository.ts';
import { DISABLE_AFTER_MS, waitAfter, waitForAddress } from './retry-schedule.ts';
import type { DeliveryRow, WebhookRow } from './webhook.tables.ts';
import type { WebhookDb } from './webhook-db.ts';
import type { WebhookMetrics } from './webhook-metrics.ts';
import { signatureHeaders, signedDingTalkUrl } from './webhook-signature.ts';

export interface WebhookSenderOptions {
  readonly db: WebhookDb;
  readonly sealer: Sealer;
  readonly guard: AddressGuard;
  readonly metrics: WebhookMetrics;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly now: () => number;
  /** Evenly spread from 0 up to 1. */
  readonly random: () => number;
}

/** Makes one attempt at a delivery that was claimed, and writes down how it ended. */
export type WebhookSender = (delivery: DeliveryRow, signal: AbortSignal) => Promise<void>;

/** Where the sealed columns of a webhook belong. */
export const sealContext = (webhook: string, column: 'url' | 'secret'): string => `webhook ${webhook} ${column}`;

/** RFC 9110 §15.5.11; Standard Webhooks 1.0.0 has it that the receiver wants no more. */
const GONE = 410;
const USER_AGENT = 'Dipper-Webhooks/1';

export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { db, sealer, guard, metrics, log, now, random } = options;

  const post = (webhook: WebhookRow, delivery: DeliveryRow, signal: AbortSignal): Promise<PostAnswer> => {
    const at = new Date(now());
    const body = delivery.payload ?? '';
    const url = new URL(sealer.open(webhook.url, sealContext(webhook.id, 'url')));
    const secret = openSecret(sealer, webhook, webhook.secret);
    const headers = { 'user-agent': USER_AGENT };
    if (webhook.format !== 'standard') {
      const address = webhook.format === 'dingtalk' && secret !== undefined ? signedDingTalkUrl(url, secret, at) : url;
      return postBounded({ url: address, headers, body, guard, signal });
    }
    const isOverlap = webhook.previous_secret_until !== null && webhook.previous_secret_until > at;
    const previous = isOverlap ? openSecret(sealer, webhook, webhook.previous_secret) : undefined;
    const secrets = [secret, previous].filter((each) => each !== undefined);
    return postBounded({
      ...{ url, body, guard, signal },
      headers: { ...headers, ...signatureHeaders({ id: delivery.id, at, body }, secrets) },
    });
  };

  const fail = async (
    { failures }: WebhookRow,
    delivery: DeliveryRow,
    outcome: string,
    answer: PostAnswer | undefined,
  ): Promise<void> => {
    const at = new Date(now());
    const attempt = { delivery, httpStatus: answer?.status ?? null, outcome, at };
    const asked = answer?.retryAfterSec;
    const waitMs = delivery.type === 'webhook.test' ? undefined : waitAfter(delivery.attempts, asked, random());
    await settleFailed(db, attempt, waitMs === undefined ? undefined : new Date(at.getTime() + waitMs));
    metrics.attempts.inc({ outcome: 'failed' });
    log.info(
      { webhook: delivery.webhook, delivery: delivery.id, outcome, attempts: delivery.attempts },
      'a webhook failed',
    );
    if (delivery.type === 'webhook.test') return;
    if (answer?.status === GONE) return disable(delivery.webhook, 'gone', at);
    if (!isOfTheAddress(answer)) return;
    const retryAt = new Date(at.getTime() + waitForAddress(failures + 1, asked, random()));
    const webhook = await noteFailure(db, delivery.webhook, at, retryAt);
    const failingMs = at.getTime() - (webhook?.failing_since ?? at).getTime();
    if (failingMs >= DISABLE_AFTER_MS) await disable(delivery.webhook, 'failing', at);
  };

  const disable = async (webhook: string, reason: 'failing' | 'gone', at: Date): Promise<void> => {
    if (!(await disableWebhook(db, webhook, reason, at))) return;
    metrics.disabled.inc({ reason });
    log.warn({ webhook, reason }, 'a webhook was disabled; see the page Integrations');
  };

  return async (delivery, signal) => {
    const webhook = await db
      .selectFrom('dipper.webhook')
      .selectAll()
      .where('id', '=', delivery.webhook)
      .executeTakeFirst();
    // Deleted meanwhile, and its deliveries with it.
    if (webhook === undefined) return;
    let answer: PostAnswer;
    try {
      answer = await post(webhook, delivery, signal);
    } catch (error) {
      if (signal.aborted) return giveBack(db, delivery);
      return fail(webhook, delivery, outcomeOf(error), undefined);
    }
    const robotError = webhook.format === 'standard' ? undefined : robotErrorOf(answer.body);
    // 3xx counts as failure: a redirect is an address that nobody checked.
    if (answer.status < 200 || answer.status > 299) return fail(webhook, delivery, `HTTP_${answer.status}`, answer);
    if (robotError !== undefined) return fail(webhook, delivery, `ERRCODE_${robotError}`, { ...answer, status: 429 });
    metrics.attempts.inc({ outcome: 'delivered' });
    await settleDelivered(db, { delivery, httpStatus: answer.status, outcome: 'DELIVERED', at: new Date(now()) });
  };
}

function openSecret(sealer: Sealer, { id }: WebhookRow, sealed: Buffer | null): string | undefined {
  return sealed === null ? undefined : sealer.open(sealed, sealContext(id, 'secret'));
}

/** Whether a failure says something about the address rather than about this one message. */
function isOfTheAddress(answer: PostAnswer | undefined): boolean {
  return answer === undefined || answer.status >= 500 || answer.status < 400 || answer.status === 429;
}

function outcomeOf(error: unknown): string {
  if (isDipperError(error)) return error.code;
  const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code.slice(0, 64) : 'FAILED';
}
