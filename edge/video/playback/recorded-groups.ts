import type { RecordedPiece } from '../recording/recording-reader.ts';
import type { RecordingStore } from '../recording/recording-store.ts';

/** A group of pictures as it lies on disk, with the head of the segment it lies in. */
export interface RecordedGroup {
  readonly head: Buffer;
  /** `styp`, then each picture with its `prft`. */
  readonly bytes: Buffer;
  /** When its first picture was taken, ms since 1970. */
  readonly atMs: number;
}

export interface GroupRange {
  readonly device: string;
  /** Begins with the group that shows this instant, or with what comes next. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A month of recordings is not taken from the index at once, and what is filmed meanwhile is found. */
const WINDOW_MS = 60_000;

/**
 * The groups of a time, oldest first, as they are asked for; a gap is passed over.
 * @throws RecordingError RECORDING_DAMAGED; what the file system throws
 */
export async function* listGroups(
  store: Pick<RecordingStore, 'read' | 'index'>,
  { device, fromMs, untilMs }: GroupRange,
): AsyncGenerator<RecordedGroup, void> {
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let head: Buffer | undefined;
  let windowMs = fromMs;
  for (;;) {
    let isEmpty = true;
    const range = { device, fromMs: windowMs, untilMs: Math.min(windowMs + WINDOW_MS, untilMs) };
    for await (const piece of store.read(range)) {
      head = headAfter(piece, head);
      // The group that lasts from one window into the next is in both.
      if (piece.kind === 'init' || head === undefined || piece.atMs <= lastAtMs) continue;
      isEmpty = false;
      lastAtMs = piece.atMs;
      yield { head, bytes: piece.bytes, atMs: piece.atMs };
    }
    // From the last group on, not from the end of the window: it may have been filmed on while the caller was busy.
    const nextMs = isEmpty ? store.index().nextStart(device, windowMs) : lastAtMs;
    if (nextMs === undefined || nextMs >= untilMs) return;
    windowMs = nextMs;
  }
}

/** The same bytes are the same head: a segment ends every minute, the stream goes on. */
function headAfter({ kind, bytes }: RecordedPiece, head: Buffer | undefined): Buffer | undefined {
  return kind === 'init' && (head === undefined || !head.equals(bytes)) ? bytes : head;
}
