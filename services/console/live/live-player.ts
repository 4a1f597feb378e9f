import type { LiveForm } from '@dipper/contract/commands';
import { type LiveHeader, MPEG1_MIME } from '@dipper/contract/uplink';
import type { OpenSocket } from '../api/socket.ts';
import type { After } from '../time/after.ts';
import type { AppendQueue, MediaFrame } from './append-queue.ts';
import { canDecode, createDecodedSink, type Paint } from './decoded-sink.ts';
import { connectLive, type LiveConnection } from './live-connection.ts';
import { createLagTarget, type LagTarget, steer } from './live-edge.ts';
import { isSameLiveState, type LiveState, liveStateOf } from './live-state.ts';
import { canPlay, createMediaSink } from './media-sink.ts';
import type { OpenDecoder } from './mpeg1-decoder.ts';
import { createMpeg1Sink } from './mpeg1-sink.ts';
import { createPictureAge, type EdgeOffset, type PictureAge } from './picture-age.ts';
import { createPicturePace } from './picture-pace.ts';

/** How often the distance from the live edge and the age of the picture are looked at. */
const LOOK_EVERY_MS = 250;
/** A source that breaks again within this time of its beginning is not the stream's accident but its nature. */
const BROKEN_PAUSE_MS = 2_000;

/** Where the picture is: in the video element, or drawn on the canvas. */
export type Surface = 'video' | 'canvas';

export interface LivePlayerOptions {
  readonly video: HTMLVideoElement;
  /** Puts what the page has decoded on the screen. */
  readonly paint: Paint;
  /** Draws MPEG-1, for what the browser does not play. */
  readonly openDecoder: OpenDecoder;
  /** WebSocket path of the stream. */
  readonly path: (form: LiveForm | undefined) => string;
  /** The form to ask for first; undefined: as it was filmed. */
  readonly form?: LiveForm | undefined;
  readonly onSurface: (surface: Surface) => void;
  readonly openSocket: OpenSocket;
  readonly after: After;
  /** ms since 1970 by the page's clock. */
  readonly now: () => number;
  readonly edgeOffset: () => EdgeOffset | undefined;
  readonly onState: (state: LiveState) => void;
  readonly onSignedOut: () => void;
  /** Ends everything the player has opened. */
  readonly signal: AbortSignal;
}

/** One run of a stream on its way to the screen. */
interface Run {
  readonly shown: PictureAge;
  readonly signal: AbortSignal;
}

export interface LivePlayer {
  /** Tries again at once. */
  restart(): void;
}

/**
 * Plays a live stream of the hub, as close to now as the network allows, and tells what it is worth. A stream that the
 * browser does not play is asked for once more, in a form that it does.
 */
export function createLivePlayer(options: LivePlayerOptions): LivePlayer {
  const { video, now, after, signal, onState } = options;
  let connection: LiveConnection | undefined;
  let sink: AppendQueue | undefined;
  let endSink = new AbortController();
  let lag: LagTarget = createLagTarget();
  let age: PictureAge = createPictureAge(options.edgeOffset);
  const pace = createPicturePace();
  let unplayable: string | undefined;
  let form = options.form;
  /** Where it has failed once, the browser's own player is left to it. */
  let isDecoderTrusted = true;
  let state: LiveState = { kind: 'connecting' };
  let cancelLook = (): void => {};

  const startSink = ({ mime }: LiveHeader): void => {
    endSink.abort();
    sink = undefined;
    unplayable = undefined;
    pace.reset();
    const isMpeg1 = mime === MPEG1_MIME;
    if (!isMpeg1 && !canPlay(mime)) {
      if (form === 'any-browser') unplayable = 'CODEC_UNSUPPORTED';
      else {
        form = 'any-browser';
        connection?.restart();
      }
      return;
    }
    endSink = new AbortController();
    const run = {
      signal: AbortSignal.any([signal, endSink.signal]),
      shown: createPictureAge(options.edgeOffset),
    };
    const isDecoded = !isMpeg1 && isDecoderTrusted && canDecode();
    options.onSurface(isMpeg1 || isDecoded ? 'canvas' : 'video');
    if (isMpeg1) sink = draw(run);
    else sink = isDecoded ? decode(run, mime) : play(run, mime);
  };
  const onBroken = (): void => {
    endSink.abort();
    sink = undefined;
    after(BROKEN_PAUSE_MS, () => {
      // A new stream may have begun by itself meanwhile.
      if (!signal.aborted && sink === undefined) connection?.restart();
    });
  };
  /** Until the new stream shows something, the picture on screen is the old stream's and ages on. */
  const present = ({ shown }: Run, atSec: number): void => {
    age = shown;
    shown.presented(atSec);
  };
  const play = (run: Run, mime: string): AppendQueue => {
    const target = createLagTarget();
    lag = target;
    const onPresented = (_: number, { mediaTime }: VideoFrameCallbackMetadata): void => {
      if (run.signal.aborted) return;
      present(run, mediaTime);
      video.requestVideoFrameCallback(onPresented);
    };
    video.requestVideoFrameCallback(onPresented);
    return createMediaSink({
      ...{ video, mime, signal: run.signal, onBroken },
      onAppended: (frame: MediaFrame, endSec) => {
        run.shown.buffered(endSec, frame.atMs, frame.arrivedAtMs);
        target.observe(frame);
        follow();
      },
    });
  };
  /** What is shown as it comes has its own place on a time line of pictures, of which the newest is the one on screen. */
  const showing = (run: Run): ((frame: MediaFrame) => void) => {
    let pictures = 0;
    return ({ atMs, arrivedAtMs }) => {
      run.shown.buffered(++pictures, atMs, arrivedAtMs);
      present(run, pictures - 0.5);
    };
  };
  const draw = (run: Run): AppendQueue =>
    createMpeg1Sink({ open: options.openDecoder, signal: run.signal, onBroken, onShown: showing(run) });
  const decode = (run: Run, mime: string): AppendQueue =>
    createDecodedSink({
      ...{ mime, now, paint: options.paint, signal: run.signal, onShown: showing(run) },
      onBroken() {
        isDecoderTrusted = false;
        connection?.restart();
      },
    });
  /** Keeps the picture at the live edge. */
  const follow = (): void => {
    const { seekToSec, playbackRate } = steer(video.currentTime, video.buffered, video.playbackRate, lag.sec());
    if (seekToSec !== undefined) video.currentTime = seekToSec;
    if (video.playbackRate !== playbackRate) video.playbackRate = playbackRate;
    // Browsers pause a video that went out of sight; a muted one may always play.
    if (video.paused && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) video.play().catch(() => {});
  };
  const look = (): void => {
    follow();
    const next = liveStateOf({
      connected: connection?.isConnected() === true,
      problem: unplayable ?? connection?.problem(),
      retries: unplayable === undefined && connection?.retries() === true,
      ageMs: age.ageMs(now()),
      takenAtMs: age.takenAtMs(),
      everyMs: pace.everyMs(),
    });
    if (!isSameLiveState(state, next)) onState(next);
    state = next;
    cancelLook = after(LOOK_EVERY_MS, look);
  };

  video.muted = true;
  video.playsInline = true;
  connection = connectLive({
    path: () => options.path(form),
    openSocket: options.openSocket,
    after,
    now,
    signal,
    onHeader: startSink,
    onFrame(frame) {
      pace.observe(frame);
      sink?.push(frame);
    },
    everyMs: pace.everyMs,
    onSignedOut: options.onSignedOut,
  });
  signal.addEventListener(
    'abort',
    () => {
      cancelLook();
      video.removeAttribute('src');
      video.load();
    },
    { once: true },
  );
  // A network that is back is used at once, not at the end of a pause.
  const onOnline = (): void => {
    if (connection?.isConnected() !== true) connection?.restart();
  };
  globalThis.addEventListener?.('online', onOnline, { signal });
  look();
  return { restart: () => connection?.restart() };
}
