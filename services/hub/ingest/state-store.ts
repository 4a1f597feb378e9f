import type { DeviceStateMessage } from '@dipper/contract/device-state';
import { type ErrorCode, isDipperError } from '@dipper/contract/errors';
import type { StatusMessage } from '@dipper/contract/status';
import type { ParsedTopic } from '@dipper/contract/topics';
import { sql } from 'kysely';
import { isRefusedValue } from '../database/errors.ts';
import type { Db, Tx } from '../database/pool.ts';
import { type ChangeSet, createChangeSet } from '../domains/change/change-set.ts';
import { type AgentRegister, addressKey } from './agent-register.ts';
import { storeDeviceState } from './handlers/devices.handler.ts';
import { storeStatus } from './handlers/status.handler.ts';
import type { Incoming, Refusal } from './incoming.ts';
import { refusalOf } from './refusal.ts';

/** A state that was read and waits to be stored. */
export type State = { readonly message: Incoming; readonly topic: ParsedTopic } & (
  | { readonly kind: 'status'; readonly status: StatusMessage }
  | { readonly kind: 'devices'; readonly device: DeviceStateMessage }
);

/**
 * Stores states in one transaction, each in a savepoint of its own.
 * @returns those that the database refused
 */
export async function storeStates(
  db: Db,
  register: AgentRegister,
  states: readonly State[],
  now: Date,
): Promise<Refusal[]> {
  return db.transaction().execute(async (tx) => {
    const refused: Refusal[] = [];
    const changes = createChangeSet();
    const known = await register.enter(
      tx,
      changes,
      states.map(({ topic }) => topic),
    );
    for (const state of states) {
      const reason = known.has(addressKey(state.topic)) ? await storeInSavepoint(tx, changes, state) : 'TOPIC_UNKNOWN';
      if (reason !== undefined) {
        refused.push(refusalOf(state.message, state.topic.agent, reason, state.message.payload));
      }
    }
    await changes.write(tx, now);
    return refused;
  });
}

async function storeInSavepoint(tx: Tx, changes: ChangeSet, state: State): Promise<ErrorCode | undefined> {
  await sql`savepoint state`.execute(tx);
  try {
    if (state.kind === 'status') await storeStatus(tx, changes, state.topic, state.status, state.message);
    else await storeDeviceState(tx, changes, state.topic, state.device, state.message.receivedAt);
    await sql`release savepoint state`.execute(tx);
    return undefined;
  } catch (error) {
    if (!isDipperError(error) && !isRefusedValue(error)) throw error;
    await sql`rollback to savepoint state`.execute(tx);
    return isDipperError(error) ? error.code : 'MESSAGE_INVALID';
  }
}
