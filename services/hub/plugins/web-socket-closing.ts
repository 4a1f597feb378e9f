import { ERROR_CODES, type ErrorCode } from '@dipper/contract/errors';
import type { WebSocket } from 'ws';

/** RFC 6455 §7.4.1: the hub stops. */
export const GOING_AWAY = 1001;
/** Registered with IANA by RFC 6455 §11.7: try again later. */
export const TRY_AGAIN_LATER = 1013;

/** RFC 6455 §7.4.2 leaves 4000–4999 to applications; ours add the HTTP status of the error that the reason names. */
const PRIVATE_CLOSE_BASE = 4000;

/** Ends a WebSocket with close code 4000 + HTTP status, the stable error code being the reason, e.g. 4503 `AGENT_OFFLINE`. */
export function closeWithCode(socket: Pick<WebSocket, 'close'>, code: ErrorCode): void {
  socket.close(PRIVATE_CLOSE_BASE + ERROR_CODES[code].status, code);
}
