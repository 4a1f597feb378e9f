import type { MediaHeader } from '@dipper/contract/uplink';
import { WebSocket } from 'ws';
import { LinkError } from './errors.ts';

/** A signed command's invitation: where to dial, and the one-time ticket to show there. */
export interface Invitation {
  readonly uplinkUrl: string;
  readonly ticket: string;
  /** PEM of the authority that vouches for the hub, by configuration and never by command. */
  readonly ca?: string;
}

const OPEN_PATIENCE_MS = 5_000;
const CLOSE_PATIENCE_MS = 5_000;
/** A hub that answers no ping between two of them is gone, though its socket may not know. */
const PING_EVERY_MS = 10_000;
/** On most uplinks the hub says nothing, on that of a playback how far it wants to see; whatever it sends is small. */
const MAX_INBOUND_BYTES = 1_024;

/**
 * Dials the hub copy that asked. The edge listens on nothing: this is the only way a picture leaves it.
 * @throws LinkError UPLINK_REFUSED: not reachable in five seconds, or the ticket is not accepted
 */
export function openUplink({ uplinkUrl, ticket, ca }: Invitation, signal: AbortSignal): Promise<WebSocket> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(uplinkUrl, {
      headers: { authorization: `Bearer ${ticket}` },
      handshakeTimeout: OPEN_PATIENCE_MS,
      followRedirects: false,
      perMessageDeflate: false,
      maxPayload: MAX_INBOUND_BYTES,
      ...(ca !== undefined && { ca }),
    });
    const abort = (): void => socket.terminate();
    signal.addEventListener('abort', abort, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', abort));
    socket.once('open', () => resolve(socket));
    // Stays for the socket's life: an error is always followed by `close`, which is what everybody waits for.
    socket.on('error', (cause) => {
      reject(new LinkError('UPLINK_REFUSED', `The hub did not take the uplink: ${cause.message}`, { cause }));
    });
  });
}

/** Takes leave and waits until the other side has, but not for ever. */
export async function closeUplink(socket: WebSocket, code = 1000): Promise<void> {
  if (socket.readyState === socket.CLOSED) return;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.close(code);
  const timer = setTimeout(() => socket.terminate(), CLOSE_PATIENCE_MS);
  await closed;
  clearTimeout(timer);
}

/**
 * Sends one picture, or says why there is none: header, bytes, close.
 * @throws LinkError UPLINK_REFUSED
 */
export async function sendMedia(
  invitation: Invitation,
  header: MediaHeader,
  picture: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<void> {
  const socket = await openUplink(invitation, signal);
  socket.send(JSON.stringify(header));
  if (picture !== undefined) socket.send(picture);
  await closeUplink(socket);
}

/** Cuts off a hub that answers no ping. @returns what ends the watch */
export function keepAlive(socket: WebSocket): () => void {
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  const timer = setInterval(() => {
    if (!isAlive) socket.terminate();
    isAlive = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, PING_EVERY_MS);
  return () => clearInterval(timer);
}
