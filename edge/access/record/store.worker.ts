import { parentPort, workerData } from 'node:worker_threads';
import { openStoreFile, type StoreFile } from './store-file.ts';
import type { StoreReply, StoreRequest } from './store-messages.ts';

/** The one thread that touches the disk for decisions: the loop that opens doors never waits for it, unless it has to. */
const port = parentPort;
if (port === null) throw new Error('store.worker.ts is a thread of the gate process');
const tell = (reply: StoreReply): void => port.postMessage(reply);
const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

let file: StoreFile | undefined;
try {
  file = openStoreFile((workerData as { path: string }).path, Date.now());
  tell({ kind: 'opened', restored: file.restored });
} catch (error) {
  tell({ kind: 'failed', message: reason(error) });
}

port.on('message', (request: StoreRequest) => {
  if (request.kind === 'close') {
    file?.close();
    tell({ kind: 'done', id: request.id });
    port.close();
    return;
  }
  try {
    file?.write(request.write, request.isFlushed);
    tell({ kind: 'done', id: request.id });
  } catch (error) {
    tell({ kind: 'done', id: request.id, error: reason(error) });
  }
});
