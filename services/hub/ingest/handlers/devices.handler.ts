import type { DeviceStateMessage } from '@dipper/contract/device-state';
import { DipperError } from '@dipper/contract/errors';
import { type ParsedTopic, parsePayload } from '@dipper/contract/topics';
import { sql } from 'kysely';
import type { Tx } from '../../database/pool.ts';
import type { ChangeSet } from '../../domains/change/change-set.ts';
import type { Incoming } from '../incoming.ts';
import { isStorable } from '../refusal.ts';

/** @throws DipperError with the reason for refusing the message */
export function readDeviceState(message: Incoming, topic: ParsedTopic): DeviceStateMessage {
  const state = parsePayload('devices', message.payload);
  if (!isStorable(state)) throw new DipperError('MESSAGE_INVALID');
  if (state.device !== topic.device) throw new DipperError('EVENT_MISDIRECTED');
  return state;
}

/**
 * Keeps the latest state of a device, and a sample when it changed; one that no configuration names is entered under its id.
 * @throws DipperError EVENT_MISDIRECTED when the device belongs to another agent
 */
export async function storeDeviceState(
  tx: Tx,
  changes: ChangeSet,
  { estate, agent }: ParsedTopic,
  state: DeviceStateMessage,
  receivedAt: Date,
): Promise<void> {
  const { device, kind } = state;
  await tx
    .insertInto('dipper.device')
    .values({ id: device, agent, place: null, kind, name_zh: device, name_en: device, configured: false })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const owner = await tx.selectFrom('dipper.device').select('agent').where('id', '=', device).executeTakeFirst();
  if (owner?.agent !== agent) throw new DipperError('EVENT_MISDIRECTED');
  const { rows } = await sql`
    insert into dipper.device_state as known (device, message, reported_at)
    values (${device}, ${JSON.stringify(state)}::jsonb, ${receivedAt})
    on conflict (device) do update set message = excluded.message, reported_at = excluded.reported_at
    where known.message <> excluded.message
    returning device`.execute(tx);
  if (rows.length === 0) return;
  await sql`
    insert into dipper.device_sample (device, agent, estate, kind, at, message)
    values (${device}, ${agent}, ${estate}, ${kind}, ${receivedAt}, ${JSON.stringify(state)}::jsonb)`.execute(tx);
  changes.updated('device', device);
}
