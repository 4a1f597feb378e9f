/** What happens on a WebSocket. After `onClose` nothing follows. */
export interface SocketHandlers {
  onOpen(): void;
  onText(text: string): void;
  onBytes(bytes: Uint8Array): void;
  onClose(end: { readonly code: number; readonly reason: string }): void;
}

export interface Socket {
  /** Sends text; before the socket has opened and after it has closed, nothing. */
  send(text: string): void;
  /** Idempotent; `onClose` follows at once, whether or not the other side answers. */
  close(): void;
}

/** Opens a WebSocket on a path of the hub that served the page. */
export type OpenSocket = (path: string, handlers: SocketHandlers) => Socket;

/** Close codes 4000 + HTTP status are the hub's, with a stable error code as the reason. */
const HUB_CLOSE_BASE = 4_000;

/** The error code that the hub closed a socket with; undefined where it gave none. */
export function closeReasonOf({
  code,
  reason,
}: {
  readonly code: number;
  readonly reason: string;
}): string | undefined {
  return code >= HUB_CLOSE_BASE && /^[A-Z][A-Z0-9_]{2,63}$/.test(reason) ? reason : undefined;
}
