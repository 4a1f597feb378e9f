import { createHash } from 'node:crypto';
import type { MessageType } from '@dipper/contract/api/webhook';
import { dingTalkBody, weComBody } from './chat-message.ts';
import { quietUntil } from './quiet-hours.ts';
import type { ToldSubject } from './told-subject.ts';
import type { WebhookRow } from './webhook.tables.ts';

/** A message that is about to wait in the table of deliveries. */
export interface NewDelivery {
  readonly id: string;
  readonly webhook: string;
  readonly subject: string;
  readonly type: string;
  readonly priority: ToldSubject['priority'];
  readonly payload: string;
  readonly sha256: Buffer;
  readonly status: 'pending';
  readonly next_at: Date;
  readonly created_at: Date;
}

export interface Occasion {
  readonly type: MessageType | 'webhook.test';
  readonly subject: ToldSubject | undefined;
  /** What tells this occasion from every other of the same webhook, e.g. the cursor of a change. */
  readonly occasion: string;
  readonly at: Date;
  readonly unseen?: { readonly level: number; readonly forMin: number };
}

type Recipient = Pick<WebhookRow, 'id' | 'format' | 'language' | 'time_zone' | 'quiet_hours'>;

/**
 * Writes a message in the format of its webhook. Its id follows from webhook and occasion, so that whoever writes it a
 * second time writes the same row. What is not critical waits for the end of quiet hours.
 */
export function deliveryFor(webhook: Recipient, what: Occasion, publicUrl: string | undefined): NewDelivery {
  const { type, subject, at } = what;
  const payload = bodyFor(webhook, what, publicUrl);
  const about = subject === undefined ? `test ${what.occasion}` : `${subject.kind} ${subject.id}`;
  const isHeld = subject !== undefined && subject.priority !== 'critical';
  return {
    id: uuidFrom(`${webhook.id} ${about} ${type} ${what.occasion}`),
    webhook: webhook.id,
    subject: about,
    type,
    priority: subject?.priority ?? null,
    payload,
    sha256: createHash('sha256').update(payload).digest(),
    status: 'pending',
    next_at: (isHeld ? quietUntil(webhook.quiet_hours, webhook.time_zone, at) : undefined) ?? at,
    created_at: at,
  };
}

function bodyFor(webhook: Recipient, { type, subject, at, unseen }: Occasion, publicUrl: string | undefined): string {
  if (webhook.format === 'standard') {
    const data = subject?.data ?? { webhook: webhook.id };
    return JSON.stringify({
      type,
      timestamp: at.toISOString(),
      data: unseen === undefined ? data : { ...data, unseenLevel: unseen.level, unseenForMin: unseen.forMin },
    });
  }
  const notice = {
    ...{ type, subject, unseenForMin: unseen?.forMin, language: webhook.language },
    ...{ timeZone: webhook.time_zone, publicUrl },
  };
  return webhook.format === 'wecom' ? weComBody(notice) : dingTalkBody(notice);
}

/** RFC 9562 §5.8: a UUID of version 8 made of a hash. */
function uuidFrom(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hash.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
