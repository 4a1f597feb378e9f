import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';

/** What an edge has from the signed command to the opening of its uplink. */
export const TICKET_LIFE_MS = 10_000;

export interface Ticket {
  /** 256 random bits; goes into the signed command, and comes back once. */
  readonly secret: string;
  /** Makes it worthless before its time. */
  revoke(): void;
}

/** Whoever waits for an uplink. Called as soon as the socket is open, before its first frame. */
export type UplinkAcceptor = (socket: WebSocket) => void;

export interface UplinkTickets {
  issue(accept: UplinkAcceptor): Ticket;
  /** Whoever waits behind a ticket; undefined for one that was never issued, is spent, revoked or too old. Spends it. */
  redeem(secret: string): UplinkAcceptor | undefined;
}

/**
 * One-time tickets for the WebSockets that edges open. They live in the memory of the hub copy that issued them,
 * because the signed command sends the edge to exactly this copy.
 */
export function createUplinkTickets(now: () => number = Date.now): UplinkTickets {
  const open = new Map<string, { readonly accept: UplinkAcceptor; readonly expiresAtMs: number }>();
  return {
    issue(accept) {
      // Whatever was never used goes when the next one is issued.
      for (const [secret, { expiresAtMs }] of open) if (expiresAtMs <= now()) open.delete(secret);
      const secret = randomBytes(32).toString('base64url');
      open.set(secret, { accept, expiresAtMs: now() + TICKET_LIFE_MS });
      return { secret, revoke: () => void open.delete(secret) };
    },
    redeem(secret) {
      const found = open.get(secret);
      open.delete(secret);
      return found !== undefined && found.expiresAtMs > now() ? found.accept : undefined;
    },
  };
}
