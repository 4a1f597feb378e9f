import { parentPort, workerData } from 'node:worker_threads';
import { type CameraClientOptions, createCameraClient } from './camera-client.ts';
import type { CallReply, CallRequest } from './conversation-messages.ts';
import { onvifErrorData } from './errors.ts';

/**
 * The thread in which one conversation runs. A reply crafted to be slow to parse blocks this thread and no other; its
 * owner ends it when the deadline has passed. Calls come one at a time.
 */
const port = parentPort;
if (port === null) throw new Error('conversation.worker.ts runs as a worker thread of conversation.ts');

const client = createCameraClient(workerData as CameraClientOptions);
let currentId = 0;

function answer(reply: CallReply): void {
  port?.postMessage(reply);
}

function run(request: CallRequest): Promise<unknown> {
  switch (request.call) {
    case 'clockOffset':
      return client.clockOffset();
    case 'information':
      return client.information();
    case 'profiles':
      return client.profiles();
    case 'streamUri':
      return client.streamUri(...request.args);
    case 'snapshotUri':
      return client.snapshotUri(...request.args);
  }
}

port.on('message', (request: CallRequest) => {
  currentId = request.id;
  run(request).then(
    (value) => answer({ id: request.id, value }),
    (error: unknown) => answer({ id: request.id, error: onvifErrorData(error) }),
  );
});

// `onvif` throws from inside its callbacks on replies it did not foresee; that is an answer to the call under way.
process.on('uncaughtException', (error) => answer({ id: currentId, error: onvifErrorData(error) }));
process.on('unhandledRejection', (error) => answer({ id: currentId, error: onvifErrorData(error) }));
