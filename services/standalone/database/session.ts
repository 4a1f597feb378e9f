import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Turns } from './turn.ts';
import {
  AUTHENTICATION_CLEARTEXT,
  AUTHENTICATION_OK,
  CANCEL_REQUEST,
  errorResponse,
  type Frame,
  FrameReader,
  GSS_ENCRYPTION_REQUEST,
  int32,
  message,
  NEGOTIATE_3_0,
  PROTOCOL_MAJOR,
  READY_IDLE,
  SSL_REQUEST,
  transactionStatusOf,
  WireProtocolError,
} from './wire-message.ts';

/** The one database session underneath: takes whole protocol messages, gives the bytes of the answer. */
export type Execute = (messages: Buffer) => Promise<Buffer>;

export interface SessionOptions {
  readonly execute: Execute;
  readonly turns: Turns;
  /** Undefined: whoever reaches the port is let in. */
  readonly password: string | undefined;
  /** Reported to the client at the start (ParameterStatus). */
  readonly parameters: Readonly<Record<string, string>>;
  /** A client that leaves a transaction open this long without a word loses it: everybody else is waiting. */
  readonly idleInTransactionMs: number;
  readonly startupTimeoutMs: number;
}

/** Parse, Bind, Describe, Execute, Close, Flush, Sync, Query: anything else ends PostgreSQL, here the whole process. */
const FORWARDED = new Set(['P', 'B', 'D', 'E', 'C', 'H', 'S', 'Q']);
/** After these the server answers; what comes before them waits so that one turn carries it all. */
const ANSWERED = new Set(['H', 'S', 'Q']);
/** PGlite aborts when it wants to read from a client in the middle of a statement. */
const COPY_FROM_CLIENT = /\bcopy\b[^;]*\bfrom\s+stdin\b/i;

/**
 * Serves one client until it goes away. A client has the database to itself from the first message of a transaction
 * to its end; between transactions the others have their turn. Whatever way the client leaves, its transaction is
 * rolled back and its turn ends.
 */
export async function serveSession(socket: Socket, options: SessionOptions): Promise<void> {
  const session = new Session(socket, options);
  try {
    await session.run();
  } catch (error) {
    if (!(error instanceof WireProtocolError)) throw error;
    socket.write(errorResponse('FATAL', '08P01', error.message));
  } finally {
    await session.leave();
    socket.end();
    socket.destroySoon();
  }
}

class Session {
  private readonly socket: Socket;
  private readonly options: SessionOptions;
  private readonly reader = new FrameReader();
  private stage: 'startup' | 'password' | 'ready' = 'startup';
  private pending: Buffer[] = [];
  private endTurn: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, options: SessionOptions) {
    this.socket = socket;
    this.options = options;
  }

  async run(): Promise<void> {
    this.expireAfter(this.options.startupTimeoutMs, '57014', 'no start-up message in time');
    try {
      for await (const chunk of this.socket.iterator({ destroyOnReturn: false })) {
        this.reader.push(chunk as Buffer);
        if (!(await this.handleBuffered())) return;
      }
    } catch (error) {
      if (error instanceof WireProtocolError) throw error;
      // The connection broke or was closed by a timer: nothing is left to tell the client.
      if (!this.socket.destroyed) throw error;
    }
  }

  /** Ends the client's transaction and turn. */
  async leave(): Promise<void> {
    clearTimeout(this.timer);
    const endTurn = this.endTurn;
    this.endTurn = undefined;
    if (endTurn === undefined) return;
    try {
      await this.options.execute(Buffer.concat([message('S'), message('Q', 'ROLLBACK')]));
    } finally {
      endTurn();
    }
  }

  /** Whether to go on reading. */
  private async handleBuffered(): Promise<boolean> {
    for (;;) {
      const frame = this.stage === 'startup' ? this.reader.nextStartup() : this.reader.next();
      if (frame === undefined) return true;
      const goesOn =
        this.stage === 'startup'
          ? this.handleStartup(frame)
          : this.stage === 'password'
            ? this.handlePassword(frame)
            : await this.handleMessage(frame);
      if (!goesOn || this.socket.destroyed) return false;
    }
  }

  private handleStartup(frame: Frame): boolean {
    const code = frame.bytes.readUInt32BE(4);
    if (code === SSL_REQUEST || code === GSS_ENCRYPTION_REQUEST) {
      this.socket.write('N');
      return true;
    }
    // A statement cannot be interrupted here: it runs on the only thread. The protocol expects no answer (53.2.8).
    if (code === CANCEL_REQUEST) return false;
    if (code >>> 16 !== PROTOCOL_MAJOR) throw new WireProtocolError(`unsupported protocol ${code >>> 16}`);
    if ((code & 0xffff) > 0) this.socket.write(NEGOTIATE_3_0);
    if (this.options.password === undefined) return this.welcome();
    this.socket.write(AUTHENTICATION_CLEARTEXT);
    this.stage = 'password';
    return true;
  }

  private handlePassword(frame: Frame): boolean {
    if (frame.type !== 'p') throw new WireProtocolError(`expected a password, got '${frame.type}'`);
    const given = frame.bytes.subarray(5, -1).toString('utf8');
    if (isSameSecret(given, this.options.password ?? '')) return this.welcome();
    this.socket.write(errorResponse('FATAL', '28P01', 'password authentication failed'));
    return false;
  }

  private welcome(): boolean {
    clearTimeout(this.timer);
    this.stage = 'ready';
    const parameters = Object.entries(this.options.parameters).map(([name, value]) => message('S', name, value));
    const keyData = message('K', int32(process.pid), int32(0));
    this.socket.write(Buffer.concat([AUTHENTICATION_OK, ...parameters, keyData, READY_IDLE]));
    return true;
  }

  private async handleMessage(frame: Frame): Promise<boolean> {
    if (frame.type === 'X') return false;
    if (!FORWARDED.has(frame.type)) throw new WireProtocolError(`message '${frame.type}' is not supported`);
    if ((frame.type === 'Q' || frame.type === 'P') && COPY_FROM_CLIENT.test(frame.bytes.toString('latin1'))) {
      this.socket.write(errorResponse('FATAL', '0A000', 'COPY FROM STDIN is not supported by the embedded database'));
      return false;
    }
    this.pending.push(frame.bytes);
    if (ANSWERED.has(frame.type)) await this.executePending();
    return true;
  }

  private async executePending(): Promise<void> {
    const messages = Buffer.concat(this.pending);
    this.pending = [];
    clearTimeout(this.timer);
    this.endTurn ??= await this.options.turns.take();
    if (this.socket.destroyed) return; // gone while it waited: `leave` ends the turn
    const answer = await this.options.execute(messages);
    if (transactionStatusOf(answer) === 'I') {
      this.endTurn();
      this.endTurn = undefined;
    } else {
      this.expireAfter(this.options.idleInTransactionMs, '25P03', 'terminating connection: idle in a transaction');
    }
    if (!this.socket.write(answer)) await untilDrained(this.socket);
  }

  private expireAfter(ms: number, code: string, text: string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.socket.write(errorResponse('FATAL', code, text));
      this.socket.destroySoon();
      // A client that does not read would keep the socket half open for ever.
      setImmediate(() => this.socket.destroy());
    }, ms);
  }
}

function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function untilDrained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
    if (socket.destroyed) done();
  });
}
