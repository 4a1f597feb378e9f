import { createHmac } from 'node:crypto';
import type { ErasureReason } from './events/face.ts';

export interface ErasureReceipt {
  readonly holder: string;
  readonly consent: string;
  readonly reason: ErasureReason;
  /** RFC 3339 */
  readonly at: string;
}

/**
 * Lower-case hex of the HMAC-SHA-256 with which an agent signs that it erased a template.
 * @param credentialKey 32 bytes, known to the agent and the hub alone
 */
export function erasureSignature(credentialKey: Uint8Array, agent: string, receipt: ErasureReceipt): string {
  const { holder, consent, reason, at } = receipt;
  const said = JSON.stringify(['face template erased', agent, holder, consent, reason, at]);
  return createHmac('sha256', credentialKey).update(said).digest('hex');
}
