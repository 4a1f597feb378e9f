import type { AppendQueue, MediaFrame } from './append-queue.ts';
import type { OpenDecoder, PictureDecoder } from './mpeg1-decoder.ts';

export interface Mpeg1SinkOptions {
  readonly open: OpenDecoder;
  /** The picture is on the screen. */
  readonly onShown: (frame: MediaFrame) => void;
  readonly onBroken: (cause: unknown) => void;
  readonly signal: AbortSignal;
}

/** A machine that decodes more slowly than the camera films goes on with the next key frame rather than show the past. */
const MAX_LATE_MS = 1_000;

/** Draws one run of an MPEG-1 stream as it comes: there is no clock to follow, and so no delay but the network's. */
export function createMpeg1Sink({ open, onShown, onBroken, signal }: Mpeg1SinkOptions): AppendQueue {
  let decoder: PictureDecoder | undefined;
  const early: MediaFrame[] = [];
  let awaitsKey = true;
  let quickestMs = Number.POSITIVE_INFINITY;

  const draw = (to: PictureDecoder, frame: MediaFrame): void => {
    if (frame.kind === 'init' || signal.aborted) return;
    const delayMs = frame.arrivedAtMs - frame.atMs;
    quickestMs = Math.min(quickestMs, delayMs);
    if (frame.kind === 'key') awaitsKey = false;
    else if (delayMs - quickestMs > MAX_LATE_MS) awaitsKey = true;
    if (awaitsKey) return;
    try {
      if (to.draw(frame.content)) onShown(frame);
    } catch (cause) {
      onBroken(cause);
    }
  };

  open().then((opened) => {
    decoder = opened;
    for (const frame of early.splice(0)) draw(opened, frame);
  }, onBroken);
  return {
    push(frame) {
      if (decoder !== undefined) return draw(decoder, frame);
      // Until the decoder is loaded nothing but the newest group is of use.
      if (frame.kind === 'key') early.length = 0;
      early.push(frame);
    },
  };
}
