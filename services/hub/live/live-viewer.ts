import type { WebSocket } from 'ws';
import { TRY_AGAIN_LATER } from '../plugins/web-socket-closing.ts';

/** One browser that watches. */
export type ViewerSocket = Pick<WebSocket, 'send' | 'close' | 'bufferedAmount'>;

/**
 * What may wait in the hub for one viewer: a group of pictures at 4 Mbit/s with room to spare. Who has more waiting
 * gets nothing until a key frame comes at which that has drained.
 */
export const MAX_BACKLOG_BYTES = 4 * 1024 * 1024;
/** What waits longest may have waited this long; that is how late the viewer sees it, and its line does not catch up. */
export const MAX_LATE_MS = 4_000;
/** Who fell behind before, and has not got a whole group since, is not let fall as far again. */
export const MAX_LATE_AGAIN_MS = 1_000;
/**
 * Less than this waiting, and a backlog counts as drained: an eighth of a second of a usual stream. What a viewer at 10 kB/s sees
 * next is of seconds ago, where it would otherwise always be seven minutes old.
 */
export const DRAINED_BYTES = 64 * 1024;

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

/** How long what leaves a socket now has waited for that. */
function createLateness(socket: ViewerSocket, now: () => number) {
  const waiting: { readonly endByte: number; readonly sentAtMs: number }[] = [];
  let sentBytes = 0;
  return {
    sent(bytes: number): void {
      sentBytes += bytes;
      waiting.push({ endByte: sentBytes, sentAtMs: now() });
    },
    ms(): number {
      const leftBytes = sentBytes - socket.bufferedAmount;
      while ((waiting[0]?.endByte ?? Number.POSITIVE_INFINITY) <= leftBytes) waiting.shift();
      return waiting[0] === undefined ? 0 : now() - waiting[0].sentAtMs;
    },
  };
}

/**
 * @param onSkipped told once for each time the viewer falls behind
 * @param now monotonic, ms
 */
export function createLiveViewer(
  socket: ViewerSocket,
  onSkipped: () => void,
  now = () => performance.now(),
): LiveViewer {
  // Pictures between key frames mean nothing to a decoder that has not seen the key frame before them.
  let awaitsKey = true;
  let isGone = false;
  let isDraining = false;
  let hasFallenBehind = false;
  const lateness = createLateness(socket, now);
  const isFull = (): boolean => socket.bufferedAmount > MAX_BACKLOG_BYTES;
  const isBehind = (): boolean => isFull() || lateness.ms() > (hasFallenBehind ? MAX_LATE_AGAIN_MS : MAX_LATE_MS);
  const skip = (): void => {
    if (!awaitsKey) onSkipped();
    awaitsKey = true;
    isDraining = hasFallenBehind = true;
  };
  const send = (frame: Uint8Array): void => {
    socket.send(frame, { binary: true });
    lateness.sent(frame.byteLength);
  };
  const startOver = (begin: () => void): void => {
    if (isGone) return;
    awaitsKey = true;
    isGone = isFull();
    if (isGone) socket.close(TRY_AGAIN_LATER, 'too far behind');
    else begin();
  };
  return {
    socket,
    header: (text) => startOver(() => socket.send(text)),
    init: (frame) => startOver(() => send(frame)),
    key(frame) {
      if (isGone) return;
      if (isDraining ? socket.bufferedAmount > DRAINED_BYTES : isBehind()) return skip();
      isDraining = false;
      if (!awaitsKey) hasFallenBehind = false;
      send(frame);
      awaitsKey = false;
    },
    delta(frame) {
      if (awaitsKey) return;
      if (isBehind()) return skip();
      send(frame);
    },
  };
}
