import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Which request the present call chain serves. Bound to the call chain rather than passed along: a command that is sent
 * five calls below a route is logged under the id that its answer names, without every function in between knowing.
 */
const current = new AsyncLocalStorage<string>();

/** Calls back; whatever that starts, and logs, belongs to the request. */
export function withinRequest(requestId: string, callback: () => void): void {
  current.run(requestId, callback);
}

/** For pino's `mixin`: every line that is logged on behalf of a request names it. */
export function requestMixin(): { requestId?: string } {
  const requestId = current.getStore();
  return requestId === undefined ? {} : { requestId };
}
