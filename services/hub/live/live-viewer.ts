import type { WebSocket } from 'ws';

/** One browser that watches. */
export type ViewerSocket = Pick<WebSocket, 'send' | 'close' | 'bufferedAmount'>;

/**
 * What may wait in the hub for one viewer: a group of pictures at 4 Mbit/s with room to spare. Who has more waiting
 * gets nothing until a key frame comes at which the backlog has drained.
 */
export const MAX_BACKLOG_BYTES = 4 * 1024 * 1024;

/** Passes frames on at a viewer's own pace: whole groups of pictures, or nothing until the next one. */
export interface LiveViewer {
  readonly socket: ViewerSocket;
  header(text: string): void;
  init(frame: Uint8Array): void;
  key(frame: Uint8Array): void;
  delta(frame: Uint8Array): void;
}

/** @param onSkipped told once for each time the viewer falls behind */
export function createLiveViewer(socket: ViewerSocket, onSkipped: () => void): LiveViewer {
  // Pictures between key frames mean nothing to a decoder that has not seen the key frame before them.
  let awaitsKey = true;
  const isBehind = (): boolean => socket.bufferedAmount > MAX_BACKLOG_BYTES;
  const skip = (): void => {
    if (!awaitsKey) onSkipped();
    awaitsKey = true;
  };
  return {
    socket,
    header(text) {
      socket.send(text);
      awaitsKey = true;
    },
    init(frame) {
      socket.send(frame, { binary: true });
      awaitsKey = true;
    },
    key(frame) {
      if (isBehind()) return skip();
      socket.send(frame, { binary: true });
      awaitsKey = false;
    },
    delta(frame) {
      if (awaitsKey) return;
      if (isBehind()) return skip();
      socket.send(frame, { binary: true });
    },
  };
}
