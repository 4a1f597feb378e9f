import type { OpenSocket, SocketHandlers } from '../../../services/console/api/socket.ts';

export interface FakeSocket {
  readonly path: string;
  readonly isClosed: boolean;
  /** What the page has sent. */
  readonly heard: readonly unknown[];
  /** The hub's side. */
  open(): void;
  say(message: unknown): void;
  send(bytes: Uint8Array): void;
  end(code?: number, reason?: string): void;
}

/** Sockets whose other side is a test. */
export function createFakeSockets(): {
  readonly openSocket: OpenSocket;
  readonly all: FakeSocket[];
  last(): FakeSocket;
} {
  const all: FakeSocket[] = [];
  const openSocket: OpenSocket = (path, handlers: SocketHandlers) => {
    let isClosed = false;
    const heard: unknown[] = [];
    const end = (code: number, reason: string): void => {
      if (isClosed) return;
      isClosed = true;
      handlers.onClose({ code, reason });
    };
    all.push({
      path,
      heard,
      get isClosed() {
        return isClosed;
      },
      open: handlers.onOpen,
      say: (message) => handlers.onText(JSON.stringify(message)),
      send: handlers.onBytes,
      end: (code = 1006, reason = '') => end(code, reason),
    });
    return { send: (text) => heard.push(JSON.parse(text)), close: () => end(1006, '') };
  };
  return {
    openSocket,
    all,
    last() {
      const socket = all.at(-1);
      if (socket === undefined) throw new Error('no socket has been opened');
      return socket;
    },
  };
}
