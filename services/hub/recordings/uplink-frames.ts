import { on } from 'node:events';
import { DipperError } from '@dipper/contract/errors';
import { decodeLiveFrame, type LiveFrameKind } from '@dipper/contract/uplink';
import type { Validator } from '@dipper/contract/validation';
import type { RawData, WebSocket } from 'ws';

/** What came over the uplink of a recording. */
export type UplinkFrame<Word> =
  | { readonly kind: 'word'; readonly word: Word; readonly text: string }
  | {
      readonly kind: LiveFrameKind;
      readonly atMs: number;
      readonly content: Uint8Array;
      /** Header and content, as they came. */
      readonly bytes: Uint8Array;
    };

/** A time line of 31 days in short pieces, or the gaps of an export. */
const MAX_WORD_BYTES = 4 * 1024 * 1024;
/** Frames that wait here while whoever reads is busy; then the uplink is not read, and the edge waits. */
const MOST_WAITING = 16;

/**
 * The frames of an uplink, as they are asked for; ends when the edge closes it. To be called when the socket is handed
 * over, before its first frame.
 * @throws DipperError MESSAGE_INVALID while iterated
 */
export function uplinkFrames<Word>(socket: WebSocket, words: Validator<Word>): AsyncIterable<UplinkFrame<Word>> {
  const messages = on(socket, 'message', { close: ['close'], highWaterMark: MOST_WAITING, lowWaterMark: 4 });
  return readFrames(messages as AsyncIterable<[RawData, boolean]>, words);
}

async function* readFrames<Word>(
  messages: AsyncIterable<[RawData, boolean]>,
  words: Validator<Word>,
): AsyncGenerator<UplinkFrame<Word>, void> {
  for await (const [data, isBinary] of messages) {
    const bytes = data as Buffer;
    if (isBinary) {
      const frame = decodeLiveFrame(bytes);
      if (frame === undefined) throw new DipperError('MESSAGE_INVALID', { message: 'no frame of a recording' });
      yield { ...frame, bytes };
      continue;
    }
    if (bytes.byteLength > MAX_WORD_BYTES) throw new DipperError('MESSAGE_INVALID', { message: 'too long' });
    const text = String(bytes);
    yield { kind: 'word', word: words.parse(parseJson(text)), text };
  }
}

/** From the opening of an uplink to its first frame: the edge has it on its disk. */
const FIRST_FRAME_PATIENCE_MS = 10_000;

/** The first frame, of an edge that does not take for ever. @throws DipperError COMMAND_TIMEOUT, AGENT_OFFLINE */
export async function firstFrame<Word>(
  socket: WebSocket,
  frames: AsyncIterator<UplinkFrame<Word>>,
): Promise<UplinkFrame<Word>> {
  let isLate = false;
  const overdue = setTimeout(() => {
    isLate = true;
    socket.terminate();
  }, FIRST_FRAME_PATIENCE_MS);
  try {
    const { value, done } = await frames.next();
    if (done === true || value === undefined) throw new DipperError(isLate ? 'COMMAND_TIMEOUT' : 'AGENT_OFFLINE');
    return value as UplinkFrame<Word>;
  } finally {
    clearTimeout(overdue);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DipperError('MESSAGE_INVALID', { cause });
  }
}
