import { randomUUID } from 'node:crypto';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import type {
  CreatedWebhook,
  DeliveryView,
  NewWebhook,
  RotatedSecret,
  WebhookChange,
  WebhookFormat,
  WebhookView,
} from '@dipper/contract/api/webhook';
import { DipperError } from '@dipper/contract/errors';
import { sql } from 'kysely';
import { translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import type { AddressGuard } from '../../outbound/address-guard.ts';
import type { Sealer } from '../../sealer.ts';
import type { ChangeReader } from '../../services.ts';
import { pageByOrdinal } from '../account/ordinal-page.ts';
import { noteCarriedOut } from '../idempotency/idempotent-attempt.ts';
import { insertClaimed } from './delivery.repository.ts';
import { isTimeZone } from './quiet-hours.ts';
import { deliveryFromRow, findWebhook, listDeliveries, listWebhooks, webhookFromRow } from './webhook.repository.ts';
import type { DeliveryRow } from './webhook.tables.ts';
import type { WebhookDb } from './webhook-db.ts';
import { deliveryFor } from './webhook-message.ts';
import { sealContext, type WebhookSender } from './webhook-sender.ts';
import { createWebhookSecret } from './webhook-signature.ts';

/** Each has its own reader of the changes. */
const MAX_WEBHOOKS = 20;
/** How long messages are signed with the secret before as well. */
const SECRET_OVERLAP_MS = 24 * 3_600_000;
const DEFAULT_TIME_ZONE = 'Asia/Shanghai';
/** Any number that nothing else takes. */
const COUNT_LOCK = 7_700_010;

export interface WebhookServiceOptions {
  readonly db: WebhookDb;
  readonly sealer: Sealer;
  readonly guard: AddressGuard;
  readonly changes: Pick<ChangeReader, 'head'>;
  readonly send: WebhookSender;
  readonly now: () => number;
  readonly publicUrl: string | undefined;
}

export interface WebhookService {
  list(query: PageQuery): Promise<Page<WebhookView>>;
  get(id: string): Promise<WebhookView>;
  /** @throws DipperError WEBHOOK_ADDRESS_REFUSED, WEBHOOK_LIMIT_REACHED, REQUEST_INVALID */
  create(webhook: NewWebhook, by: string): Promise<CreatedWebhook>;
  /** @throws DipperError NOT_FOUND, WEBHOOK_ADDRESS_REFUSED, REQUEST_INVALID */
  change(id: string, change: WebhookChange): Promise<WebhookView>;
  /** Takes its deliveries and timers with it. @throws DipperError NOT_FOUND */
  remove(id: string): Promise<void>;
  /** @throws DipperError NOT_FOUND, REQUEST_INVALID for a format that the hub makes no secret for */
  rotateSecret(id: string): Promise<RotatedSecret>;
  /** Sends a test message, once, and answers how it ended. @throws DipperError NOT_FOUND */
  test(id: string, signal: AbortSignal): Promise<DeliveryView>;
  listDeliveries(
    id: string,
    query: PageQuery & { readonly status?: DeliveryRow['status'] },
  ): Promise<Page<DeliveryView>>;
}

export function createWebhookService(options: WebhookServiceOptions): WebhookService {
  const { db, sealer, guard, changes, send, now, publicUrl } = options;

  const getRow = async (id: string) => found(isUuid(id) ? await findWebhook(db, id) : undefined);
  const sealedUrl = (id: string, url: URL) => ({
    url: sealer.seal(url.href, sealContext(id, 'url')),
    shown_url: shownOf(url),
  });

  return {
    list: (query) =>
      translateUnavailable(() =>
        pageByOrdinal(
          query,
          (behind, limit) => listWebhooks(db, behind, limit),
          ({ ordinal }) => ordinal,
          webhookFromRow,
        ),
      ),
    get: (id) => translateUnavailable(async () => webhookFromRow(await getRow(id))),
    create: (webhook, by) =>
      translateUnavailable(async () => {
        const { format = 'standard', timeZone = DEFAULT_TIME_ZONE } = webhook;
        refuseUnfit(format, timeZone, webhook.secret);
        const url = urlFrom(webhook.url, guard);
        const id = randomUUID();
        const secret = format === 'standard' ? createWebhookSecret() : webhook.secret;
        const cursor = await changes.head();
        await db.transaction().execute(async (tx) => {
          await sql`select pg_advisory_xact_lock(${COUNT_LOCK})`.execute(tx);
          const { rows } = await sql<{ count: number }>`select count(*)::int as count from dipper.webhook`.execute(tx);
          if ((rows[0]?.count ?? 0) >= MAX_WEBHOOKS) throw new DipperError('WEBHOOK_LIMIT_REACHED');
          await tx
            .insertInto('dipper.webhook')
            .values({
              id,
              name: webhook.name,
              format,
              ...sealedUrl(id, url),
              secret: secret === undefined ? null : sealer.seal(secret, sealContext(id, 'secret')),
              types: [...webhook.types],
              filter: JSON.stringify(webhook.filter ?? {}),
              unseen: JSON.stringify(webhook.unseen ?? {}),
              quiet_hours: webhook.quietHours == null ? null : JSON.stringify(webhook.quietHours),
              time_zone: timeZone,
              language: webhook.language ?? 'zh',
              cursor,
              created_by: by,
              created_at: new Date(now()),
            })
            .execute();
          await noteCarriedOut(tx);
        });
        return {
          webhook: webhookFromRow(await getRow(id)),
          secret: format === 'standard' && secret !== undefined ? secret : null,
        };
      }),
    change: (id, change) =>
      translateUnavailable(async () => {
        const row = await getRow(id);
        refuseUnfit(row.format, change.timeZone ?? row.time_zone, change.secret);
        await db
          .updateTable('dipper.webhook')
          .set({
            ...(change.name === undefined ? {} : { name: change.name }),
            ...(change.url === undefined ? {} : { ...sealedUrl(id, urlFrom(change.url, guard)), retry_at: null }),
            ...(change.types === undefined ? {} : { types: [...change.types] }),
            ...(change.filter === undefined ? {} : { filter: JSON.stringify(change.filter) }),
            ...(change.unseen === undefined ? {} : { unseen: JSON.stringify(change.unseen) }),
            ...(change.quietHours === undefined ? {} : { quiet_hours: jsonOrNull(change.quietHours) }),
            ...(change.timeZone === undefined ? {} : { time_zone: change.timeZone }),
            ...(change.language === undefined ? {} : { language: change.language }),
            ...(change.secret === undefined ? {} : { secret: sealer.seal(change.secret, sealContext(id, 'secret')) }),
            ...activity(change.active, row.disabled_at, new Date(now())),
          })
          .where('id', '=', id)
          .execute();
        return webhookFromRow(await getRow(id));
      }),
    remove: (id) =>
      translateUnavailable(async () => {
        await getRow(id);
        await db.deleteFrom('dipper.webhook').where('id', '=', id).execute();
      }),
    rotateSecret: (id) =>
      translateUnavailable(async () => {
        const { format } = await getRow(id);
        if (format !== 'standard') throw unfit('/body', 'only the format standard has a secret that the hub makes');
        const secret = createWebhookSecret();
        const until = new Date(now() + SECRET_OVERLAP_MS);
        await db.transaction().execute(async (tx) => {
          await tx
            .updateTable('dipper.webhook')
            .set((eb) => ({
              previous_secret: eb.ref('secret'),
              previous_secret_until: until,
              secret: sealer.seal(secret, sealContext(id, 'secret')),
            }))
            .where('id', '=', id)
            .execute();
          await noteCarriedOut(tx);
        });
        return { secret, previousSecretUntil: until.toISOString() };
      }),
    test: (id, signal) =>
      translateUnavailable(async () => {
        const at = new Date(now());
        const occasion = randomUUID();
        const delivery = deliveryFor(
          await getRow(id),
          { type: 'webhook.test', subject: undefined, occasion, at },
          publicUrl,
        );
        await send(await insertClaimed(db, delivery, at), signal);
        const row = await db
          .selectFrom('dipper.webhook_delivery')
          .selectAll()
          .where('id', '=', delivery.id)
          .executeTakeFirst();
        return deliveryFromRow(found(row));
      }),
    listDeliveries: (id, query) =>
      translateUnavailable(async () => {
        await getRow(id);
        return pageByOrdinal(
          query,
          (behind, limit) => listDeliveries(db, id, query.status, behind, limit),
          ({ ordinal }) => ordinal,
          deliveryFromRow,
        );
      }),
  };
}

/** What switching on or off writes; a webhook that is switched on is tried at once, whatever failed before. */
function activity(active: boolean | undefined, disabledAt: Date | null, at: Date) {
  if (active === undefined || active === (disabledAt === null)) return {};
  if (!active) return { disabled_at: at, disabled_reason: 'by-hand' as const };
  return { disabled_at: null, disabled_reason: null, failures: 0, failing_since: null, retry_at: null, gap_at: null };
}

function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** @throws DipperError WEBHOOK_ADDRESS_REFUSED, REQUEST_INVALID */
function urlFrom(text: string, guard: AddressGuard): URL {
  if (!URL.canParse(text)) throw unfit('/body/url', 'is not an address');
  const url = new URL(text);
  url.hash = '';
  guard.check(url);
  return url;
}

function refuseUnfit(format: WebhookFormat, timeZone: string, secret: string | undefined): void {
  if (!isTimeZone(timeZone)) throw unfit('/body/timeZone', 'is not a time zone');
  if (secret !== undefined && format !== 'dingtalk') throw unfit('/body/secret', 'is for the format dingtalk only');
}

function unfit(path: string, message: string): DipperError {
  return new DipperError('REQUEST_INVALID', { message: `${path}: ${message}`, detail: [{ path, message }] });
}

/** Where an address leads. Its path and its query are left out: robots have their secret in the one or in the other. */
function shownOf({ origin, pathname, search }: URL): string {
  return `${origin}${pathname === '/' && search === '' ? '/' : '/…'}`;
}
