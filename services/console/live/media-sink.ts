import { type AppendQueue, createAppendQueue, type MediaFrame } from './append-queue.ts';

/** Safari on phones has only the managed kind (since iOS 17.1). */
declare global {
  interface Window {
    ManagedMediaSource?: typeof MediaSource;
  }
}

/** What this browser calls Media Source; undefined where it has none. */
export function mediaSourceClass(): typeof MediaSource | undefined {
  return window.ManagedMediaSource ?? (typeof MediaSource === 'undefined' ? undefined : MediaSource);
}

/** Whether this browser plays the stream. @param mime RFC 6381, e.g. `video/mp4; codecs="avc1.64001f"` */
export function canPlay(mime: string): boolean {
  return mediaSourceClass()?.isTypeSupported(mime) === true;
}

/** What H.265 cameras send as a rule: the main profile, 1080p at 30 pictures a second. */
const USUAL_H265 = 'video/mp4; codecs="hvc1.1.6.L120.90"';

/** Whether this browser plays H.265 at all; some do, with a graphics card that does. */
export function canPlayH265(): boolean {
  return canPlay(USUAL_H265);
}

export interface MediaSinkOptions {
  readonly video: HTMLVideoElement;
  readonly mime: string;
  readonly onAppended: (frame: MediaFrame, endSec: number) => void;
  readonly onBroken: (cause: unknown) => void;
  /** Ends the sink and releases its memory. */
  readonly signal: AbortSignal;
}

/** One Media Source on a video element, for one run of a stream. Frames that come before it is open wait in order. */
export function createMediaSink({ video, mime, onAppended, onBroken, signal }: MediaSinkOptions): AppendQueue {
  const Source = mediaSourceClass();
  if (Source === undefined) throw new Error('no Media Source in this browser');
  const source = new Source();
  const address = URL.createObjectURL(source);
  const early: MediaFrame[] = [];
  let queue: AppendQueue | undefined;

  source.addEventListener(
    'sourceopen',
    () => {
      URL.revokeObjectURL(address);
      try {
        source.duration = Number.POSITIVE_INFINITY;
        const buffer = source.addSourceBuffer(mime);
        queue = createAppendQueue({ buffer, currentTimeSec: () => video.currentTime, onAppended, onBroken, signal });
        for (const frame of early.splice(0)) queue.push(frame);
      } catch (cause) {
        onBroken(cause);
      }
    },
    { once: true, signal },
  );
  video.addEventListener('error', () => onBroken(video.error), { signal });
  signal.addEventListener('abort', () => URL.revokeObjectURL(address), { once: true });
  video.disableRemotePlayback = true;
  video.src = address;
  return {
    push(frame) {
      if (queue !== undefined) queue.push(frame);
      else {
        // Until the source opens nothing but the newest group is of use: a page that waits long must not fill its memory.
        if (frame.kind === 'key') early.splice(0, early.length, ...early.filter(({ kind }) => kind === 'init'));
        early.push(frame);
      }
    },
  };
}
