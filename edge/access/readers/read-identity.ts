import { credentialHmac, type ValueFactor } from '@dipper/contract/credential-hmac';
import { PASS_TYPE, PassClaims } from '@dipper/contract/pass';
import { createValidator } from '@dipper/contract/validation';
import { decodeProtectedHeader } from 'jose';
import type { Identity } from '../decision/request.ts';
import type { TrustedKeys } from '../policy/trusted-keys.ts';

/** What a reader has read, before anybody knows whose it is. */
export type Reading =
  | { readonly factor: ValueFactor; readonly value: string }
  | { readonly factor: 'face'; readonly holder: string }
  | { readonly factor: 'button' };

const Claims = createValidator(PassClaims);

/** Whether a text presents itself as a pass; any other QR code is a value like a card's number. */
function isPass(text: string): boolean {
  try {
    return decodeProtectedHeader(text.trim()).typ === PASS_TYPE;
  } catch {
    return false;
  }
}

async function passFrom(text: string, keys: TrustedKeys): Promise<PassClaims | undefined> {
  try {
    return Claims.parse(await keys.open(text.trim(), PASS_TYPE));
  } catch {
    return undefined;
  }
}

/** What a reading says of whose it is: a value as its HMAC, a pass as what the hub has signed, or that it has not. */
export async function identityOf(
  reading: Reading,
  trust: { readonly keys: TrustedKeys; readonly credentialKey: Uint8Array | undefined },
): Promise<Identity> {
  if (reading.factor === 'button') return { kind: 'button', factor: 'button' };
  if (reading.factor === 'face') return { kind: 'face', factor: 'face', holder: reading.holder };
  const { factor, value } = reading;
  if (factor === 'qr' && isPass(value)) return { kind: 'pass', factor, claims: await passFrom(value, trust.keys) };
  const { credentialKey } = trust;
  return { kind: 'value', factor, hmac: credentialKey && credentialHmac(credentialKey, factor, value) };
}
