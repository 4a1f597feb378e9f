import { parentPort } from 'node:worker_threads';
import { watchDevice } from './device-watch.ts';
import type { WatchMessage, WatchRequest } from './watch-messages.ts';

/** The thread in which all devices are watched: what one of them has to say never holds up pictures or commands. */
const port = parentPort;
if (port === null) throw new Error('device-watch.worker.ts runs as a worker thread of watch-thread.ts');

const watches = new Map<number, AbortController>();

function tell(message: WatchMessage): void {
  port?.postMessage(message);
}

port.on('message', (request: WatchRequest) => {
  const { id } = request;
  if (request.kind === 'leave') {
    watches.get(id)?.abort();
    return;
  }
  const owner = new AbortController();
  watches.set(id, owner);
  void watchDevice(request.device, (report) => tell({ kind: 'report', id, report }), owner.signal).finally(() => {
    watches.delete(id);
    tell({ kind: 'left', id });
  });
});
