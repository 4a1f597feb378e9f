import { randomInt, randomUUID } from 'node:crypto';
import type { NewCredential } from '@dipper/contract/api/holder';
import { normaliseCredential } from '@dipper/contract/credential-hmac';
import { DipperError } from '@dipper/contract/errors';
import type { Insertable } from 'kysely';
import type { Sealer } from '../../sealer.ts';
import type { AccessDb } from '../policy/access-db.ts';
import { credentialContext } from './credential-value.ts';
import type { CredentialRow, HolderTables } from './holder.tables.ts';

/** A million of them: guessing at a gate is slowed down by the gate. */
const PIN_DIGITS = 6;
/** As much of a card as tells it from others by eye. */
const HINT_CHARACTERS = 4;
/** An estate in which so many PINs in a row are taken has nearly none left. */
const MAX_PIN_ATTEMPTS = 50;

export interface CredentialOwner {
  readonly holder: string;
  readonly estate: string;
  readonly by: string;
  readonly at: Date;
}

/** The row of a credential with a value in the form in which values are compared. */
export function credentialRowFrom(
  sealer: Sealer,
  factor: 'plate' | 'card' | 'pin',
  value: string,
  { holder, estate, by, at }: CredentialOwner,
  duress = false,
): Insertable<HolderTables['dipper.access_credential']> {
  const id = randomUUID();
  return {
    ...{ id, holder, estate, factor, duress, created_at: at, created_by: by },
    plate: factor === 'plate' ? value : null,
    sealed: factor === 'plate' ? null : sealer.seal(value, credentialContext(id)),
    fingerprint: sealer.fingerprint(value, `credential:${estate}:${factor}`),
    hint: factor === 'card' ? value.slice(-HINT_CHARACTERS) : null,
    ...{ blocked_at: null, blocked_by: null, block_reason: null, ended_at: null },
  };
}

/** Enters credentials; two of one value in an estate there cannot be. */
export interface CredentialWriting {
  /**
   * @returns the row, and the PIN where one was made
   * @throws DipperError CREDENTIAL_INVALID, CREDENTIAL_IN_USE
   */
  insert(
    tx: AccessDb,
    asked: NewCredential,
    owner: CredentialOwner,
  ): Promise<{ row: CredentialRow; pin: string | null }>;
}

export function createCredentialWriting(sealer: Sealer): CredentialWriting {
  const enter = (
    tx: AccessDb,
    factor: 'plate' | 'card' | 'pin',
    value: string,
    owner: CredentialOwner,
    duress = false,
  ): Promise<CredentialRow | undefined> =>
    tx
      .insertInto('dipper.access_credential')
      .values(credentialRowFrom(sealer, factor, value, owner, duress))
      .onConflict((conflict) =>
        conflict.columns(['estate', 'factor', 'fingerprint']).where('fingerprint', 'is not', null).doNothing(),
      )
      .returningAll()
      .executeTakeFirst();
  return {
    async insert(tx, asked, owner) {
      if (asked.factor === 'pin') {
        for (let attempt = 0; attempt < MAX_PIN_ATTEMPTS; attempt += 1) {
          const pin = String(randomInt(10 ** PIN_DIGITS)).padStart(PIN_DIGITS, '0');
          const row = await enter(tx, 'pin', pin, owner, asked.duress === true);
          if (row !== undefined) return { row, pin };
        }
        throw new DipperError('CREDENTIAL_IN_USE', { message: 'Nearly all PINs of this estate are in use.' });
      }
      const value = normaliseCredential(asked.factor, asked.value);
      if (value === undefined) throw new DipperError('CREDENTIAL_INVALID');
      const row = await enter(tx, asked.factor, value, owner);
      if (row === undefined) throw new DipperError('CREDENTIAL_IN_USE');
      return { row, pin: null };
    },
  };
}
