import type { AppendQueue, MediaFrame } from './append-queue.ts';
import { decoderConfiguration, pictureBytes } from './fragment-boxes.ts';

/** Puts a picture on the screen, at once. */
export type Paint = (picture: VideoFrame) => void;

export interface DecodedSinkOptions {
  /** RFC 6381, e.g. `video/mp4; codecs="avc1.64001f"`. */
  readonly mime: string;
  readonly paint: Paint;
  readonly now: () => number;
  /** The picture is on the screen. */
  readonly onShown: (frame: MediaFrame) => void;
  /** The browser's decoder does not get on with this stream. */
  readonly onBroken: (cause: unknown) => void;
  /** Ends the sink and releases the decoder. */
  readonly signal: AbortSignal;
}

/** More pictures than this waiting for the decoder, and what comes out of it is the past: not shown unless it stays so. */
const FEW_WAITING = 3;
/** Who watches is shown something at least this often while the decoder catches up. */
const CATCHING_UP_MS = 250;
/** A second's pictures still waiting when a key frame comes: the decoder goes on from there. */
const MANY_WAITING = 25;
/**
 * A decoder with nothing to do that has given back so much less than it got is holding pictures back to sort them: hardware does,
 * where the camera's parameter sets do not rule out (`max_num_reorder_frames`, ITU-T H.264 §E.2.1) what no camera does.
 */
const MANY_HELD = 5;
/** H.264's longest reordering, §A.3.1: what is older and has not come will not. */
const MAX_REORDERED = 16;
/** Groups in a row that did not decode. */
const MAX_FAILURES = 3;

/** Whether this browser lets the page decode. It does so only on pages that came over TLS or from the machine itself. */
export function canDecode(): boolean {
  return typeof VideoDecoder === 'function';
}

export function paintOn(canvas: HTMLCanvasElement): Paint {
  const context = canvas.getContext('2d');
  return (picture) => {
    const { displayWidth, displayHeight } = picture;
    if (canvas.width !== displayWidth) canvas.width = displayWidth;
    if (canvas.height !== displayHeight) canvas.height = displayHeight;
    context?.drawImage(picture, 0, 0);
  };
}

/**
 * Decodes one run of a stream (WebCodecs) and paints each picture as soon as it is there. A media element plays by a clock and
 * needs a stock of pictures for that, which is delay; here there is neither. Groups that do not decode are left out.
 */
export function createDecodedSink(options: DecodedSinkOptions): AppendQueue {
  const { mime, now, onShown, onBroken, signal } = options;
  const codec = /codecs="([^"]+)"/.exec(mime)?.[1] ?? '';
  let description: Uint8Array | undefined;
  let acceleration: HardwareAcceleration = 'no-preference';
  let decoder: VideoDecoder | undefined;
  /** Pictures in the decoder, by their number. */
  const inside = new Map<number, MediaFrame>();
  let nextNumber = 0;
  let awaitsKey = true;
  let isBroken = false;
  let hasShown = false;
  let failures = 0;
  let lookedAtMs: number | undefined;

  const close = (): void => {
    if (decoder !== undefined && decoder.state !== 'closed') decoder.close();
    decoder = undefined;
    inside.clear();
    awaitsKey = true;
  };
  const fail = (cause: unknown): void => {
    if (isBroken) return;
    close();
    failures += 1;
    isBroken = !hasShown || failures >= MAX_FAILURES;
    if (isBroken && !signal.aborted) onBroken(cause);
  };
  const show = (picture: VideoFrame, waiting: number): void => {
    const frame = inside.get(picture.timestamp);
    for (const number of inside.keys()) if (number < picture.timestamp - MAX_REORDERED) inside.delete(number);
    inside.delete(picture.timestamp);
    if (frame === undefined) return;
    const nowMs = now();
    lookedAtMs ??= nowMs;
    if (waiting > FEW_WAITING && nowMs - lookedAtMs < CATCHING_UP_MS) return;
    lookedAtMs = nowMs;
    options.paint(picture);
    hasShown = true;
    failures = 0;
    onShown(frame);
  };
  const open = (): VideoDecoder => {
    const opened = new VideoDecoder({
      output(picture) {
        if (decoder === opened) show(picture, opened.decodeQueueSize);
        picture.close();
      },
      error(cause) {
        if (decoder === opened) fail(cause);
      },
    });
    decoder = opened;
    opened.configure({
      codec,
      optimizeForLatency: true,
      hardwareAcceleration: acceleration,
      ...(description && { description }),
    });
    return opened;
  };
  /** Where a key frame begins, everything may be done differently. */
  const begin = (): void => {
    awaitsKey = false;
    const waiting = decoder?.decodeQueueSize ?? 0;
    const isHoldingBack = waiting === 0 && inside.size > MANY_HELD && codec.startsWith('avc1');
    if (isHoldingBack) acceleration = 'prefer-software';
    if (isHoldingBack || waiting > MANY_WAITING) {
      close();
      awaitsKey = false;
    }
  };
  const decode = ({ kind, content }: MediaFrame, number: number): void => {
    const data = pictureBytes(content);
    if (data === undefined) throw new Error('a fragment without a picture');
    // Copied by the decoder. Timestamps are numbers here: what is shown when is decided by what has come.
    (decoder ?? open()).decode(
      new EncodedVideoChunk({ type: kind === 'key' ? 'key' : 'delta', timestamp: number, data }),
    );
  };

  signal.addEventListener('abort', close, { once: true });
  return {
    push(frame) {
      if (isBroken || signal.aborted) return;
      if (frame.kind === 'init') {
        close();
        description = decoderConfiguration(frame.content);
        return;
      }
      if (frame.kind === 'key') begin();
      if (awaitsKey) return;
      const number = nextNumber++;
      inside.set(number, frame);
      try {
        decode(frame, number);
      } catch (cause) {
        fail(cause);
      }
    },
  };
}
