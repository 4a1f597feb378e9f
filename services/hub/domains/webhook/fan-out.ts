import { PRIORITIES } from '@dipper/contract/api/alarm';
import { MESSAGE_TYPES, type MessageType } from '@dipper/contract/api/webhook';
import { isDipperError } from '@dipper/contract/errors';
import { sql } from 'kysely';
import type { Change, ChangeReader } from '../../services.ts';
import { readToldSubjects, type ToldSubject } from './told-subject.ts';
import type { WebhookRow } from './webhook.tables.ts';
import type { WebhookDb, WebhookTx } from './webhook-db.ts';
import { isWanted } from './webhook-filter.ts';
import { deliveryFor, type NewDelivery } from './webhook-message.ts';

/** Changes read at once for one webhook. */
const BATCH_CHANGES = 200;
/** With more waiting, a webhook's cursor stays where it is: changes are kept for days, payloads cost more. */
const MAX_PENDING = 5_000;
/** A statement takes 65 535 parameters, and changes may stand for twenty thousand events in runs. */
const ROWS_PER_INSERT = 1_000;
const TOLD_KINDS = ['alarm', 'incident', 'case', 'event'] as const;
const MINUTE_MS = 60_000;

export interface FanOutOptions {
  readonly db: WebhookDb;
  readonly changes: Pick<ChangeReader, 'head' | 'read'>;
  readonly now: () => number;
  readonly publicUrl: string | undefined;
}

/**
 * Makes deliveries of the changes behind a webhook's cursor: rows and cursor in one transaction, guarded by the cursor
 * that was read. So they are made once, whichever copies of the hub try, and wherever one of them dies.
 *
 * @returns whether there may be more
 */
export async function fanOut({ db, changes, now, publicUrl }: FanOutOptions, webhook: WebhookRow): Promise<boolean> {
  if ((await countPending(db, webhook.id)) >= MAX_PENDING) return false;
  let batch: Change[];
  try {
    batch = await changes.read(webhook.cursor, BATCH_CHANGES);
  } catch (error) {
    if (!isDipperError(error) || error.code !== 'CURSOR_INVALID') throw error;
    // What lies between is no longer kept (three days), or the database was restored: said, not hidden.
    await moveCursor(db, webhook, await changes.head(), { gap_at: new Date(now()) });
    return true;
  }
  const last = batch.at(-1);
  if (last === undefined) return false;
  const at = new Date(now());
  const told = await toldOf(db, batch, webhook);
  const deliveries = told.map(({ type, subject, cursor }) =>
    deliveryFor(webhook, { type, subject, occasion: cursor, at }, publicUrl),
  );
  // Read before the transaction begins: the embedded database has one session, and would wait for itself.
  const watched = await createdAlarms(db, batch, webhook, told);
  await db.transaction().execute(async (tx) => {
    if (!(await moveCursor(tx, webhook, last.cursor))) return;
    await insertDeliveries(tx, deliveries);
    await setUnseenTimers(tx, webhook, watched, at);
  });
  return batch.length === BATCH_CHANGES;
}

interface Told {
  readonly type: MessageType;
  readonly subject: ToldSubject;
  readonly cursor: string;
}

async function toldOf(db: WebhookDb, batch: readonly Change[], webhook: WebhookRow): Promise<Told[]> {
  const told = new Map<string, ToldSubject[]>();
  for (const kind of TOLD_KINDS) {
    if (!webhook.types.some((type) => type.startsWith(`${kind}.`))) continue;
    for (const target of new Set(batch.filter((change) => change.kind === kind).map(({ id }) => id))) {
      told.set(`${kind} ${target}`, []);
    }
    const targets = [...told.keys()]
      .filter((name) => name.startsWith(`${kind} `))
      .map((name) => name.slice(kind.length + 1));
    if (kind === 'event') {
      for (const target of targets) told.set(`event ${target}`, await readToldSubjects(db, 'event', [target]));
    } else {
      for (const subject of await readToldSubjects(db, kind, targets)) told.set(`${kind} ${subject.id}`, [subject]);
    }
  }
  return batch.flatMap(({ kind, id, change, cursor }) => {
    const type = MESSAGE_TYPES.find((each) => each === `${kind}.${change}`);
    if (type === undefined) return [];
    return (told.get(`${kind} ${id}`) ?? [])
      .filter((subject) => isWanted(webhook, type, subject))
      .map((subject) => ({ type, subject, cursor }));
  });
}

/** New alarms whose being seen a webhook watches, whether or not it is told of their raising. */
async function createdAlarms(
  db: WebhookDb,
  batch: readonly Change[],
  webhook: WebhookRow,
  told: readonly Told[],
): Promise<ToldSubject[]> {
  if (!webhook.types.includes('alarm.unseen')) return [];
  const created = batch.filter(({ kind, change }) => kind === 'alarm' && change === 'created').map(({ id }) => id);
  if (created.length === 0) return [];
  const known = told.map(({ subject }) => subject).filter(({ kind, id }) => kind === 'alarm' && created.includes(id));
  const missing = created.filter((id) => !known.some((subject) => subject.id === id));
  return [
    ...new Map([...known, ...(await readToldSubjects(db, 'alarm', missing))].map((each) => [each.id, each])).values(),
  ];
}

async function setUnseenTimers(
  tx: WebhookTx,
  webhook: WebhookRow,
  alarms: readonly ToldSubject[],
  at: Date,
): Promise<void> {
  const timers = alarms
    .filter((alarm) => isWanted(webhook, 'alarm.unseen', alarm) && !alarm.isAnswered)
    .flatMap((alarm) => {
      const priority = PRIORITIES.find((each) => each === alarm.priority);
      const minutes = priority === undefined ? [] : (webhook.unseen[priority] ?? []);
      return minutes
        .toSorted((a, b) => a - b)
        .map((afterMin, index) => ({
          webhook: webhook.id,
          alarm: alarm.id,
          level: index + 1,
          due_at: new Date(at.getTime() + afterMin * MINUTE_MS),
        }));
    });
  if (timers.length === 0) return;
  await tx
    .insertInto('dipper.webhook_unseen')
    .values(timers)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** What is critical does not wait behind something of the same subject that quiet hours hold back. */
export async function insertDeliveries(tx: WebhookTx, deliveries: readonly NewDelivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  for (let from = 0; from < deliveries.length; from += ROWS_PER_INSERT) {
    await tx
      .insertInto('dipper.webhook_delivery')
      .values(deliveries.slice(from, from + ROWS_PER_INSERT))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  }
  for (const { webhook, subject, next_at } of deliveries.filter(({ priority }) => priority === 'critical')) {
    await tx
      .updateTable('dipper.webhook_delivery')
      .set({ next_at })
      .where('webhook', '=', webhook)
      .where('subject', '=', subject)
      .where('status', '=', 'pending')
      .where('attempts', '=', 0)
      .where('next_at', '>', next_at)
      .execute();
  }
}

async function moveCursor(
  db: WebhookDb | WebhookTx,
  { id, cursor }: WebhookRow,
  to: string,
  besides: { readonly gap_at?: Date } = {},
): Promise<boolean> {
  const moved = await db
    .updateTable('dipper.webhook')
    .set({ cursor: to, ...besides })
    .where('id', '=', id)
    .where('cursor', '=', cursor)
    .where('disabled_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return moved !== undefined;
}

async function countPending(db: WebhookDb, webhook: string): Promise<number> {
  const row = await db
    .selectFrom('dipper.webhook_delivery')
    .select(sql<number>`count(*)::int`.as('pending'))
    .where('webhook', '=', webhook)
    .where('status', '=', 'pending')
    .executeTakeFirst();
  return row?.pending ?? 0;
}
