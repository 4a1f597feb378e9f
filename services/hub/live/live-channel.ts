import { DipperError, type ErrorCode, isDipperError } from '@dipper/contract/errors';
import { decodeLiveFrame, LIVE_FRAME_HEADER_BYTES, LiveHeader } from '@dipper/contract/uplink';
import { createValidator } from '@dipper/contract/validation';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import { closeWithCode } from '../plugins/web-socket-closing.ts';
import { createLiveGroup } from './live-group.ts';
import { createLiveViewer, type LiveViewer, type ViewerSocket } from './live-viewer.ts';

/** The edge goes on sending this long after the last viewer left: somebody who reloads the page sees a picture at once. */
export const LINGER_MS = 5_000;
/** A header has six short fields. */
const MAX_HEADER_BYTES = 1024;
/** An init segment describes one track; a few hundred bytes with H.264's parameter sets. */
const MAX_INIT_BYTES = 64 * 1024;
/** A key frame of a 4K camera at its best quality is well below; two would not fit behind one viewer. */
const MAX_PICTURE_BYTES = 4 * 1024 * 1024;
/** RFC 6455 §7.4.1: the uplink has served its purpose. */
const NORMAL_CLOSURE = 1000;

const Header = createValidator(LiveHeader);

/** One stream of one camera, however many watch it. */
export interface LiveChannel {
  join(socket: ViewerSocket): void;
  leave(socket: ViewerSocket): void;
  /** Closes the uplink and, with this error as the reason, every viewer. */
  end(code: ErrorCode): void;
}

export interface LiveChannelOptions {
  readonly device: string;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Asks the edge for the stream; resolves once its socket was handed over. @throws DipperError e.g. AGENT_OFFLINE */
  readonly openUplink: (accept: (socket: WebSocket) => void, signal: AbortSignal) => Promise<void>;
  readonly onSkipped: () => void;
  /** The channel has ended; whoever comes next gets a new one. */
  readonly onEnded: () => void;
}

export function createLiveChannel({ device, logger, openUplink, onSkipped, onEnded }: LiveChannelOptions): LiveChannel {
  const viewers = new Map<ViewerSocket, LiveViewer>();
  const group = createLiveGroup();
  const opening = new AbortController();
  let uplink: WebSocket | undefined;
  let lingering: NodeJS.Timeout | undefined;
  let ended = false;

  const end = (code: ErrorCode): void => {
    if (ended) return;
    ended = true;
    clearTimeout(lingering);
    opening.abort();
    uplink?.close(NORMAL_CLOSURE, 'nobody watches');
    onEnded();
    for (const socket of viewers.keys()) closeWithCode(socket, code);
    viewers.clear();
  };
  const receive = (data: RawData, isBinary: boolean): void => {
    const frame = data as Buffer;
    if (!isBinary) {
      if (frame.byteLength > MAX_HEADER_BYTES) throw tooLarge();
      const text = String(frame);
      const header = Header.parse(JSON.parse(text));
      if (header.device !== device) throw new DipperError('MESSAGE_INVALID', { message: 'another device' });
      group.header(text);
      for (const viewer of viewers.values()) viewer.header(text);
      return;
    }
    const kind = decodeLiveFrame(frame)?.kind;
    if (kind === undefined) throw new DipperError('MESSAGE_INVALID', { message: 'no live frame' });
    const content = frame.byteLength - LIVE_FRAME_HEADER_BYTES;
    if (content > (kind === 'init' ? MAX_INIT_BYTES : MAX_PICTURE_BYTES)) throw tooLarge();
    group.frame(kind, frame);
    for (const viewer of viewers.values()) viewer[kind](frame);
  };
  const accept = (socket: WebSocket): void => {
    if (ended) {
      socket.close(NORMAL_CLOSURE, 'nobody watches');
      return;
    }
    uplink = socket;
    socket.on('message', (data, isBinary) => {
      try {
        if (!ended) receive(data, isBinary);
      } catch (error) {
        logger.warn({ err: error, device }, 'live uplink sent what is not in the contract');
        end('MESSAGE_INVALID');
      }
    });
    socket.once('close', () => end('AGENT_OFFLINE'));
  };

  openUplink(accept, opening.signal).catch((error: unknown) => {
    if (!ended) logger.info({ err: error, device }, 'no live picture');
    end(isDipperError(error) ? error.code : 'INTERNAL');
  });

  return {
    join(socket) {
      clearTimeout(lingering);
      const viewer = createLiveViewer(socket, onSkipped);
      viewers.set(socket, viewer);
      group.catchUp(viewer);
    },
    leave(socket) {
      if (!viewers.delete(socket) || viewers.size > 0 || ended) return;
      lingering = setTimeout(() => end('NOT_FOUND'), LINGER_MS);
    },
    end,
  };
}

function tooLarge(): DipperError {
  return new DipperError('MESSAGE_INVALID', { message: 'larger than any frame of a camera' });
}
