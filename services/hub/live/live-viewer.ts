import type { WebSocket } from 'ws';
import { TRY_AGAIN_LATER } from '../plugins/web-socket-closing.ts';

/** One browser that watches. */
export type ViewerSocket = Pick<WebSocket, 'send' | 'close' | 'bufferedAmount'>;

/**
 * What may wait in the hub for one viewer: a group of pictures at 4 Mbit/s with room to spare. Who has more waiting
 * gets nothing until a key frame comes at which that has drained.
 */
export const MAX_BACKLOG_BYTES = 4 * 1024 * 1024;
/**
 * Less than this waiting, and a backlog counts as drained: half a second of a usual stream. What a viewer at 10 kB/s sees next
 * is then of now, where it would otherwise always be seven minutes old.
 */
export const DRAINED_BYTES = 256 * 1024;

/**
 * Passes frames on at a viewer's own pace: whole groups of pictures, or nothing until the next one. Header and init
 * segment cannot be left out, so a viewer who is behind when they come is hung up on, and may begin anew.
 */
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
  let isGone = false;
  let isDraining = false;
  const isBehind = (): boolean => socket.bufferedAmount > MAX_BACKLOG_BYTES;
  const skip = (): void => {
    if (!awaitsKey) onSkipped();
    awaitsKey = true;
    isDraining = true;
  };
  const startOver = (send: () => void): void => {
    if (isGone) return;
    awaitsKey = true;
    isGone = isBehind();
    if (isGone) socket.close(TRY_AGAIN_LATER, 'too far behind');
    else send();
  };
  return {
    socket,
    header: (text) => startOver(() => socket.send(text)),
    init: (frame) => startOver(() => socket.send(frame, { binary: true })),
    key(frame) {
      if (isGone) return;
      if (isDraining ? socket.bufferedAmount > DRAINED_BYTES : isBehind()) return skip();
      isDraining = false;
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
