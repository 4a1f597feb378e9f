import { FEED_HELLO_MS, FEED_KINDS, type FeedMessage } from '@dipper/contract/api/feed';
import { type BackOff, createBackOff } from '../api/back-off.ts';
import { closeReasonOf, type OpenSocket, type Socket } from '../api/socket.ts';
import type { After } from '../time/after.ts';

/** Everything but events: the history is read on request, and there may be thousands a second. */
const FEED_PATH = `/api/v1/feed?kinds=${FEED_KINDS.filter((kind) => kind !== 'event').join(',')}`;

/** `lost` means blind: what happens on the street does not reach this page. */
export type FeedPhase = 'connecting' | 'live' | 'lost' | 'stopped';
export interface FeedState {
  readonly phase: FeedPhase;
  /** Since when it is so, ms by the page's clock. */
  readonly sinceMs: number;
}
export type FeedChange = Exclude<FeedMessage, { kind: 'hello' }>;

/** An interruption shorter than this is not worth an alarm of its own. */
export const LOST_AFTER_MS = 3_000;
/** TCP keeps a dead connection for minutes, but the hub says hello every five seconds (`FEED_HELLO_MS`). */
export const SILENCE_MS = FEED_HELLO_MS + 3_000;

export interface FeedClientOptions {
  readonly openSocket: OpenSocket;
  readonly after: After;
  readonly now: () => number;
  readonly onChange: (change: FeedChange) => void;
  /** Changes may have been missed: what the page holds has to be read again. */
  readonly onGap: () => void;
  readonly onSignedOut: () => void;
  readonly backOff?: BackOff;
}

export interface FeedClient {
  /** Keeps the feed open until the signal aborts. */
  run(signal: AbortSignal): void;
  /** Tries now rather than at the end of the waiting time. */
  retryNow(): void;
  state(): FeedState;
  subscribe(listener: () => void): () => void;
}

/** Follows the hub's changes and resumes behind the last one seen, so that an interruption loses nothing. */
export function createFeedClient(options: FeedClientOptions): FeedClient {
  const { openSocket, after, now, onChange, onGap, onSignedOut } = options;
  const backOff = options.backOff ?? createBackOff();
  const listeners = new Set<() => void>();
  let state: FeedState = { phase: 'stopped', sinceMs: now() };
  let cursor: string | undefined;
  let socket: Socket | undefined;
  let heardAtMs = now();
  let aborted = true;
  let cancelRetry = (): void => {};
  let cancelLost = (): void => {};
  let cancelSilence = (): void => {};

  const enter = (phase: FeedPhase, sinceMs = now()): void => {
    if (state.phase === phase) return;
    state = { phase, sinceMs };
    for (const listener of listeners) listener();
  };
  const interrupted = (): void => {
    // A failed attempt to come back is still the same interruption.
    if (state.phase === 'lost' || state.phase === 'connecting') return;
    const sinceMs = state.phase === 'live' ? heardAtMs : now();
    enter('connecting', sinceMs);
    cancelLost();
    cancelLost = after(LOST_AFTER_MS, () => enter('lost', sinceMs));
  };
  const watchSilence = (): void => {
    cancelSilence();
    const watched = socket;
    cancelSilence = after(SILENCE_MS, () => watched?.close());
  };
  const receive = (text: string): void => {
    const message = parse(text);
    if (message === undefined) return;
    heardAtMs = now();
    watchSilence();
    if (message.kind === 'hello') {
      const resumed = cursor !== undefined;
      cursor = message.cursor;
      cancelLost();
      backOff.reset();
      enter('live');
      if (!resumed) onGap();
      return;
    }
    cursor = message.cursor;
    onChange(message);
  };
  const connect = (): void => {
    cancelRetry();
    const path = cursor === undefined ? FEED_PATH : `${FEED_PATH}&after=${encodeURIComponent(cursor)}`;
    socket = openSocket(path, {
      onOpen: watchSilence,
      onText: receive,
      onBytes: () => {},
      onClose: (end) => {
        socket = undefined;
        cancelSilence();
        if (aborted) return;
        const reason = closeReasonOf(end);
        if (reason === 'NOT_SIGNED_IN') return onSignedOut();
        // Older than what the hub keeps: start afresh, with everything read again.
        if (reason === 'CURSOR_INVALID' || reason === 'REQUEST_INVALID') cursor = undefined;
        interrupted();
        cancelRetry = after(backOff.next(), connect);
      },
    });
    watchSilence();
  };

  return {
    run(signal) {
      if (signal.aborted) return;
      aborted = false;
      cursor = undefined;
      interrupted();
      connect();
      signal.addEventListener(
        'abort',
        () => {
          aborted = true;
          for (const cancel of [cancelRetry, cancelLost, cancelSilence]) cancel();
          socket?.close();
          enter('stopped');
        },
        { once: true },
      );
    },
    retryNow() {
      if (!aborted && socket === undefined) connect();
    },
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The hub checks what it sends; this only tells a message from something else on the line. */
function parse(text: string): FeedMessage | undefined {
  try {
    const message: unknown = JSON.parse(text);
    const isMessage = typeof message === 'object' && message !== null && 'kind' in message && 'cursor' in message;
    return isMessage ? (message as FeedMessage) : undefined;
  } catch {
    return undefined;
  }
}
