import { setTimeout as delay } from 'node:timers/promises';
import type { CommandAction } from '@dipper/contract/commands';
import { DipperError } from '@dipper/contract/errors';
import type { TopicAddress } from '@dipper/contract/topics';
import type { CommandSender } from '../commands/command-sender.ts';
import { TICKET_LIFE_MS, type UplinkAcceptor, type UplinkTickets } from './uplink-tickets.ts';

/** Where the edge shall dial in, and with what. */
export interface UplinkAddress {
  readonly uplinkUrl: string;
  readonly ticket: string;
}

/**
 * Has an edge open an uplink for one purpose.
 *
 * @param accept called with the socket as soon as it is open
 * @returns once the socket was handed over
 * @throws DipperError AGENT_OFFLINE, COMMAND_TIMEOUT, or the code with which the edge refused
 */
export type UplinkOpener = (
  agent: TopicAddress,
  action: (address: UplinkAddress) => CommandAction,
  accept: UplinkAcceptor,
  signal: AbortSignal,
) => Promise<void>;

export interface UplinkOpenerOptions {
  readonly tickets: UplinkTickets;
  readonly sendCommand: CommandSender;
  /** Where edges reach this copy of the hub, e.g. `wss://hub-2.example.cn/edge/v1/uplink`; known once it listens. */
  readonly uplinkUrl: () => string;
}

export function createUplinkOpener({ tickets, sendCommand, uplinkUrl }: UplinkOpenerOptions): UplinkOpener {
  return async (agent, action, accept, signal) => {
    const settled = new AbortController();
    const either = AbortSignal.any([signal, settled.signal]);
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    const ticket = tickets.issue((socket) => {
      accept(socket);
      arrive();
    });
    // The edge says whether it will; only the socket shows that it does.
    const refused = sendCommand(agent, action({ uplinkUrl: uplinkUrl(), ticket: ticket.secret }), either).then(() =>
      forever(either),
    );
    const late = delay(TICKET_LIFE_MS, undefined, { signal: either }).then(() => {
      throw new DipperError('COMMAND_TIMEOUT');
    });
    try {
      await Promise.race([arrived, refused, late]);
    } finally {
      ticket.revoke();
      settled.abort();
      await Promise.allSettled([refused, late]);
    }
  };
}

function forever(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
