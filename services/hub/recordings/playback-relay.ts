import { DipperError, ERROR_CODES, type ErrorCode, isDipperError } from '@dipper/contract/errors';
import { LIVE_FRAME_HEADER_BYTES, PlaybackHeader, PlaybackMore, RecordingEnd } from '@dipper/contract/uplink';
import { createValidator } from '@dipper/contract/validation';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import { Type } from 'typebox';
import type { WebSocket } from 'ws';
import { closeWithCode } from '../plugins/web-socket-closing.ts';
import type { UplinkOpener } from '../uplink/uplink-opener.ts';
import type { RecordedCamera } from './recordings.ts';
import { type UplinkFrame, uplinkFrames } from './uplink-frames.ts';

/** Brings recordings from edges to browsers: an uplink for each viewer, at that viewer's pace. */
export interface PlaybackRelay {
  /** Plays until the recording ends or the socket closes. Never throws: what goes wrong is the socket's close code. */
  play(camera: RecordedCamera, at: string, viewer: WebSocket): void;
  /** Ends every playback. */
  stop(): void;
}

export interface PlaybackRelayOptions {
  readonly openUplink: UplinkOpener;
  readonly logger: Logger;
  readonly registry: Registry;
}

/** What an edge says while it plays. */
const PlaybackWord = Type.Union([PlaybackHeader, RecordingEnd]);
const Words = createValidator(PlaybackWord);
const More = createValidator(PlaybackMore);
/** As live has it: a key frame of a 4K camera is well below. */
const MAX_PICTURE_BYTES = 4 * 1024 * 1024;
/** `more` has one instant in it. */
const MAX_VIEWER_WORD_BYTES = 256;
const NORMAL_CLOSURE = 1000;

export function createPlaybackRelay({ openUplink, logger, registry }: PlaybackRelayOptions): PlaybackRelay {
  const running = new Set<AbortController>();
  new Gauge({
    name: 'dipper_hub_playbacks',
    help: 'Recordings that are being played right now.',
    registers: [registry],
    collect() {
      this.set(running.size);
    },
  });

  async function run({ estate, agent, device }: RecordedCamera, at: string, viewer: WebSocket, signal: AbortSignal) {
    const opened = Promise.withResolvers<[WebSocket, ReturnType<typeof uplinkFrames<PlaybackFrameWord>>]>();
    await openUplink(
      { estate, agent },
      (address) => ({ name: 'recording.play', device, at, ...address }),
      (socket) => opened.resolve([socket, uplinkFrames(socket, Words)]),
      signal,
    );
    const [uplink, frames] = await opened.promise;
    const hangUp = (): void => uplink.close(NORMAL_CLOSURE);
    signal.addEventListener('abort', hangUp, { once: true });
    viewer.on('message', (data, isBinary) => {
      const text = isBinary ? '' : String(data);
      if (isMore(text) && uplink.readyState === uplink.OPEN) uplink.send(text);
    });
    try {
      signal.throwIfAborted();
      await pass(frames, device, viewer);
    } finally {
      signal.removeEventListener('abort', hangUp);
      hangUp();
    }
  }

  return {
    play(camera, at, viewer) {
      const over = new AbortController();
      running.add(over);
      viewer.once('close', () => over.abort());
      if (viewer.readyState !== viewer.OPEN) over.abort();
      run(camera, at, viewer, over.signal)
        .then(
          () => viewer.close(NORMAL_CLOSURE),
          (error: unknown) => {
            if (viewer.readyState !== viewer.OPEN) return;
            logger.info({ err: error, device: camera.device }, 'no playback');
            closeWithCode(
              viewer,
              isDipperError(error) ? error.code : over.signal.aborted ? 'AGENT_OFFLINE' : 'INTERNAL',
            );
          },
        )
        .finally(() => running.delete(over));
    },
    stop() {
      for (const over of running) over.abort();
    },
  };
}

type PlaybackFrameWord = PlaybackHeader | RecordingEnd;

/** Passes frames on, the next one when the viewer's socket has taken the one before. */
async function pass(
  frames: AsyncIterable<UplinkFrame<PlaybackFrameWord>>,
  device: string,
  viewer: WebSocket,
): Promise<void> {
  for await (const frame of frames) {
    if (frame.kind === 'word') {
      const { word, text } = frame;
      if (word.kind === 'end' && word.code !== null) throw new DipperError(knownCode(word.code));
      if (word.kind === 'playback' && word.device !== device) throw new DipperError('MESSAGE_INVALID');
      await send(viewer, text);
      if (word.kind === 'end') return;
      continue;
    }
    if (frame.bytes.byteLength - LIVE_FRAME_HEADER_BYTES > MAX_PICTURE_BYTES) throw new DipperError('MESSAGE_INVALID');
    await send(viewer, frame.bytes);
  }
  throw new DipperError('AGENT_OFFLINE');
}

function send(socket: WebSocket, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(data, { binary: typeof data !== 'string' }, (error) => (error == null ? resolve() : reject(error)));
  });
}

function isMore(text: string): boolean {
  if (text.length === 0 || text.length > MAX_VIEWER_WORD_BYTES) return false;
  try {
    return More.is(JSON.parse(text));
  } catch {
    return false;
  }
}

/** The code that an edge gave as the reason, if the contract knows it. */
export function knownCode(code: string): ErrorCode {
  return Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'RECORDINGS_UNAVAILABLE';
}
