import type { AccessFactor } from '@dipper/contract/access-factor';
import type { DenialReason, GrantReason } from '@dipper/contract/access-reasons';
import type { ValueFactor } from '@dipper/contract/credential-hmac';
import type { PassClaims } from '@dipper/contract/pass';
import type { MemoryChange } from './access-memory.ts';

/** Whose factor it is said to be, as far as a reader could tell. */
export type Identity =
  /** A value, as its HMAC under the credential key; undefined where nothing usable was read. */
  | { readonly kind: 'value'; readonly factor: ValueFactor; readonly hmac: string | undefined }
  /** A QR pass whose signature is good; undefined for one that is none. */
  | { readonly kind: 'pass'; readonly factor: 'qr'; readonly claims: PassClaims | undefined }
  /** Recognition's own word. */
  | { readonly kind: 'face'; readonly factor: 'face'; readonly holder: string }
  | { readonly kind: 'button'; readonly factor: 'button' };

/** One factor, offered at an access point. */
export interface Offer {
  readonly accessPoint: string;
  readonly identity: Identity;
  /** A new UUID; an offer that completes an earlier one goes on under that one's. */
  readonly correlation: string;
}

interface Judged {
  readonly correlation: string;
  readonly accessPoint: string;
  /** All that were offered under this correlation. */
  readonly factors: readonly AccessFactor[];
  readonly holder: string | undefined;
  readonly credentials: readonly string[];
  /** The credential that says its holder is being forced. */
  readonly duress: string | undefined;
  /** For the memory, to be applied before anything else is decided. */
  readonly changes: readonly MemoryChange[];
  /** An earlier request at this access point that this one puts an end to. */
  readonly supersedes: Denial | undefined;
}

export interface Grant extends Judged {
  readonly outcome: 'granted';
  readonly reason: GrantReason;
  readonly device: string;
  readonly permit: string | undefined;
  /** Uses are limited: the changes have to be on disk before the gate opens. */
  readonly mustFlush: boolean;
  /** How long somebody may go through. */
  readonly passageMs: number;
}

export interface Denial extends Judged {
  readonly outcome: 'denied';
  readonly reason: DenialReason;
}

/** Another factor is needed, until a certain time. */
export interface Waiting extends Judged {
  readonly outcome: 'waiting';
  readonly untilMs: number;
}

export type Decision = Grant | Denial | Waiting;
