import type { StreamName } from '@dipper/contract/commands';
import { encodeLiveFrame, type LiveHeader } from '@dipper/contract/uplink';
import type { WebSocket } from 'ws';
import { closeUplink, type Invitation, keepAlive, openUplink } from './uplink.ts';

/** One piece of a live view. An `init` comes first and whenever the stream's parameters change. */
export type LiveFrame =
  | {
      readonly kind: 'init';
      /** RFC 6381, e.g. `video/mp4; codecs="avc1.64001f"`. */
      readonly mime: string;
      readonly widthPx: number;
      readonly heightPx: number;
      readonly atMs: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'key' | 'delta'; readonly atMs: number; readonly bytes: Uint8Array };

export interface LiveOptions {
  readonly invitation: Invitation;
  readonly device: string;
  readonly stream: StreamName;
  /** Opens the feed; it ends when the signal is aborted. */
  readonly open: (signal: AbortSignal) => AsyncIterable<LiveFrame>;
  readonly signal: AbortSignal;
}

export interface LiveFigures {
  readonly sentFrames: number;
  /** Left out because the hub did not take them fast enough. */
  readonly skippedFrames: number;
}

/** About two seconds of a 4 Mbit/s stream: more delay than that helps nobody. */
const SKIP_ABOVE_BYTES = 1024 * 1024;
const RESUME_BELOW_BYTES = 256 * 1024;

/**
 * Sends a live view until the hub closes the uplink, the feed ends or the signal is aborted. Resolves when the hub has
 * accepted the uplink; `ended` resolves when the view is over, and never rejects but for an error of the feed.
 * @throws LinkError UPLINK_REFUSED
 */
export async function sendLive(options: LiveOptions): Promise<{ readonly ended: Promise<LiveFigures> }> {
  const socket = await openUplink(options.invitation, options.signal);
  return { ended: pumpFrames(socket, options) };
}

async function pumpFrames(socket: WebSocket, options: LiveOptions): Promise<LiveFigures> {
  const over = new AbortController();
  socket.once('close', () => over.abort());
  const stopPinging = keepAlive(socket);
  let sentFrames = 0;
  let skippedFrames = 0;
  let isSkipping = false;
  try {
    for await (const frame of options.open(AbortSignal.any([over.signal, options.signal]))) {
      if (socket.readyState !== socket.OPEN) break;
      if (frame.kind === 'init') socket.send(JSON.stringify(headerOf(frame, options)));
      else if (socket.bufferedAmount > SKIP_ABOVE_BYTES) isSkipping = true;
      else if (frame.kind === 'key' && socket.bufferedAmount < RESUME_BELOW_BYTES) isSkipping = false;
      if (isSkipping && frame.kind !== 'init') {
        skippedFrames += 1;
        continue;
      }
      socket.send(encodeLiveFrame(frame.kind, frame.atMs, frame.bytes));
      sentFrames += 1;
    }
  } finally {
    stopPinging();
    over.abort();
    await closeUplink(socket);
  }
  return { sentFrames, skippedFrames };
}

function headerOf(frame: Extract<LiveFrame, { kind: 'init' }>, { device, stream }: LiveOptions): LiveHeader {
  return {
    kind: 'live',
    device,
    stream,
    mime: frame.mime,
    widthPx: frame.widthPx,
    heightPx: frame.heightPx,
  };
}
