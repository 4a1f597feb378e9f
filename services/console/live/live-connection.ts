import { decodeLiveFrame, type LiveHeader } from '@dipper/contract/uplink';
import { type BackOff, createBackOff } from '../api/back-off.ts';
import { closeReasonOf, type OpenSocket, type Socket } from '../api/socket.ts';
import type { After } from '../time/after.ts';
import type { MediaFrame } from './append-queue.ts';

/** Before the first picture: the edge may have to reach the camera first. */
export const FIRST_PICTURE_MS = 20_000;
/** Between pictures. A connection that is silent this long is given up. */
export const NEXT_PICTURE_MS = 8_000;

/** Refusals that trying again does not change. */
const FINAL: ReadonlySet<string> = new Set(['DEVICE_UNKNOWN', 'NOT_FOUND', 'FORBIDDEN', 'REQUEST_INVALID']);

export interface LiveConnectionOptions {
  /** Asked before each attempt. */
  readonly path: () => string;
  readonly openSocket: OpenSocket;
  readonly after: After;
  /** ms since 1970 by the page's clock. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** A new stream begins: its frames fit no earlier source buffer. */
  readonly onHeader: (header: LiveHeader) => void;
  readonly onFrame: (frame: MediaFrame) => void;
  /** How far apart pictures are while only one of each group comes: patience lasts so much longer. */
  readonly everyMs: () => number | undefined;
  readonly onSignedOut: () => void;
  readonly backOff?: BackOff;
}

export interface LiveConnection {
  /** Whether a socket is open. */
  isConnected(): boolean;
  /** Why there is none, where that is known: a code of the contract. */
  problem(): string | undefined;
  retries(): boolean;
  /** Drops the socket and opens another, at once. */
  restart(): void;
}

/** Keeps a live stream open until the signal aborts; comes back by itself after every interruption. */
export function connectLive(options: LiveConnectionOptions): LiveConnection {
  const { path, openSocket, after, now, signal, onHeader, onFrame, onSignedOut } = options;
  const backOff = options.backOff ?? createBackOff({ maxMs: 15_000 });
  let socket: Socket | undefined;
  let isOpen = false;
  let problem: string | undefined;
  let isFinal = false;
  let isSilent = false;
  let isWanted = false;
  let cancelWait = (): void => {};

  /** One timer at a time: patience while connected, the pause before the next attempt otherwise. */
  const wait = (delayMs: number, run: () => void): void => {
    cancelWait();
    cancelWait = after(delayMs, run);
  };
  const beSilent = (forMs: number, watched: Socket | undefined): void =>
    wait(forMs, () => {
      isSilent = true;
      watched?.close();
    });
  const receive = (bytes: Uint8Array): void => {
    const frame = decodeLiveFrame(bytes);
    if (frame === undefined) return;
    onFrame({ ...frame, arrivedAtMs: now() });
    if (frame.kind === 'init') return;
    problem = undefined;
    backOff.reset();
    // Unless it was hung up on just now.
    if (isOpen && !isWanted) beSilent(NEXT_PICTURE_MS + (options.everyMs() ?? 0), socket);
  };
  const connect = (): void => {
    if (signal.aborted) return;
    isFinal = false;
    isSilent = false;
    isWanted = false;
    socket = openSocket(path(), {
      onOpen: () => {
        isOpen = true;
      },
      onText: (text) => {
        const header = parseHeader(text);
        if (header !== undefined) onHeader(header);
      },
      onBytes: receive,
      onClose: (end) => {
        socket = undefined;
        isOpen = false;
        cancelWait();
        if (signal.aborted) return;
        if (isWanted) return connect();
        // Who is told nothing is told what that means: the edge is stuck, or the line to the hub is cut.
        problem = closeReasonOf(end) ?? (isSilent ? 'COMMAND_TIMEOUT' : 'HUB_UNREACHABLE');
        if (problem === 'NOT_SIGNED_IN') return onSignedOut();
        isFinal = FINAL.has(problem);
        if (!isFinal) wait(backOff.next(), connect);
      },
    });
    beSilent(FIRST_PICTURE_MS, socket);
  };

  signal.addEventListener(
    'abort',
    () => {
      cancelWait();
      socket?.close();
    },
    { once: true },
  );
  connect();
  return {
    isConnected: () => isOpen,
    problem: () => problem,
    retries: () => !isFinal,
    restart() {
      backOff.reset();
      cancelWait();
      isWanted = true;
      if (socket === undefined) connect();
      else socket.close();
    },
  };
}

/** The hub has checked it; this tells it from something else on the line. */
function parseHeader(text: string): LiveHeader | undefined {
  try {
    const header: unknown = JSON.parse(text);
    const isHeader = typeof header === 'object' && header !== null && 'kind' in header && header.kind === 'live';
    return isHeader ? (header as LiveHeader) : undefined;
  } catch {
    return undefined;
  }
}
