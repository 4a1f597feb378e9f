import { setTimeout as delay } from 'node:timers/promises';
import type { ErrorCode } from '@dipper/contract/errors';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { Principal } from '../../plugins/principal.ts';
import { closeWithCode, TRY_AGAIN_LATER } from '../../plugins/web-socket-closing.ts';
import type { Scope } from '../../scope/scope.ts';

/** How soon this copy of the hub notices what another one has changed, or that a time is over. */
const CHECK_EVERY_MS = 2_000;

/** The WebSockets of sessions and tokens: they live no longer than these, nor longer than what these may stays the same. */
export interface SessionSockets {
  /**
   * Ties a socket to the session or token that opened it.
   * @param changed how it is told that its account may other things now: close code 1013 without one
   */
  attach(principal: Principal, socket: WebSocket, changed?: ErrorCode): void;
  /** Closes the sockets of a session with 4401 `NOT_SIGNED_IN`. */
  close(sessionId: string): void;
  /** Looks at once who may still listen. */
  check(): Promise<void>;
  /** Looks again and again, until aborted. */
  run(signal: AbortSignal): Promise<void>;
}

interface AttachedSocket {
  readonly socket: WebSocket;
  /** What its account might when it was opened. */
  readonly rights: string;
  readonly changed: ErrorCode | undefined;
}

/** @param findAlive those of these sessions and tokens that are alive, with what they may now */
export function createSessionSockets(
  findAlive: (ids: readonly string[]) => Promise<readonly Principal[]>,
  logger: Logger,
): SessionSockets {
  const attached = new Map<string, Set<AttachedSocket>>();
  const close = (sessionId: string): void => {
    for (const { socket } of attached.get(sessionId) ?? []) closeWithCode(socket, 'NOT_SIGNED_IN');
    attached.delete(sessionId);
  };
  const check = async (): Promise<void> => {
    const open = [...attached.keys()];
    if (open.length === 0) return;
    const alive = new Map((await findAlive(open)).map((principal) => [principal.sessionId, principal]));
    for (const sessionId of open) {
      const principal = alive.get(sessionId);
      if (principal === undefined) close(sessionId);
      else closeChanged(attached.get(sessionId) ?? [], rightsOf(principal));
    }
  };
  return {
    attach(principal, socket, changed) {
      const { sessionId } = principal;
      const own = attached.get(sessionId) ?? new Set();
      const entry = { socket, rights: rightsOf(principal), changed };
      attached.set(sessionId, own.add(entry));
      socket.once('close', () => {
        own.delete(entry);
        if (own.size === 0 && attached.get(sessionId) === own) attached.delete(sessionId);
      });
    },
    close,
    check,
    async run(signal) {
      while (!signal.aborted) {
        await delay(CHECK_EVERY_MS, undefined, { signal }).catch(() => undefined);
        // While the database is away nobody can be shown to have lost a session; the next look makes up for it.
        await check().catch((error: unknown) => logger.warn({ err: error }, 'sessions could not be checked'));
      }
    },
  };
}

function closeChanged(sockets: Iterable<AttachedSocket>, now: string): void {
  for (const { socket, rights, changed } of sockets) {
    if (rights === now) continue;
    if (changed === undefined) socket.close(TRY_AGAIN_LATER, 'the account may other things now');
    else closeWithCode(socket, changed);
  }
}

/** What somebody may, as text: the same for the same rights. */
function rightsOf({ roles, scope, mustEnrol }: Principal): string {
  return JSON.stringify([[...roles].sort(), sorted(scope), mustEnrol === true]);
}

function sorted(scope: Scope): unknown {
  if (scope === 'everywhere') return scope;
  return [scope.estates, scope.grids, scope.places].map((ids) => [...ids].sort());
}
