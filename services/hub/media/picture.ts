import { Readable } from 'node:stream';
import { DipperError, type ErrorCode } from '@dipper/contract/errors';
import { MediaHeader } from '@dipper/contract/uplink';
import { createValidator } from '@dipper/contract/validation';
import type { RawData, WebSocket } from 'ws';

/** A picture on its way from an edge. Its bytes pass through memory, a frame at a time, and are kept nowhere. */
export interface Picture {
  readonly mime: 'image/jpeg';
  readonly bytes: number;
  /** Whoever does not read it to its end destroys it: that closes the uplink. */
  readonly body: Readable;
}

/** From the opening of the uplink to its header: the edge has the picture on its disk. */
const HEADER_PATIENCE_MS = 10_000;
/** From the header to the last byte, however slow the reader: an uplink is not held open for someone who went away. */
const MAX_TRANSFER_MS = 60_000;
/** RFC 6455 §7.4.1 */
const NORMAL_CLOSURE = 1000;
const PROTOCOL_ERROR = 1002;

const REFUSALS = {
  expired: 'MEDIA_EXPIRED',
  erased: 'MEDIA_ERASED',
  unknown: 'MEDIA_UNKNOWN',
  corrupt: 'MEDIA_CORRUPT',
} as const satisfies Record<Exclude<MediaHeader['status'], 'available'>, ErrorCode>;

const Header = createValidator(MediaHeader);

/**
 * Reads a media uplink: one header, the picture's bytes, close.
 *
 * @param ref the picture that was asked for; an edge that sends another one is cut off
 * @returns once the header is there
 * @throws DipperError MEDIA_EXPIRED, MEDIA_ERASED, MEDIA_UNKNOWN, MEDIA_CORRUPT, MESSAGE_INVALID, AGENT_OFFLINE
 */
export function receivePicture(socket: WebSocket, ref: string): Promise<Picture> {
  const { promise, resolve, reject } = Promise.withResolvers<Picture>();
  let expected: number | undefined;
  let received = 0;
  const body = new Readable({
    read: () => socket.resume(),
    destroy(error, done) {
      clearTimeout(overdue);
      socket.close(error === null ? NORMAL_CLOSURE : PROTOCOL_ERROR);
      socket.resume(); // a paused socket would never see the other side's close
      done(error);
    },
  });
  const giveUp = (): void => void body.destroy(new DipperError('COMMAND_TIMEOUT'));
  let overdue = setTimeout(giveUp, HEADER_PATIENCE_MS);
  body.on('error', reject); // too late for the promise once it has resolved; the reader of the body hears it too
  body.on('close', () => reject(new DipperError('AGENT_OFFLINE')));

  const receive = (data: RawData, isBinary: boolean): void => {
    if (expected === undefined) {
      const header = Header.parse(isBinary ? undefined : JSON.parse(String(data)));
      if (header.ref !== ref) throw new DipperError('MESSAGE_INVALID', { message: 'another picture' });
      if (header.status !== 'available') throw new DipperError(REFUSALS[header.status]);
      if (header.mime === undefined || header.bytes === undefined) throw new DipperError('MESSAGE_INVALID');
      expected = header.bytes;
      clearTimeout(overdue);
      overdue = setTimeout(giveUp, MAX_TRANSFER_MS);
      resolve({ mime: header.mime, bytes: expected, body });
      return;
    }
    const chunk = data as Buffer;
    received += chunk.byteLength;
    if (!isBinary || received > expected) throw new DipperError('MESSAGE_INVALID', { message: 'more than announced' });
    if (!body.push(chunk)) socket.pause();
    if (received === expected) body.push(null);
  };
  socket.on('message', (data, isBinary) => {
    if (body.destroyed) return;
    try {
      receive(data, isBinary);
    } catch (error) {
      body.destroy(
        error instanceof SyntaxError ? new DipperError('MESSAGE_INVALID', { cause: error }) : toError(error),
      );
    }
  });
  socket.once('close', () => {
    if (received !== expected) body.destroy(new DipperError('AGENT_OFFLINE', { message: 'The uplink broke.' }));
  });
  return promise;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
