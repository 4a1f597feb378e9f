import type { OpenSocket } from './socket.ts';

/** RFC 6455 §7.4.1: no close frame came. */
const ABNORMAL_CLOSURE = 1_006;

/**
 * WebSockets of the browser. A dead network never answers a closing handshake (RFC 6455 §7.1.1), so closing does not
 * wait for one.
 */
export const openBrowserSocket: OpenSocket = (path, handlers) => {
  const socket = new WebSocket(new URL(path, location.origin.replace(/^http/, 'ws')));
  socket.binaryType = 'arraybuffer';
  let closed = false;
  const end = (code: number, reason: string): void => {
    if (closed) return;
    closed = true;
    handlers.onClose({ code, reason });
  };
  socket.onopen = () => {
    if (!closed) handlers.onOpen();
  };
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (closed) return;
    if (typeof data === 'string') handlers.onText(data);
    else handlers.onBytes(new Uint8Array(data));
  };
  socket.onclose = ({ code, reason }) => end(code, reason);
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close() {
      socket.close();
      end(ABNORMAL_CLOSURE, '');
    },
  };
};
