import type { SourceBufferLike } from '../live/append-queue.ts';
import { canPlay, mediaSourceClass } from '../live/media-sink.ts';
import type { RecordedFrame } from './playback-connection.ts';

/** The part of `SourceBuffer` that playing recordings uses beyond live view. */
interface RecordedBuffer extends SourceBufferLike {
  mode: AppendMode;
  changeType(mime: string): void;
}

export interface RecordedSink {
  /** A stream begins: what follows may be of another kind. */
  begin(mime: string): void;
  push(frame: RecordedFrame): void;
}

export interface RecordedSinkOptions {
  readonly video: HTMLVideoElement;
  /** A picture is in the buffer; it ends at this media time. */
  readonly onAppended: (frame: RecordedFrame, endSec: number) => void;
  /** The buffer has let go of everything before this media time. */
  readonly onForgotten: (beforeSec: number) => void;
  /** @param code CODEC_UNSUPPORTED, or RECORDING_DAMAGED for what does not decode */
  readonly onBroken: (code: string) => void;
  /** Ends the sink and releases its memory. */
  readonly signal: AbortSignal;
}

/** Watched pictures that stay, for a step back, and how far a cut goes. */
const KEEP_BEHIND_SEC = 45;
const KEEP_AFTER_TRIM_SEC = 20;

/**
 * A Media Source for one run of recorded pictures. It plays them end to end (`sequence`, Media Source Extensions
 * §3.5.8), as each file of the recording counts its own time; what was taken when is known by `onAppended`.
 */
export function createRecordedSink(options: RecordedSinkOptions): RecordedSink {
  const { video, onAppended, onForgotten, onBroken, signal } = options;
  const Source = mediaSourceClass();
  const waiting: (RecordedFrame | { readonly kind: 'type'; readonly mime: string })[] = [];
  let buffer: RecordedBuffer | undefined;
  let appending: RecordedFrame | undefined;
  let mime: string | undefined;
  let isOpen = false;
  let isBroken = false;

  const fail = (code: string): void => {
    if (isBroken || signal.aborted) return;
    isBroken = true;
    waiting.length = 0;
    onBroken(code);
  };
  if (Source === undefined) {
    fail('CODEC_UNSUPPORTED');
    return { begin: () => {}, push: () => {} };
  }
  const source = new Source();
  const address = URL.createObjectURL(source);

  const follow = (made: SourceBuffer): RecordedBuffer => {
    made.mode = 'sequence';
    made.addEventListener(
      'updateend',
      () => {
        const done = appending;
        appending = undefined;
        const last = made.buffered.length - 1;
        if (done !== undefined && done.kind !== 'init' && last >= 0) onAppended(done, made.buffered.end(last));
        advance();
      },
      { signal },
    );
    made.addEventListener('error', () => fail('RECORDING_DAMAGED'), { signal });
    return made;
  };
  const trim = (target: RecordedBuffer): boolean => {
    if (target.buffered.length === 0) return false;
    const cutSec = video.currentTime - KEEP_AFTER_TRIM_SEC;
    if (video.currentTime - target.buffered.start(0) <= KEEP_BEHIND_SEC || cutSec <= 0) return false;
    target.remove(0, cutSec);
    onForgotten(cutSec);
    return true;
  };
  const take = (next: RecordedFrame | { readonly kind: 'type'; readonly mime: string }): void => {
    if (next.kind === 'type') {
      if (buffer === undefined) buffer = follow(source.addSourceBuffer(next.mime));
      else if (next.mime !== mime) buffer.changeType(next.mime);
      mime = next.mime;
      advance();
      return;
    }
    appending = next;
    // Media Source copies what it is given, and refuses views of shared memory, which a WebSocket never gives.
    buffer?.appendBuffer(next.content as Uint8Array<ArrayBuffer>);
  };
  const advance = (): void => {
    if (isBroken || signal.aborted || !isOpen || buffer?.updating === true) return;
    try {
      if (buffer !== undefined && trim(buffer)) return;
      const next = waiting.shift();
      if (next !== undefined) take(next);
    } catch {
      fail('RECORDING_DAMAGED');
    }
  };

  source.addEventListener(
    'sourceopen',
    () => {
      URL.revokeObjectURL(address);
      isOpen = true;
      advance();
    },
    { once: true, signal },
  );
  video.addEventListener('error', () => fail('RECORDING_DAMAGED'), { signal });
  signal.addEventListener('abort', () => URL.revokeObjectURL(address), { once: true });
  video.disableRemotePlayback = true;
  video.src = address;
  return {
    begin(next) {
      if (!canPlay(next)) return fail('CODEC_UNSUPPORTED');
      waiting.push({ kind: 'type', mime: next });
      advance();
    },
    push(frame) {
      if (isBroken || signal.aborted) return;
      waiting.push(frame);
      advance();
    },
  };
}
