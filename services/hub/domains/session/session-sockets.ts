import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { Principal } from '../../plugins/principal.ts';
import { closeWithCode } from '../../plugins/web-socket-closing.ts';
import type { SessionRepository } from './session.repository.ts';

/** How soon this copy of the hub notices that another one revoked a session, or that it expired. */
const CHECK_EVERY_MS = 2_000;

/** The WebSockets of each session: they live no longer than it does. */
export interface SessionSockets {
  /** Ties a socket to the session that opened it. */
  attach(principal: Principal, socket: WebSocket): void;
  /** Closes the sockets of a session with 4401 `NOT_SIGNED_IN`. */
  close(sessionId: string): void;
  /** Looks again and again which sessions are still alive, until aborted. */
  run(signal: AbortSignal): Promise<void>;
}

export function createSessionSockets(sessions: Pick<SessionRepository, 'filterLive'>, logger: Logger): SessionSockets {
  const sockets = new Map<string, Set<WebSocket>>();
  const close = (sessionId: string): void => {
    for (const socket of sockets.get(sessionId) ?? []) closeWithCode(socket, 'NOT_SIGNED_IN');
    sockets.delete(sessionId);
  };
  const check = async (): Promise<void> => {
    const open = [...sockets.keys()];
    if (open.length === 0) return;
    const live = await sessions.filterLive(open, new Date());
    for (const sessionId of open) if (!live.has(sessionId)) close(sessionId);
  };
  return {
    attach({ sessionId }, socket) {
      const own = sockets.get(sessionId) ?? new Set();
      sockets.set(sessionId, own.add(socket));
      socket.once('close', () => {
        own.delete(socket);
        if (own.size === 0 && sockets.get(sessionId) === own) sockets.delete(sessionId);
      });
    },
    close,
    async run(signal) {
      while (!signal.aborted) {
        await delay(CHECK_EVERY_MS, undefined, { signal }).catch(() => undefined);
        // While the database is away nobody can be shown to have lost a session; the next look makes up for it.
        await check().catch((error: unknown) => logger.warn({ err: error }, 'sessions could not be checked'));
      }
    },
  };
}
