import { describe, expect, it, vi } from 'vitest';
import { createUplinkTickets } from '../../../../../services/hub/uplink/uplink-tickets.ts';

describe('uplink tickets', () => {
  it('are unguessable and good once', () => {
    const tickets = createUplinkTickets();
    const accept = vi.fn();
    const ticket = tickets.issue(accept);
    expect(ticket.secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(tickets.redeem('x'.repeat(43))).toBeUndefined();
    expect(tickets.redeem(ticket.secret)).toBe(accept);
    expect(tickets.redeem(ticket.secret)).toBeUndefined();
  });

  it('are good for ten seconds, and not once revoked', () => {
    let now = 0;
    const tickets = createUplinkTickets(() => now);
    const [early, late, revoked] = [tickets.issue(vi.fn()), tickets.issue(vi.fn()), tickets.issue(vi.fn())];
    revoked.revoke();
    expect(tickets.redeem(revoked.secret)).toBeUndefined();
    now = 9_999;
    expect(tickets.redeem(early.secret)).toBeDefined();
    now = 10_000;
    expect(tickets.redeem(late.secret)).toBeUndefined();
  });
});
