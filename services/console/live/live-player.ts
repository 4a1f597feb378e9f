import type { LiveHeader } from '@dipper/contract/uplink';
import type { OpenSocket } from '../api/socket.ts';
import type { After } from '../time/after.ts';
import type { AppendQueue, MediaFrame } from './append-queue.ts';
import { connectLive, type LiveConnection } from './live-connection.ts';
import { steer } from './live-edge.ts';
import { isSameLiveState, type LiveState, liveStateOf } from './live-state.ts';
import { canPlay, createMediaSink } from './media-sink.ts';
import { createPictureAge, type EdgeOffset, type PictureAge } from './picture-age.ts';

/** How often the distance from the live edge and the age of the picture are looked at. */
const LOOK_EVERY_MS = 250;
/** A source that breaks again within this time of its beginning is not the stream's accident but its nature. */
const BROKEN_PAUSE_MS = 2_000;

export interface LivePlayerOptions {
  readonly video: HTMLVideoElement;
  /** WebSocket path of the stream. */
  readonly path: string;
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

export interface LivePlayer {
  /** Tries again at once. */
  restart(): void;
}

/** Plays a live stream of the hub in a video element, as close to now as the network allows, and tells what it is worth. */
export function createLivePlayer(options: LivePlayerOptions): LivePlayer {
  const { video, now, after, signal, onState } = options;
  let connection: LiveConnection | undefined;
  let sink: AppendQueue | undefined;
  let endSink = new AbortController();
  let age: PictureAge = createPictureAge(options.edgeOffset);
  let unplayable: string | undefined;
  let state: LiveState = { kind: 'connecting' };
  let cancelLook = (): void => {};

  const startSink = ({ mime }: LiveHeader): void => {
    endSink.abort();
    sink = undefined;
    unplayable = canPlay(mime) ? undefined : 'CODEC_UNSUPPORTED';
    if (unplayable !== undefined) return;
    endSink = new AbortController();
    const ended = AbortSignal.any([signal, endSink.signal]);
    const shown = createPictureAge(options.edgeOffset);
    let hasPicture = false;
    sink = createMediaSink({
      video,
      mime,
      signal: ended,
      onAppended: (frame: MediaFrame, endSec) => {
        shown.buffered(endSec, frame.atMs, frame.arrivedAtMs);
        follow();
      },
      onBroken: () => {
        endSink.abort();
        sink = undefined;
        after(BROKEN_PAUSE_MS, () => {
          // A new stream may have begun by itself meanwhile.
          if (!signal.aborted && sink === undefined) connection?.restart();
        });
      },
    });
    const onPresented = (_: number, { mediaTime }: VideoFrameCallbackMetadata): void => {
      if (ended.aborted) return;
      // Until the new stream shows something, the picture on screen is the old stream's and ages on.
      if (!hasPicture) age = shown;
      hasPicture = true;
      shown.presented(mediaTime);
      video.requestVideoFrameCallback(onPresented);
    };
    video.requestVideoFrameCallback(onPresented);
  };
  /** Keeps the picture at the live edge. */
  const follow = (): void => {
    const { seekToSec, playbackRate } = steer(video.currentTime, video.buffered, video.playbackRate);
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
    });
    if (!isSameLiveState(state, next)) onState(next);
    state = next;
    cancelLook = after(LOOK_EVERY_MS, look);
  };

  video.muted = true;
  video.playsInline = true;
  connection = connectLive({
    path: options.path,
    openSocket: options.openSocket,
    after,
    now,
    signal,
    onHeader: startSink,
    onFrame: (frame) => sink?.push(frame),
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
