import { type Static, Type } from 'typebox';
import { Sequence, Slug, Timestamp, Uuid } from './identifiers.ts';

/** `typ` in the protected header: a signature made for one purpose is none for another (RFC 8725 §3.11). */
export const RECEIPT_TYPE = 'dipper-receipt+jws';

/** A JWS in compact form (RFC 7515 §7.1), EdDSA with Ed25519 (RFC 8037). */
export const CompactJws = Type.String({
  pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$',
  maxLength: 65_536,
});

/** First and last sequence, both included. */
export const SequenceRange = Type.Tuple([Sequence, Sequence]);
export type SequenceRange = Static<typeof SequenceRange>;

/**
 * What a receipt's signature covers: these sequences of this epoch are committed to the database, or dead letters that
 * are. Receipts are not retained: to an agent whose status says that events wait, the hub repeats them for its recent
 * epochs.
 */
export const ReceiptClaims = Type.Object(
  {
    estate: Slug,
    agent: Slug,
    epoch: Uuid,
    ranges: Type.Array(SequenceRange, { minItems: 1, maxItems: 1000 }),
    issuedAt: Timestamp,
  },
  { additionalProperties: false },
);
export type ReceiptClaims = Static<typeof ReceiptClaims>;

export const ReceiptMessage = Type.Object({ receipt: CompactJws }, { additionalProperties: false });
export type ReceiptMessage = Static<typeof ReceiptMessage>;
