import type { Priority } from '@dipper/contract/api/alarm';
import type {
  DELIVERY_STATUSES,
  MessageType,
  QuietHours,
  UnseenLevels,
  WebhookFilter,
  WebhookFormat,
} from '@dipper/contract/api/webhook';
import type { ColumnType, Generated, Selectable } from 'kysely';

type Json<T> = ColumnType<T, string, string>;

/** Of migration 0010. */
export type WebhookTables = {
  readonly 'dipper.webhook': WebhookTable;
  readonly 'dipper.webhook_delivery': DeliveryTable;
  readonly 'dipper.webhook_unseen': { webhook: string; alarm: string; level: number; due_at: Date };
};

export type WebhookTable = {
  id: string;
  ordinal: Generated<string>;
  name: string;
  format: WebhookFormat;
  url: Buffer;
  shown_url: string;
  secret: Buffer | null;
  previous_secret: Buffer | null;
  previous_secret_until: Date | null;
  types: MessageType[];
  filter: Json<WebhookFilter>;
  unseen: Json<UnseenLevels>;
  quiet_hours: Json<QuietHours> | null;
  time_zone: string;
  language: 'zh' | 'en';
  cursor: string;
  gap_at: Date | null;
  failures: Generated<number>;
  failing_since: Date | null;
  retry_at: Date | null;
  last_delivered_at: Date | null;
  disabled_at: Date | null;
  disabled_reason: 'by-hand' | 'failing' | 'gone' | null;
  created_by: string;
  created_at: Date;
};

export type DeliveryTable = {
  id: string;
  ordinal: Generated<string>;
  webhook: string;
  subject: string;
  type: string;
  priority: Priority | null;
  payload: string | null;
  sha256: Buffer;
  status: (typeof DELIVERY_STATUSES)[number];
  attempts: Generated<number>;
  next_at: Date;
  lease_until: Date | null;
  http_status: number | null;
  outcome: string | null;
  created_at: Date;
  settled_at: Date | null;
};

export type WebhookRow = Selectable<WebhookTable>;
export type DeliveryRow = Selectable<DeliveryTable>;
