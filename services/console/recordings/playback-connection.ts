import {
  decodeLiveFrame,
  type LiveFrameKind,
  type PlaybackHeader,
  type PlaybackMore,
  type RecordingEnd,
} from '@dipper/contract/uplink';
import { closeReasonOf, type OpenSocket } from '../api/socket.ts';
import type { After } from '../time/after.ts';

/** The edge opens the file and sends its first group; longer takes only an edge that is stuck. */
export const FIRST_PICTURE_MS = 15_000;

export interface RecordedFrame {
  readonly kind: LiveFrameKind;
  /** When the picture was taken, ms since 1970. */
  readonly atMs: number;
  readonly content: Uint8Array;
}

/** Why nothing follows. */
export interface PlaybackEnd {
  /** Where there is something again; undefined where there is nothing more. */
  readonly nextAtMs: number | undefined;
  /** E.g. RECORDING_DAMAGED; undefined where it is simply the end of what was recorded. */
  readonly code: string | undefined;
}

export interface PlaybackConnectionOptions {
  readonly path: string;
  readonly openSocket: OpenSocket;
  readonly after: After;
  /** Ends the connection; nothing is told after that. */
  readonly signal: AbortSignal;
  /** A stream begins; its init segment follows. @param mime RFC 6381 */
  readonly onHeader: (mime: string) => void;
  readonly onFrame: (frame: RecordedFrame) => void;
  readonly onEnd: (end: PlaybackEnd) => void;
  /** The connection went without a word that it was over. A code of the contract or the page says why. */
  readonly onLost: (problem: string) => void;
}

export interface PlaybackConnection {
  /** Asks for what was recorded up to an instant; a group is sent whole. */
  askUntil(untilMs: number): void;
}

/** One run of recorded pictures, from one instant on, until it ends or is lost. */
export function connectPlayback(options: PlaybackConnectionOptions): PlaybackConnection {
  const { path, openSocket, after, signal, onHeader, onFrame, onEnd, onLost } = options;
  let isOver = false;
  let isLate = false;
  const socket = openSocket(path, {
    onOpen: () => {},
    onText(text) {
      if (isOver) return;
      const message = parseMessage(text);
      if (message?.kind === 'playback') onHeader(message.mime);
      if (message?.kind !== 'end') return;
      isOver = true;
      cancelPatience();
      const nextAtMs = message.nextAt === null ? undefined : Date.parse(message.nextAt);
      onEnd({ nextAtMs, code: message.code ?? undefined });
    },
    onBytes(bytes) {
      const frame = isOver ? undefined : decodeLiveFrame(bytes);
      if (frame === undefined) return;
      if (frame.kind !== 'init') cancelPatience();
      onFrame(frame);
    },
    onClose(end) {
      cancelPatience();
      if (isOver || signal.aborted) return;
      isOver = true;
      onLost(closeReasonOf(end) ?? (isLate ? 'COMMAND_TIMEOUT' : 'HUB_UNREACHABLE'));
    },
  });
  const cancelPatience = after(FIRST_PICTURE_MS, () => {
    isLate = true;
    socket.close();
  });
  signal.addEventListener(
    'abort',
    () => {
      cancelPatience();
      socket.close();
    },
    { once: true },
  );
  return {
    askUntil(untilMs) {
      const more: PlaybackMore = { kind: 'more', until: new Date(untilMs).toISOString() };
      socket.send(JSON.stringify(more));
    },
  };
}

/** The hub has checked it; this tells it from something else on the line. */
function parseMessage(text: string): PlaybackHeader | RecordingEnd | undefined {
  try {
    const message: unknown = JSON.parse(text);
    const isMessage = typeof message === 'object' && message !== null && 'kind' in message;
    return isMessage ? (message as PlaybackHeader | RecordingEnd) : undefined;
  } catch {
    return undefined;
  }
}
