/**
 * PostgreSQL's frontend/backend protocol, version 3.0, as far as a multiplexer has to understand it: where messages
 * begin and end, and the few messages it answers itself. (PostgreSQL 17 documentation, chapter 53.)
 */

/** A message larger than this is refused; PostgreSQL itself allows 1 GiB, our own statements stay below 1 MiB. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
/** PostgreSQL's MAX_STARTUP_PACKET_LENGTH. */
const MAX_STARTUP_BYTES = 10_000;

export const CANCEL_REQUEST = 80_877_102;
export const SSL_REQUEST = 80_877_103;
export const GSS_ENCRYPTION_REQUEST = 80_877_104;
export const PROTOCOL_MAJOR = 3;

/** The peer broke the protocol in a way that leaves no way to find the next message. */
export class WireProtocolError extends Error {
  readonly code = 'WIRE_PROTOCOL_BROKEN';
}

/** A message as it came, its header included. */
export interface Frame {
  /** ASCII of the type byte; empty for the untyped messages of the start-up. */
  readonly type: string;
  readonly bytes: Buffer;
}

/** Cuts a byte stream into messages without copying what is buffered more than once per message. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private bufferedBytes = 0;

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.bufferedBytes += chunk.byteLength;
  }

  /** The next message without a type byte, as at the start; undefined until it is complete. @throws WireProtocolError */
  nextStartup(): Frame | undefined {
    const length = this.peekUint32(0);
    if (length === undefined) return undefined;
    if (length < 8 || length > MAX_STARTUP_BYTES) throw new WireProtocolError(`start-up message of ${length} bytes`);
    return this.take('', length);
  }

  /** The next typed message; undefined until it is complete. @throws WireProtocolError */
  next(): Frame | undefined {
    const length = this.peekUint32(1);
    if (length === undefined) return undefined;
    if (length < 4 || length > MAX_MESSAGE_BYTES) throw new WireProtocolError(`message of ${length} bytes`);
    const type = String.fromCharCode(this.peek(1)?.[0] ?? 0);
    return this.take(type, length + 1);
  }

  private peekUint32(offset: number): number | undefined {
    return this.peek(offset + 4)?.readUInt32BE(offset);
  }

  /** At least so many bytes in one piece, joined only when they are scattered. */
  private peek(bytes: number): Buffer | undefined {
    if (this.bufferedBytes < bytes) return undefined;
    const first = this.chunks[0];
    if (first !== undefined && first.byteLength >= bytes) return first;
    const joined = Buffer.concat(this.chunks);
    this.chunks = [joined];
    return joined;
  }

  private take(type: string, bytes: number): Frame | undefined {
    const buffer = this.bufferedBytes < bytes ? undefined : this.peek(bytes);
    if (buffer === undefined) return undefined;
    const rest = buffer.subarray(bytes);
    if (rest.byteLength === 0) this.chunks.shift();
    else this.chunks[0] = rest;
    this.bufferedBytes -= bytes;
    return { type, bytes: buffer.subarray(0, bytes) };
  }
}

/** A message of the given type around a body. */
export function message(type: string, ...parts: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)));
  const header = Buffer.alloc(5);
  header.write(type, 0, 'latin1');
  header.writeUInt32BE(body.byteLength + 4, 1);
  return Buffer.concat([header, body]);
}

/** A 32-bit integer in network order. */
export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** ErrorResponse (53.8). `code` is an SQLSTATE. */
export function errorResponse(severity: 'ERROR' | 'FATAL', code: string, text: string): Buffer {
  return message('E', `S${severity}`, `V${severity}`, `C${code}`, `M${text}`, Buffer.from([0]));
}

export const AUTHENTICATION_OK = message('R', int32(0));
export const AUTHENTICATION_CLEARTEXT = message('R', int32(3));
export const READY_IDLE = message('Z', Buffer.from('I'));
/** NegotiateProtocolVersion: the newest minor version we speak is 0, and no option was refused. */
export const NEGOTIATE_3_0 = message('v', int32(0), int32(0));

/** 'I' outside a transaction, 'T' inside one, 'E' inside a failed one. */
export type TransactionStatus = 'I' | 'T' | 'E';

/** What the last ReadyForQuery in an answer says; undefined when the server is still waiting for more. */
export function transactionStatusOf(answer: Buffer): TransactionStatus | undefined {
  let status: TransactionStatus | undefined;
  for (let offset = 0; offset + 5 <= answer.byteLength; ) {
    const length = answer.readUInt32BE(offset + 1);
    if (answer[offset] === 0x5a) status = String.fromCharCode(answer[offset + 5] ?? 0) as TransactionStatus;
    offset += 1 + length;
  }
  return status;
}
