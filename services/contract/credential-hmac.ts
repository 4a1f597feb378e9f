import { createHmac } from 'node:crypto';

/** What can be a credential with a value. A face is none: it is compared on the edge that has its template. */
export const VALUE_FACTORS = ['plate', 'card', 'qr', 'pin'] as const;
export type ValueFactor = (typeof VALUE_FACTORS)[number];

/** Key of an agent, 32 random bytes. */
export const CREDENTIAL_KEY_BYTES = 32;

/** As people and readers write between the parts of a plate or of a card's number. */
const SEPARATORS = /[\s·•・.:_-]/g;

/** What is left of a value without its separators; a QR code is a token and stays as it is. */
const FORMS: Readonly<Record<ValueFactor, RegExp>> = {
  plate: /^[\p{L}\p{N}]{5,12}$/u,
  card: /^[0-9A-Z]{4,32}$/,
  pin: /^[0-9]{4,12}$/,
  qr: /^[!-~]{16,2048}$/,
};

/**
 * The one form in which a value is compared, whoever wrote it: a plate without the dot and in capitals, a card's number
 * without what its reader puts between the bytes. Undefined for what cannot be a credential of this kind.
 */
export function normaliseCredential(factor: ValueFactor, value: string): string | undefined {
  const cleaned = factor === 'qr' ? value.trim() : value.normalize('NFKC').toUpperCase().replaceAll(SEPARATORS, '');
  return FORMS[factor].test(cleaned) ? cleaned : undefined;
}

/**
 * What a policy and the gate know of a credential: HMAC-SHA256 under the key of the agent, lower-case hex. Plates and
 * PINs are few enough to be tried out, so a digest without a key would hide nothing. Undefined as `normaliseCredential`.
 */
export function credentialHmac(key: Uint8Array, factor: ValueFactor, value: string): string | undefined {
  const normalised = normaliseCredential(factor, value);
  if (normalised === undefined) return undefined;
  return createHmac('sha256', key).update(`${factor}:${normalised}`).digest('hex');
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
