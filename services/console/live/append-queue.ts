import type { LiveFrameKind } from '@dipper/contract/uplink';

/** The part of `TimeRanges` that is used. Seconds. */
export interface Ranges {
  readonly length: number;
  start(index: number): number;
  end(index: number): number;
}

/** The part of `SourceBuffer` (Media Source Extensions §5) that is used. */
export interface SourceBufferLike {
  readonly updating: boolean;
  readonly buffered: Ranges;
  appendBuffer(data: Uint8Array<ArrayBuffer>): void;
  remove(startSec: number, endSec: number): void;
  addEventListener(type: 'updateend' | 'error', listener: () => void, options?: { signal: AbortSignal }): void;
}

export interface MediaFrame {
  readonly kind: LiveFrameKind;
  /** Instant of the picture by the edge's clock, ms since 1970. */
  readonly atMs: number;
  /** When the page received it, ms since 1970 by the page's clock. */
  readonly arrivedAtMs: number;
  readonly content: Uint8Array;
}

export interface AppendQueue {
  push(frame: MediaFrame): void;
}

export interface AppendQueueOptions {
  readonly buffer: SourceBufferLike;
  readonly currentTimeSec: () => number;
  /** A picture is in the buffer; it ends at this media time. */
  readonly onAppended: (frame: MediaFrame, endSec: number) => void;
  /** The buffer takes nothing any more: a new Media Source is needed. */
  readonly onBroken: (cause: unknown) => void;
  readonly signal: AbortSignal;
}

/** Two seconds at 16 Mbit/s: who has more waiting cannot decode in real time. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** Watched pictures that stay in memory before they are cut away, and how far the cut goes. */
const KEEP_BEHIND_SEC = 30;
const KEEP_AFTER_TRIM_SEC = 8;
const KEEP_WHEN_FULL_SEC = 1;

/**
 * Feeds init segments and fragments to a source buffer one at a time, in order, never beginning with a picture that
 * needs one before it, and cuts away what has been watched.
 */
export function createAppendQueue(options: AppendQueueOptions): AppendQueue {
  const { buffer, currentTimeSec, onAppended, onBroken, signal } = options;
  let waiting: MediaFrame[] = [];
  let waitingBytes = 0;
  let appending: MediaFrame | undefined;
  let awaitsKey = true;
  let isFull = false;
  let isBroken = false;

  const fail = (cause: unknown): void => {
    if (isBroken || signal.aborted) return;
    isBroken = true;
    waiting = [];
    onBroken(cause);
  };
  /** Cuts away what was watched up to `keepSec` before the picture on screen. Returns whether a removal has begun. */
  const trim = (olderThanSec: number, keepSec: number): boolean => {
    if (buffer.buffered.length === 0) return false;
    const startSec = buffer.buffered.start(0);
    const nowSec = currentTimeSec();
    if (nowSec - startSec <= olderThanSec || nowSec - keepSec <= startSec) return false;
    buffer.remove(startSec, nowSec - keepSec);
    return true;
  };
  const append = (frame: MediaFrame): void => {
    appending = frame;
    try {
      // Media Source copies what it is given, and refuses views of shared memory, which a WebSocket never gives.
      buffer.appendBuffer(frame.content as Uint8Array<ArrayBuffer>);
    } catch (cause) {
      appending = undefined;
      const quota = cause instanceof Error && cause.name === 'QuotaExceededError';
      if (!quota || isFull) {
        fail(cause);
        return;
      }
      isFull = true;
      waiting.unshift(frame);
      waitingBytes += frame.content.byteLength;
      if (!trim(KEEP_WHEN_FULL_SEC, KEEP_WHEN_FULL_SEC)) fail(cause);
    }
  };
  const advance = (): void => {
    if (isBroken || signal.aborted || buffer.updating) return;
    if (trim(KEEP_BEHIND_SEC, KEEP_AFTER_TRIM_SEC)) return;
    const frame = waiting.shift();
    if (frame === undefined) return;
    waitingBytes -= frame.content.byteLength;
    append(frame);
  };

  buffer.addEventListener(
    'updateend',
    () => {
      const done = appending;
      appending = undefined;
      if (done !== undefined) {
        isFull = false;
        const last = buffer.buffered.length - 1;
        if (done.kind !== 'init' && last >= 0) onAppended(done, buffer.buffered.end(last));
      }
      advance();
    },
    { signal },
  );
  buffer.addEventListener('error', () => fail(new Error('the source buffer refused a segment')), { signal });

  return {
    push(frame) {
      if (isBroken || signal.aborted) return;
      if (frame.kind !== 'delta') awaitsKey = frame.kind === 'init';
      else if (awaitsKey) return;
      if (waitingBytes + frame.content.byteLength > MAX_WAITING_BYTES && frame.kind !== 'init') {
        waiting = waiting.filter(({ kind }) => kind === 'init');
        waitingBytes = waiting.reduce((sum, { content }) => sum + content.byteLength, 0);
        if (frame.kind === 'delta') {
          awaitsKey = true;
          return;
        }
      }
      waiting.push(frame);
      waitingBytes += frame.content.byteLength;
      advance();
    },
  };
}
