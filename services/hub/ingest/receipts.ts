import { RECEIPT_TYPE, type ReceiptClaims, type ReceiptMessage } from '@dipper/contract/receipts';
import { CompactSign, type CryptoKey } from 'jose';
import type { Stored } from './event-store.ts';

/** The contract's limit of ranges in one receipt. */
const MAX_RANGES = 1_000;

/** Signs receipts for what has been committed, as many as the contract's limit makes necessary. */
export async function signReceipts(key: CryptoKey, stored: Stored, now: Date): Promise<ReceiptMessage[]> {
  const receipts: ReceiptMessage[] = [];
  for (let from = 0; from < stored.ranges.length; from += MAX_RANGES) {
    const claims: ReceiptClaims = {
      estate: stored.address.estate,
      agent: stored.address.agent,
      epoch: stored.epoch,
      ranges: stored.ranges.slice(from, from + MAX_RANGES).map(([first, last]) => [first, last]),
      issuedAt: now.toISOString(),
    };
    const receipt = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'EdDSA', typ: RECEIPT_TYPE })
      .sign(key);
    receipts.push({ receipt });
  }
  return receipts;
}
