import { type ErrorCode, isDipperError } from '@dipper/contract/errors';
import { RECEIPT_TYPE, ReceiptClaims, type SequenceRange } from '@dipper/contract/receipts';
import { parsePayload } from '@dipper/contract/topics';
import { createValidator } from '@dipper/contract/validation';
import type { Logger } from 'pino';
import type { Origin } from './event-body.ts';
import type { HubKeys } from './hub-keys.ts';
import type { Outbox } from './outbox.ts';

export interface AcceptedReceipt {
  readonly epoch: string;
  readonly ranges: readonly SequenceRange[];
  /** By the hub's clock, milliseconds since 1970. */
  readonly issuedAtMs: number;
  /** How many events it settled; a receipt may repeat what earlier ones said. */
  readonly settled: number;
}

export type ReceiptRefusal = ErrorCode | 'RECEIPT_MISDIRECTED' | 'RECEIPT_EPOCH_UNKNOWN' | 'RECEIPT_NEVER_SENT';

export interface ReceiptFigures {
  readonly accepted: number;
  /** Counted by reason; none of these deleted anything. */
  readonly refused: Readonly<Partial<Record<ReceiptRefusal, number>>>;
}

export interface ReceiptReader {
  /** Reads one message of the receipts topic; undefined for one that is not believed. Never rejects for what it says. */
  read(payload: Uint8Array): Promise<AcceptedReceipt | undefined>;
  figures(): ReceiptFigures;
}

export interface ReceiptReaderOptions {
  readonly origin: Origin;
  readonly keys: HubKeys;
  readonly outbox: Outbox;
  readonly log: Logger;
}

const Claims = createValidator(ReceiptClaims);

/**
 * Believes a receipt only when the pinned key signed it as a receipt, for this agent, for an epoch the outbox knows and
 * for sequences that were really sent. A broker that has been taken over can delay receipts but not make the edge
 * forget an event.
 */
export function createReceiptReader({ origin, keys, outbox, log }: ReceiptReaderOptions): ReceiptReader {
  let accepted = 0;
  const refused: Partial<Record<ReceiptRefusal, number>> = {};
  const refuse = (reason: ReceiptRefusal, detail: object): undefined => {
    refused[reason] = (refused[reason] ?? 0) + 1;
    log.warn({ reason, ...detail }, 'receipt refused');
  };

  return {
    async read(payload) {
      let claims: ReceiptClaims;
      try {
        const { receipt } = parsePayload('receipts', payload);
        claims = Claims.parse(await keys.open(receipt, RECEIPT_TYPE));
      } catch (error) {
        if (!isDipperError(error)) throw error;
        return refuse(error.code, { detail: error.message });
      }
      const { epoch, ranges } = claims;
      if (claims.estate !== origin.estate || claims.agent !== origin.agent) {
        return refuse('RECEIPT_MISDIRECTED', { estate: claims.estate, agent: claims.agent });
      }
      const outcome = outbox.applyReceipt(epoch, ranges);
      if (!outcome.accepted) {
        return refuse(outcome.reason === 'epoch-unknown' ? 'RECEIPT_EPOCH_UNKNOWN' : 'RECEIPT_NEVER_SENT', {
          epoch,
          ranges: ranges.slice(0, 8),
        });
      }
      accepted += 1;
      return { epoch, ranges, issuedAtMs: Date.parse(claims.issuedAt), settled: outcome.settled };
    },
    figures: () => ({ accepted, refused: { ...refused } }),
  };
}
