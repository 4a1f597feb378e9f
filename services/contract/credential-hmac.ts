import { createHmac } from 'node:crypto';

/** What can be a credential with a value. A face is none: it is compared on the edge that has its template. */
export const VALUE_FACTORS = ['plate', 'card', 'qr', 'pin'] as const;
export type ValueFactor = (typeof VALUE_FACTORS)[number];

/** Key of an agent, 32 random bytes. */
export const CREDENTIAL_KEY_BYTES = 32;

/** As people and readers write between the parts of a plate or of a card's number. */
const SEPARATORS = /[\s·•・.:_-]/g;

/**
 * The one form in which a value is compared, whoever wrote it: a plate without the dot and in capitals, a card's number
 * without what its reader puts between the bytes. A QR code is a token and stays as it is.
 */
export function normaliseCredential(factor: ValueFactor, value: string): string {
  if (factor === 'qr') return value.trim();
  return value.normalize('NFKC').toUpperCase().replaceAll(SEPARATORS, '');
}

/**
 * What a policy and the gate know of a credential: HMAC-SHA256 under the key of the agent, lower-case hex. Plates and
 * PINs are few enough to be tried out, so a digest without a key would hide nothing.
 */
export function credentialHmac(key: Uint8Array, factor: ValueFactor, value: string): string {
  return createHmac('sha256', key)
    .update(`${factor}:${normaliseCredential(factor, value)}`)
    .digest('hex');
}

/** What an edge puts into `authorization` to fetch a policy's body. */
export const POLICY_FETCH_SCHEME = 'Dipper-Policy';

/** Which body is asked for. */
export interface PolicyFetch {
  readonly estate: string;
  readonly agent: string;
  readonly version: number;
  readonly sha256: string;
}

/**
 * Proof that whoever asks for a policy's body has the agent's credential key, lower-case hex. It is good for that body
 * alone and for ever, so that no clock has to be right: who records it can ask for what he has seen already.
 */
export function policyFetchMac(key: Uint8Array, { estate, agent, version, sha256 }: PolicyFetch): string {
  return createHmac('sha256', key).update(`policy-fetch:${estate}/${agent}:${version}:${sha256}`).digest('hex');
}
