import type { Sealer } from '../../sealer.ts';
import type { CredentialRow } from './holder.tables.ts';

/** What a sealed value belongs to: it cannot be opened as that of another credential. */
export function credentialContext(id: string): string {
  return `credential:${id}`;
}

/** The value of a credential that has not ended: plates stand in the clear, all others are sealed. */
export function credentialValue(
  sealer: Sealer,
  { id, plate, sealed }: Pick<CredentialRow, 'id' | 'plate' | 'sealed'>,
): string {
  if (plate !== null) return plate;
  if (sealed === null) throw new Error(`credential ${id} has no value any more`);
  return sealer.open(sealed, credentialContext(id));
}
