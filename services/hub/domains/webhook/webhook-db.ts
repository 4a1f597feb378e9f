import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../../database/schema.ts';
import type { WebhookTables } from './webhook.tables.ts';

export type WebhookDb = Kysely<Database & WebhookTables>;
export type WebhookTx = Transaction<Database & WebhookTables>;
