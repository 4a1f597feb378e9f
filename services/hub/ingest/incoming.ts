import type { ErrorCode } from '@dipper/contract/errors';

/** One MQTT message as it came. */
export interface Incoming {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Kept by the broker from before we subscribed: it tells a state, and is no sign of life. */
  readonly retained: boolean;
  readonly receivedAt: Date;
}

/** Something refused: what it hashes to and why, never what it says. */
export interface Refusal {
  readonly topic: string;
  /** Null where the topic names none. */
  readonly agent: string | null;
  readonly reason: ErrorCode;
  readonly sha256: Buffer;
  readonly bytes: number;
  readonly receivedAt: Date;
}
