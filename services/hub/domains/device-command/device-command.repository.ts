import type { DeviceCommand } from '@dipper/contract/api/device-command';
import type { PageQuery } from '@dipper/contract/api/page';
import type { DoorSight } from '@dipper/contract/gate-command';
import { type Insertable, type Kysely, sql } from 'kysely';
import { rowLimitOf, timeCursorOf } from '../../database/page-cursor.ts';
import { noteCarriedOut } from '../idempotency/idempotent-attempt.ts';
import type { DeviceCommandRow, DeviceCommandTables } from './device-command.tables.ts';

export type DeviceCommandDb = Kysely<DeviceCommandTables>;

export interface DeviceCommandEnd {
  readonly code: string | null;
  readonly door: DoorSight | null;
}

export interface DeviceCommandRepository {
  /** Before the command is sent: what is not on record is not done. */
  insert(row: Insertable<DeviceCommandTables['dipper.device_command']>): Promise<DeviceCommandRow>;
  finish(id: string, end: DeviceCommandEnd, now: Date): Promise<DeviceCommandRow>;
  /** Goes on with a movement of this account; undefined where there is none that was renewed since. */
  renew(movement: { id: string; device: string; accountId: string; since: Date }, now: Date): Promise<boolean>;
  find(id: string): Promise<DeviceCommandRow | undefined>;
  /** Newest first. */
  list(device: string, query: PageQuery): Promise<DeviceCommandRow[]>;
}

const TABLE = 'dipper.device_command';

export function createDeviceCommandRepository(db: DeviceCommandDb): DeviceCommandRepository {
  return {
    insert: (row) =>
      db.transaction().execute(async (tx) => {
        const inserted = await tx.insertInto(TABLE).values(row).returningAll().executeTakeFirstOrThrow();
        await noteCarriedOut(tx);
        return inserted;
      }),
    finish: (id, { code, door }, now) =>
      db
        .updateTable(TABLE)
        .set({ finished_at: now, code, door: door === null ? null : JSON.stringify(door) })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow(),
    renew: ({ id, device, accountId, since }, now) =>
      db.transaction().execute(async (tx) => {
        const { numUpdatedRows } = await tx
          .updateTable(TABLE)
          .set({ renewed_at: now })
          .where('id', '=', id)
          .where('device', '=', device)
          .where('account_id', '=', accountId)
          .where('action', '=', 'ptz.move')
          .where(sql<Date>`coalesce(renewed_at, requested_at)`, '>', since)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows > 0n) await noteCarriedOut(tx);
        return numUpdatedRows > 0n;
      }),
    find: (id) => db.selectFrom(TABLE).selectAll().where('id', '=', id).executeTakeFirst(),
    async list(device, query) {
      let select = db
        .selectFrom(TABLE)
        .selectAll()
        .where('device', '=', device)
        .orderBy('requested_at', 'desc')
        .orderBy('id', 'desc')
        .limit(rowLimitOf(query));
      const behind = timeCursorOf(query);
      if (behind !== undefined) {
        select = select.where(sql<boolean>`(requested_at, id) < (${behind.at}, ${behind.id}::uuid)`);
      }
      return select.execute();
    },
  };
}

/** Longer than any command is waited for: who has not answered by then is not going to. */
const ABANDONED_AFTER_MS = 60_000;

export function deviceCommandFromRow(row: DeviceCommandRow, nowMs: number): DeviceCommand {
  return {
    id: row.id,
    device: row.device,
    action: row.action,
    preset: row.preset,
    reason: row.reason,
    requestedBy: row.account_name,
    requestedAt: row.requested_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    outcome: outcomeOf(row, nowMs),
    code: row.code,
    door: row.door,
  };
}

function outcomeOf({ finished_at, code, requested_at }: DeviceCommandRow, nowMs: number): DeviceCommand['outcome'] {
  if (finished_at !== null) return code === null ? 'done' : 'failed';
  return nowMs - requested_at.getTime() > ABANDONED_AFTER_MS ? 'unknown' : 'under-way';
}
