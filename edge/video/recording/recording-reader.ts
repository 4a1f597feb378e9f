import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { RecordingError } from './recording-error.ts';
import type { RecordingIndex, SegmentRow } from './recording-index.ts';
import { initLength } from './segment-format.ts';

/** What is played: the head of a segment, then its groups. Another head means that the stream began anew. */
export interface RecordedPiece {
  readonly kind: 'init' | 'group';
  /** `ftyp` and `moov`; or a group, whose first picture can be decoded without others. */
  readonly bytes: Buffer;
  /** When the first picture that follows was taken, ms since 1970. */
  readonly atMs: number;
}

/** A stretch of time without a gap in it. */
export interface RecordedStretch {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Segments of one run follow each other within a picture or two. */
export const SEAM_MS = 1_500;

/**
 * The stretches of [fromMs, untilMs) that were recorded, oldest first: between them there is nothing.
 */
export function listStretches(
  index: RecordingIndex,
  device: string,
  fromMs: number,
  untilMs: number,
): RecordedStretch[] {
  const stretches: { fromMs: number; untilMs: number }[] = [];
  for (const row of index.listBetween(device, fromMs, untilMs)) {
    const last = stretches.at(-1);
    if (last !== undefined && row.startedAtMs - last.untilMs <= SEAM_MS) {
      last.untilMs = Math.max(last.untilMs, row.endedAtMs);
    } else stretches.push({ fromMs: row.startedAtMs, untilMs: row.endedAtMs });
  }
  return stretches;
}

/**
 * Gives what was recorded of [fromMs, untilMs), from the group on that shows `fromMs`. A segment that goes meanwhile, at
 * the end of its time, is passed over.
 *
 * @throws RecordingError RECORDING_DAMAGED; what the file system throws
 */
export async function* readRecording(
  dir: string,
  index: RecordingIndex,
  { device, fromMs, untilMs }: { readonly device: string; readonly fromMs: number; readonly untilMs: number },
): AsyncGenerator<RecordedPiece, void> {
  for (const row of index.listBetween(device, fromMs, untilMs)) {
    const file = await openUnlessGone(join(dir, row.path));
    if (file === undefined) continue;
    try {
      yield* readSegment(file, row, fromMs, untilMs);
    } finally {
      await file.close();
    }
  }
}

async function* readSegment(
  file: FileHandle,
  { groups, bytes: length, path }: SegmentRow,
  fromMs: number,
  untilMs: number,
): AsyncGenerator<RecordedPiece, void> {
  const start = Math.max(
    0,
    groups.findLastIndex(({ atMs }) => atMs <= fromMs),
  );
  const wanted = groups.slice(start).filter(({ atMs }) => atMs < untilMs);
  const [first] = wanted;
  const headLength = groups[0]?.offset ?? 0;
  if (first === undefined) return;
  const head = await readExactly(file, 0, headLength, path);
  if (initLength(head) !== headLength) throw new RecordingError('RECORDING_DAMAGED', { detail: path });
  yield { kind: 'init', bytes: head, atMs: first.atMs };
  for (const [place, { offset, atMs }] of wanted.entries()) {
    const end = groups[start + place + 1]?.offset ?? length;
    yield { kind: 'group', bytes: await readExactly(file, offset, end - offset, path), atMs };
  }
}

async function readExactly(file: FileHandle, offset: number, length: number, path: string): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, offset);
  if (bytesRead !== length) throw new RecordingError('RECORDING_DAMAGED', { detail: path });
  return bytes;
}

async function openUnlessGone(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
