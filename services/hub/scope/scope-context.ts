import { AsyncLocalStorage } from 'node:async_hooks';
import type { Scope } from './scope.ts';

/** Filled in by whoever has found out who asks; empty means: nothing may be seen. */
export interface ScopeHolder {
  scope: Scope | undefined;
}

const holders = new AsyncLocalStorage<ScopeHolder>();

/**
 * Runs a request, and whatever follows from it, with a holder of its scope. Scope is a matter of the services, not of
 * each route: a route that does not think of it shows nothing too much. That is why it travels beside the calls.
 */
export function runWithScope<T>(holder: ScopeHolder, run: () => T): T {
  return holders.run(holder, run);
}

/**
 * The scope of whoever asks.
 * @throws Error outside of a request that has been let in: a mistake in the program
 */
export function currentScope(): Scope {
  const scope = holders.getStore()?.scope;
  if (scope === undefined) throw new Error('services of people were asked outside of a request');
  return scope;
}
