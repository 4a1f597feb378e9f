import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { MemoryChange } from '../decision/access-memory.ts';
import type { Restored, StoreReply, StoreRequest, StoreWrite } from './store-messages.ts';

/** What decisions remember, on disk. */
export interface AccessStore {
  readonly restored: Restored;
  /** Writes behind: it will be there soon, and nobody waits for it. */
  note(write: StoreWrite): void;
  /** Resolves once it would survive a loss of power, with all that was noted before. Rejects when it could not be written. */
  flush(write: StoreWrite): Promise<void>;
  /** Writes what is under way and lets go of the file. */
  close(): Promise<void>;
}

const WORKER = fileURLToPath(new URL('./store.worker.ts', import.meta.url));

/** What of a decision's changes is kept on disk. */
export function storeWriteOf(changes: readonly MemoryChange[]): StoreWrite | undefined {
  const uses: (readonly [string, number])[] = [];
  const whereabouts: [string, { area: string | null; sinceMs: number } | undefined][] = [];
  let forgotten: StoreWrite['forgotten'];
  for (const change of changes) {
    if (change.kind === 'used') uses.push([change.permit, change.uses]);
    if (change.kind === 'moved') {
      whereabouts.push([change.holder, change.to && { area: change.to.area, sinceMs: change.to.sinceMs }]);
    }
    if (change.kind === 'forgot') forgotten = { area: change.area, untilMs: change.untilMs };
  }
  if (uses.length === 0 && whereabouts.length === 0 && forgotten === undefined) return undefined;
  return { uses, whereabouts, ...(forgotten === undefined ? {} : { forgotten }) };
}

/**
 * @param options.onError told of what could not be written behind; memory goes on without it
 * @throws Error when the file can neither be opened nor made
 */
export async function openAccessStore(options: {
  readonly path: string;
  readonly onError: (message: string) => void;
}): Promise<AccessStore> {
  const worker = new Worker(WORKER, { workerData: { path: options.path }, execArgv: [] });
  const waiting = new Map<number, PromiseWithResolvers<void>>();
  const opened = Promise.withResolvers<Restored>();
  let lastId = 0;
  let ended: Error | undefined;

  function end(error: Error): void {
    ended ??= error;
    opened.reject(ended);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  }
  worker.on('message', (reply: StoreReply) => {
    if (reply.kind === 'opened') opened.resolve(reply.restored);
    else if (reply.kind === 'failed') end(new Error(reply.message));
    else {
      const asked = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.error === undefined) asked?.resolve();
      else asked?.reject(new Error(reply.error));
    }
  });
  worker.on('error', (cause) => end(new Error('The thread that writes decisions down has failed.', { cause })));
  worker.on('exit', () => end(new Error('The thread that writes decisions down has ended.')));

  function ask(
    request: { readonly kind: 'close' } | Omit<Extract<StoreRequest, { kind: 'write' }>, 'id'>,
  ): Promise<void> {
    if (ended !== undefined) return Promise.reject(ended);
    lastId += 1;
    const asked = Promise.withResolvers<void>();
    waiting.set(lastId, asked);
    worker.postMessage({ ...request, id: lastId });
    return asked.promise;
  }

  const restored = await opened.promise.catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  return {
    restored,
    note(write) {
      ask({ kind: 'write', write, isFlushed: false }).catch((error: Error) => options.onError(error.message));
    },
    flush: (write) => ask({ kind: 'write', write, isFlushed: true }),
    async close() {
      await ask({ kind: 'close' }).catch(() => undefined);
      await worker.terminate();
    },
  };
}

/**
 * As `openAccessStore`; where the disk is of no use, a store that keeps nothing: residents get in all the same, and what is
 * limited in uses, which could be used for ever, does not.
 */
export async function openAccessStoreOrNone(options: Parameters<typeof openAccessStore>[0]): Promise<AccessStore> {
  try {
    return await openAccessStore(options);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    options.onError(problem);
    return {
      restored: { uses: [], whereabouts: [], policy: undefined, floorMs: undefined, movedCorruptTo: undefined },
      note: () => undefined,
      flush: () => Promise.reject(new Error(problem)),
      close: () => Promise.resolve(),
    };
  }
}
