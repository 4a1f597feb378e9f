import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ExportEnd,
  type ExportHeader,
  encodeLiveFrame,
  type LiveFrameKind,
  PLAYBACK_AHEAD_MS,
  PLAYBACK_MAX_AHEAD_MS,
  type PlaybackHeader,
  PlaybackMore,
  type RecordingEnd,
  type TimelineHeader,
} from '@dipper/contract/uplink';
import { createValidator } from '@dipper/contract/validation';
import type { WebSocket } from 'ws';
import { closeUplink, type Invitation, keepAlive, openUplink } from './uplink.ts';

/** What is sent of a recording, in order: words and bytes. */
export type RecordingFrame =
  | { readonly kind: 'word'; readonly word: PlaybackHeader | RecordingEnd | ExportHeader | ExportEnd }
  | { readonly kind: LiveFrameKind; readonly atMs: number; readonly bytes: Uint8Array };

/** How far the viewer wants to see. */
export interface ReadAhead {
  /** Resolves once a group that begins at this time may be sent; rejects when the uplink is over. */
  admit(atMs: number): Promise<void>;
}

export interface RecordingUplinkOptions {
  readonly invitation: Invitation;
  /** Opens the recording. What it throws is told at the end of the uplink by `endFor`. */
  readonly open: (readAhead: ReadAhead) => AsyncIterable<RecordingFrame>;
  /** Where the viewer begins to look, ms since 1970. */
  readonly fromMs: number;
  /** The last word when something went wrong. */
  readonly endFor: (error: unknown) => RecordingEnd | ExportEnd;
  /** Whether others need the disk more at this moment. */
  readonly isBusy: () => boolean;
  /** The most that is sent a second, so that live views are not starved. */
  readonly maxBytesPerSec: number;
  readonly signal: AbortSignal;
}

export interface RecordingFigures {
  readonly sentBytes: number;
}

/** While recording waits for the disk, whoever reads looks again this often. */
const GIVE_WAY_MS = 100;

const More = createValidator(PlaybackMore);

/**
 * Sends a recording until it ends, the hub closes the uplink or the signal is aborted. A frame is read when the one before
 * it is on its way, so nothing piles up here. Resolves when the hub has accepted the uplink; `ended` never rejects.
 * @throws LinkError UPLINK_REFUSED
 */
export async function sendRecording(
  options: RecordingUplinkOptions,
): Promise<{ readonly ended: Promise<RecordingFigures> }> {
  const socket = await openUplink(options.invitation, options.signal);
  return { ended: pump(socket, options) };
}

async function pump(socket: WebSocket, options: RecordingUplinkOptions): Promise<RecordingFigures> {
  const over = new AbortController();
  socket.once('close', () => over.abort());
  if (socket.readyState !== socket.OPEN) over.abort();
  const stopPinging = keepAlive(socket);
  const startedAtMs = performance.now();
  let sentBytes = 0;
  try {
    for await (const frame of options.open(readAheadOf(socket, options.fromMs, over.signal))) {
      if (over.signal.aborted) break;
      if (frame.kind === 'word') {
        await send(socket, JSON.stringify(frame.word));
        continue;
      }
      const dueMs = startedAtMs + (sentBytes / options.maxBytesPerSec) * 1000;
      if (dueMs > performance.now()) await sleep(dueMs - performance.now(), undefined, { signal: over.signal });
      while (frame.kind === 'key' && options.isBusy()) await sleep(GIVE_WAY_MS, undefined, { signal: over.signal });
      await send(socket, encodeLiveFrame(frame.kind, frame.atMs, frame.bytes));
      sentBytes += frame.bytes.byteLength;
    }
  } catch (error) {
    if (!over.signal.aborted) await send(socket, JSON.stringify(options.endFor(error))).catch(() => undefined);
  } finally {
    stopPinging();
    over.abort();
    await closeUplink(socket);
  }
  return { sentBytes };
}

/** Resolves when the frame has been handed to the network: a hub that does not read is waited for. */
function send(socket: WebSocket, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(data, (error) => (error == null ? resolve() : reject(error)));
  });
}

function readAheadOf(socket: WebSocket, fromMs: number, over: AbortSignal): ReadAhead {
  let untilMs = fromMs + PLAYBACK_AHEAD_MS;
  let sentUntilMs = fromMs;
  let wake = Promise.withResolvers<void>();
  socket.on('message', (data, isBinary) => {
    const wantedMs = isBinary ? undefined : wantedUntil(String(data));
    if (wantedMs === undefined) return;
    untilMs = Math.max(untilMs, Math.min(wantedMs, sentUntilMs + PLAYBACK_MAX_AHEAD_MS));
    wake.resolve();
    wake = Promise.withResolvers<void>();
  });
  const ended = new Promise<never>((_, reject) => {
    const end = (): void => reject(over.reason);
    if (over.aborted) end();
    over.addEventListener('abort', end, { once: true });
  });
  ended.catch(() => undefined);
  return {
    async admit(atMs) {
      while (atMs >= untilMs) await Promise.race([wake.promise, ended]);
      sentUntilMs = atMs;
    },
  };
}

/** Whatever else comes is not meant for us. */
function wantedUntil(text: string): number | undefined {
  try {
    const word: unknown = JSON.parse(text);
    return More.is(word) ? Date.parse(word.until) : undefined;
  } catch {
    return undefined;
  }
}

/** Sends what is recorded: one frame, then close. @throws LinkError UPLINK_REFUSED */
export async function sendTimeline(invitation: Invitation, word: TimelineHeader, signal: AbortSignal): Promise<void> {
  const socket = await openUplink(invitation, signal);
  socket.send(JSON.stringify(word));
  await closeUplink(socket);
}
